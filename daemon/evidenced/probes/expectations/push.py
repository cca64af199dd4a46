"""All that a check may assert on what was pushed, in the order in which a failure is told."""

from collections.abc import Iterator
from dataclasses import replace

from evidenced.config.expect import CountRange
from evidenced.config.kinds.push import PushExpect
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Judgement, Reason, one_line
from evidenced.probes.expectations.compare import MISSING, compare
from evidenced.probes.expectations.count import judge_count, phrase
from evidenced.probes.mailbox import Push
from evidenced.probes.tally import Tally

NONE = CountRange(min=0, max=0)
SOME = CountRange(min=1)


def judge_push(expect: PushExpect, push: Push) -> Iterator[Judgement]:
    """One judgement for each thing expected of a push.

    The names: `ok`, `tests`, `failures`, `errors`, `skipped`, `assertions`, `duration` and
    `fact:NAME`. The message of a push that is not ok is told in one line; no text of a fact is.
    """
    for judgement in _judge(expect, push):
        yield replace(
            judgement, expected=one_line(judgement.expected), found=one_line(judgement.found)
        )


def _judge(expect: PushExpect, push: Push) -> Iterator[Judgement]:
    if push.ok is not None or push.tally is None:
        yield _judge_ok(expect.ok, push)
    yield from _judge_counts(expect, push.tally)
    if expect.duration is not None:
        yield _judge_duration(expect.duration, push.duration)
    for name, comparison in expect.facts.items():
        verdict = compare(push.facts.get(name, MISSING), comparison)
        yield Judgement(
            f"fact:{name}",
            verdict.met,
            f"fact {name} {verdict.expected}",
            verdict.found,
            Reason.STATUS,
        )


def _judge_ok(expected: bool, push: Push) -> Judgement:
    ok = push.ok is not False
    found = _said(ok) + (f": {push.message}" if push.message else "")
    return Judgement(
        "ok", ok is expected, f"a push that says {_said(expected)}", found, Reason.STATUS
    )


def _said(ok: bool) -> str:
    return "ok" if ok else "not ok"


def _judge_counts(expect: PushExpect, tally: Tally | None) -> Iterator[Judgement]:
    """The counts of a test run: those expected, and those that no run may have."""
    wanted = {
        "tests": expect.tests,
        "failures": expect.failures,
        "errors": expect.errors,
        "skipped": expect.skipped,
        "assertions": expect.assertions,
    }
    if tally is not None:
        defaults = {"tests": SOME, "failures": NONE, "errors": NONE}
        wanted |= {name: wanted[name] or bounds for name, bounds in defaults.items()}
    for name, bounds in wanted.items():
        if bounds is None:
            continue
        found = None if tally is None else getattr(tally, name)
        if found is None:
            yield Judgement(
                name, False, f"{name} to be {phrase(bounds)}", "no count", Reason.STATUS
            )
        elif name == "tests" and tally is not None and not tally.ran:
            skipped = f" ({tally.skipped} skipped)" if tally.skipped else ""
            expected = f"{name} to be {phrase(bounds if bounds.min else SOME)}"
            yield Judgement(name, False, expected, f"no test that ran{skipped}", Reason.STATUS)
        else:
            yield judge_count(name, name, found, bounds)


def _judge_duration(longest: float, duration: float | None) -> Judgement:
    expected = f"a duration of at most {format_duration(longest)}"
    if duration is None:
        return Judgement("duration", False, expected, "none", Reason.LATENCY)
    met = duration <= longest
    return Judgement("duration", met, expected, format_duration(duration), Reason.LATENCY)
