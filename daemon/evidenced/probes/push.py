"""The look at what was pushed last: that it came in time, and what it says."""

import time
from datetime import UTC, datetime

from evidenced.config.kinds.push import PushSettings
from evidenced.probes.attempt import (
    Attempt,
    Fact,
    Failure,
    Judgement,
    Outcome,
    Reason,
    one_line,
)
from evidenced.probes.expectations.push import judge_push
from evidenced.probes.mailbox import Push, Waiting
from evidenced.probes.resources import Resources

FACT = "fact:"
"""What stands before the name of a fact that was pushed."""


async def probe(settings: PushSettings, timeout: float, resources: Resources) -> Attempt:
    """Look at the last push of the check of this name; see `Probe` for what holds for all kinds.

    Silence for longer than is allowed is a failure. But as long as no push was due since the daemon
    began to listen, nobody knows whether one was made, and the outcome is unknown: a start never
    makes a failure out of what was pushed while nobody listened.

    Facts: `age_seconds` and `received` (Unix time) of the push, `ok` where it says so,
    `duration_seconds`, the counts `tests`, `failures`, `errors`, `skipped`, `assertions` of a test
    run, and `fact:NAME` for each of its own facts that something is expected of.
    """
    return look(settings, resources.mailbox.look(settings.name), time.time())


def look(settings: PushSettings, waiting: Waiting, now: float) -> Attempt:
    """What is to be said at a time (seconds since the epoch) of what waits; pure."""
    began = time.monotonic()
    deadline, follows = _deadline(settings, waiting, now)
    judgements: tuple[Judgement, ...] = ()
    if now > deadline:
        judgements = (_arrival(waiting, now, deadline, met=False),)
    elif waiting.push is not None and follows:
        arrival = _arrival(waiting, now, deadline, met=True)
        judgements = (arrival, *judge_push(settings.expect, waiting.push))
    failure = next((Failure.of(each) for each in judgements if not each.met), None)
    outcome = Outcome.FAILURE if failure else Outcome.SUCCESS
    if not judgements:
        outcome, failure = Outcome.UNKNOWN, _nothing_yet(waiting, now, deadline)
    facts = _facts(settings, waiting.push, waiting.age) if waiting.push else {}
    return Attempt(outcome, now, time.monotonic() - began, failure, judgements, facts=facts)


def _deadline(settings: PushSettings, waiting: Waiting, now: float) -> tuple[float, bool]:
    """When silence begins to be a failure, and whether it is silence after the last push.

    It is not where the push that follows the last one was due before the daemon began to listen:
    that may have been made, so the next one is waited for.
    """
    opened = now - waiting.open_for
    if waiting.push is not None and (due := settings.due(now - waiting.age)) >= opened:
        return due + settings.grace, True
    return settings.due(opened) + settings.grace, False


def _arrival(waiting: Waiting, now: float, deadline: float, *, met: bool) -> Judgement:
    """Whether the last push came in time: the first of all expectations, of every check."""
    if met:
        found = _time(now - waiting.age)
    elif waiting.push is not None:
        found = f"none since {_time(now - waiting.age)}"
    else:
        found = f"none since the daemon began to listen at {_time(now - waiting.open_for)}"
    return Judgement("arrival", met, f"a push by {_time(deadline)}", found, Reason.TIMEOUT)


def _nothing_yet(waiting: Waiting, now: float, deadline: float) -> Failure:
    since = _time(now - waiting.open_for)
    detail = f"nothing pushed since the daemon began to listen at {since}; due by {_time(deadline)}"
    return Failure(Reason.DEPENDENCY, "", one_line(detail))


def _facts(settings: PushSettings, push: Push, age: float) -> dict[str, Fact]:
    seen: dict[str, Fact | None] = {
        "age_seconds": age,
        "received": push.received,
        "ok": push.ok,
        "duration_seconds": push.duration,
    }
    if tally := push.tally:
        seen |= {
            "tests": tally.tests,
            "failures": tally.failures,
            "errors": tally.errors,
            "skipped": tally.skipped,
            "assertions": tally.assertions,
        }
    seen |= {f"{FACT}{name}": push.facts.get(name) for name in settings.expect.facts}
    return {name: fact for name, fact in seen.items() if fact is not None}


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
