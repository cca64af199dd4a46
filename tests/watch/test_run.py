from collections.abc import Callable
from typing import cast

import pytest

from evidenced.probes.attempt import Attempt, Failure, Outcome, Reason
from evidenced.probes.resources import Resources
from evidenced.watch.plan import Check
from evidenced.watch.run import run
from stopwatch import Stopwatch

MakeCheck = Callable[..., Check]

NO_RESOURCES = cast("Resources", None)
"""The probe here is a script: it needs none."""


class Scripted:
    """A probe that gives one answer after another, the last one for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.timeouts: list[float] = []

    async def __call__(self, settings: object, timeout: float, resources: Resources) -> Attempt:
        self.timeouts.append(timeout)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "good":
            return Attempt(Outcome.SUCCESS, 0, 0)
        if answer == "internal":
            return Attempt(Outcome.UNKNOWN, 0, 0, Failure(Reason.INTERNAL, "", "bug"))
        facts = {"status_code": int(answer)} if answer.isdecimal() else {}
        reason = Reason.STATUS if facts else Reason(answer)
        return Attempt(Outcome.FAILURE, 0, 0, Failure(reason, "", "no"), facts=facts)


@pytest.mark.parametrize(
    ("answers", "on", "attempts", "result"),
    [
        (["good"], None, 1, "success"),
        (["connect", "good"], None, 2, "success"),
        (["timeout", "connect", "good"], None, 3, "success"),
        (["connect"], None, 3, "failure"),
        (["503", "good"], None, 2, "success"),
        (["404", "good"], None, 1, "failure"),
        (["body", "good"], None, 1, "failure"),
        (["internal", "good"], None, 1, "unknown"),
        (["404", "good"], ["404"], 2, "success"),
        (["404", "good"], ["4xx"], 2, "success"),
        (["body", "good"], ["body"], 2, "success"),
        (["connect", "good"], ["body"], 1, "failure"),
    ],
)
async def test_only_what_may_be_transient_is_tried_again(
    answers: list[str], on: list[str] | None, attempts: int, result: str, make_check: MakeCheck
) -> None:
    retry: dict[str, object] = {"attempts": 3, "wait": "1ms", "max_wait": "2ms"}
    check = make_check(retry=retry | ({"on": on} if on else {}))
    observation = await run(check, Scripted(*answers), NO_RESOURCES)
    assert (len(observation.attempts), observation.result) == (attempts, result)
    assert observation.retried is (attempts > 1)


async def test_a_run_ends_within_the_interval(make_check: MakeCheck) -> None:
    retry = {"attempts": 100, "wait": "50ms", "max_wait": "100ms"}
    check = make_check(interval="1s", timeout="400ms", retry=retry)
    probe = Scripted("connect")
    watch = Stopwatch()
    observation = await run(check, probe, NO_RESOURCES)
    assert watch.own() < 1.0
    assert len(observation.attempts) > 2
    # Half of the timeout at least, less what a busy machine oversleeps.
    assert all(0.1 <= timeout <= 0.4 for timeout in probe.timeouts)


async def test_waits_grow_and_are_random(make_check: MakeCheck) -> None:
    retry = {"attempts": 3, "wait": "40ms", "max_wait": "80ms"}
    check = make_check(interval="10s", timeout="1s", retry=retry)
    durations = [(await run(check, Scripted("connect"), NO_RESOURCES)).duration for _ in range(8)]
    assert max(durations) < 0.5
    assert max(durations) - min(durations) > 0.005
