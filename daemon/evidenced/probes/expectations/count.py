"""A number of things, or of bytes, held against the bounds that the configuration sets."""

from collections.abc import Callable

from evidenced.config.expect import CountRange, SizeRange
from evidenced.probes.attempt import Judgement, Reason


def judge_count(
    name: str,
    subject: str,
    found: int,
    bounds: CountRange | SizeRange,
    reason: Reason = Reason.STATUS,
    *,
    shown: Callable[[int], str] = str,
) -> Judgement:
    """Whether there are as many as there must be.

    `name` is the expectation's name, `subject` what is counted, to be read before "to be at least
    1"; `shown` writes a number for a person, as with a unit.
    """
    expected = f"{subject} to be {phrase(bounds, shown)}"
    return Judgement(name, within(bounds, found), expected, shown(found), reason)


def within(bounds: CountRange | SizeRange, value: int) -> bool:
    """Whether the value lies in the bounds, which belong to them."""
    return (bounds.min is None or value >= bounds.min) and (
        bounds.max is None or value <= bounds.max
    )


def phrase(bounds: CountRange | SizeRange, shown: Callable[[int], str] = str) -> str:
    """The bounds in words: `at least 1`, `at most 3`, `exactly 2`, `2 to 5`."""
    least, most = bounds.min, bounds.max
    if least is None:
        return f"at most {shown(most or 0)}"
    if most is None:
        return f"at least {shown(least)}"
    return f"exactly {shown(least)}" if least == most else f"{shown(least)} to {shown(most)}"
