"""What stands in a body, held against what must and must not."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from evidenced.config.expect import BodyExpect, SizeRange
from evidenced.config.types import Pattern
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.expectations.answer import Body
from evidenced.probes.expectations.compare import literal
from evidenced.probes.expectations.count import phrase, within
from evidenced.probes.expectations.words import has_words

P = TypeVar("P")


def judge_body(expect: BodyExpect, body: Body) -> Iterator[Judgement]:
    """One judgement for each of contains, not_contains, matches and not_matches that is asked for.

    A body that was cut off can show that something is in it, never that something is not: what
    cannot be decided on it is not met, for the reason that it is too large.
    """
    text = body.text()

    def contains(part: str) -> bool:
        if expect.words:
            return has_words(text, part, open_end=not body.complete)
        return part in text

    def matches(pattern: Pattern) -> bool:
        return pattern.found_in(text)

    if expect.contains:
        yield _all_in("contains", expect.contains, contains, body)
    if expect.not_contains:
        yield _none_in("not_contains", expect.not_contains, contains, body)
    if expect.matches:
        yield _all_in("matches", expect.matches, matches, body)
    if expect.not_matches:
        yield _none_in("not_matches", expect.not_matches, matches, body)


def judge_limit(limit: int, body: Body) -> Judgement:
    """Whether the body is not larger than the limit that is set for it."""
    found = f"{len(body.data):,} bytes" if body.complete else "more"
    return Judgement(
        "body:limit", body.complete, f"at most {limit:,} bytes of body", found, Reason.TOO_LARGE
    )


def judge_size(bounds: SizeRange, body: Body) -> Judgement:
    """Whether the body is as large as it must be, decompressed; of one cut off, as far as read."""
    size, shown = len(body.data), "{:,} bytes".format
    expected = f"a body of {phrase(bounds, shown)}"
    if body.complete:
        return Judgement("body:size", within(bounds, size), expected, shown(size), Reason.BODY)
    if bounds.max is not None and size >= bounds.max:
        return Judgement("body:size", False, expected, f"more than {shown(size)}", Reason.BODY)
    if bounds.max is None and bounds.min is not None and size >= bounds.min:
        return Judgement("body:size", True, expected, f"more than {shown(size)}", Reason.BODY)
    return undecided("body:size", expected, body)


def undecided(name: str, expected: str, body: Body) -> Judgement:
    """The judgement of what cannot be decided on the part of a body that was read."""
    found = f"a body of more than {len(body.data):,} bytes"
    return Judgement(name, False, expected, found, Reason.TOO_LARGE)


def _all_in(name: str, parts: Sequence[P], found: Callable[[P], bool], body: Body) -> Judgement:
    name = f"body:{name}"
    absent = [part for part in parts if not found(part)]
    expected = f"{_literals(absent[:1] or parts)} in the body"
    if absent and not body.complete:
        return undecided(name, expected, body)
    seen = f"{len(body.data):,} bytes {'without' if absent else 'with'} it"
    return Judgement(name, not absent, expected, seen, Reason.BODY)


def _none_in(name: str, parts: Sequence[P], found: Callable[[P], bool], body: Body) -> Judgement:
    name = f"body:{name}"
    present = [part for part in parts if found(part)]
    expected = f"no {_literals(present[:1] or parts)} in the body"
    if not present and not body.complete:
        return undecided(name, expected, body)
    seen = f"{len(body.data):,} bytes {'with' if present else 'without'} it"
    return Judgement(name, not present, expected, seen, Reason.BODY)


def _literals(parts: Sequence[object]) -> str:
    return " and ".join(map(literal, parts))
