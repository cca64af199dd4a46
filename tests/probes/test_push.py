from typing import Any

import pytest

from evidenced.config.kinds.push import PushSettings
from evidenced.probes.attempt import Outcome, Reason
from evidenced.probes.mailbox import Push, Waiting
from evidenced.probes.push import look, probe
from evidenced.probes.resources import Resources
from evidenced.probes.tally import Tally

HOUR, DAY = 3600.0, 86_400.0
NOW = 1_795_608_000.0  # 2026-11-25 12:00:00 UTC
DAILY: dict[str, Any] = {"every": "1d", "grace": "1h"}
NIGHTLY: dict[str, Any] = {"cron": "30 3 * * *", "time_zone": "Europe/Athens", "grace": "1h"}


def ok(age: float) -> Push:
    return Push(NOW - age)


@pytest.mark.parametrize(
    ("settings", "open_for", "age", "outcome", "detail"),
    [
        pytest.param(DAILY, 30 * DAY, 0, "success", None, id="just now"),
        pytest.param(DAILY, 30 * DAY, DAY + HOUR, "success", None, id="at the last moment"),
        pytest.param(
            DAILY,
            30 * DAY,
            DAY + HOUR + 1,
            "failure",
            "expected a push by 2026-11-25 11:59:59 UTC, found none since 2026-11-24 10:59:59 UTC",
            id="silent",
        ),
        pytest.param(
            DAILY,
            HOUR,
            None,
            "unknown",
            "nothing pushed since the daemon began to listen at 2026-11-25 11:00:00 UTC; due by "
            "2026-11-26 12:00:00 UTC",
            id="never, but not long ago",
        ),
        pytest.param(
            DAILY,
            DAY + 2 * HOUR,
            None,
            "failure",
            "expected a push by 2026-11-25 11:00:00 UTC, found none since the daemon began to "
            "listen at 2026-11-24 10:00:00 UTC",
            id="never, for too long",
        ),
        # What follows are the ages of pushes from before a restart.
        pytest.param(DAILY, 60, HOUR, "success", None, id="known from before"),
        pytest.param(DAILY, HOUR, DAY + HOUR + 1, "unknown", None, id="due while nobody listened"),
        pytest.param(DAILY, HOUR + 2, DAY + HOUR + 1, "failure", None, id="due while we listened"),
        pytest.param(DAILY, 60, 9 * DAY, "unknown", None, id="long gone"),
        # 03:30 in Athens is 01:30 UTC, 10.5 hours ago.
        pytest.param(NIGHTLY, 30 * DAY, 10.4 * HOUR, "success", None, id="cron: after its time"),
        pytest.param(
            NIGHTLY,
            30 * DAY,
            10.6 * HOUR,
            "failure",
            "expected a push by 2026-11-25 02:30:00 UTC, found none since 2026-11-25 01:24:00 UTC",
            id="cron: not since",
        ),
        pytest.param(NIGHTLY, 10.4 * HOUR, None, "unknown", None, id="cron: begun since"),
        pytest.param(NIGHTLY, 10.6 * HOUR, None, "failure", None, id="cron: begun before"),
        pytest.param(NIGHTLY, 9 * HOUR, 20 * HOUR, "unknown", None, id="cron: nobody listened"),
    ],
)
def test_silence(
    settings: dict[str, Any],
    open_for: float,
    age: float | None,
    outcome: str,
    detail: str | None,
) -> None:
    waiting = Waiting(open_for) if age is None else Waiting(open_for, ok(age), age)
    attempt = look(PushSettings.model_validate(settings), waiting, NOW)
    assert attempt.outcome == outcome
    if outcome == "failure":
        assert attempt.failure is not None
        assert (attempt.failure.reason, attempt.failure.expectation) == (Reason.TIMEOUT, "arrival")
        assert [j.name for j in attempt.judgements] == ["arrival"]
    if outcome == "unknown":
        assert attempt.failure is not None
        assert attempt.failure.reason is Reason.DEPENDENCY
        assert attempt.judgements == ()
    if detail is not None:
        assert attempt.failure is not None
        assert attempt.failure.detail == detail
    assert attempt.facts.get("age_seconds") == age


def test_facts_of_a_test_run() -> None:
    tally = Tally(19, skipped=1, assertions=53, seconds=2.5)
    push = Push(NOW - 5, None, "", 2.5, tally, {"rows": 3, "host": "oven", "secret": "x"})
    settings = PushSettings.model_validate(
        {
            **DAILY,
            "expect": {"facts": {"rows": {"gt": 0}, "host": "oven", "gone": {"exists": False}}},
        }
    )
    attempt = look(settings, Waiting(DAY, push, 5.0), NOW)
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts == {
        "age_seconds": 5.0,
        "received": NOW - 5,
        "duration_seconds": 2.5,
        "tests": 19,
        "failures": 0,
        "errors": 0,
        "skipped": 1,
        "assertions": 53,
        "fact:rows": 3,
        "fact:host": "oven",
    }


async def test_the_probe_looks_at_the_slot_of_its_own_check(resources: Resources) -> None:
    settings = PushSettings.model_validate(DAILY).named("backup")
    assert (await probe(settings, 1.0, resources)).outcome is Outcome.UNKNOWN
    resources.mailbox.open(["backup", "other"])
    resources.mailbox.put("other", ok(0))
    assert (await probe(settings, 1.0, resources)).outcome is Outcome.UNKNOWN
    resources.mailbox.put("backup", Push(NOW, ok=False))
    assert (await probe(settings, 1.0, resources)).outcome is Outcome.FAILURE
