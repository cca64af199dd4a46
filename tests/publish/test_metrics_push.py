from collections.abc import Callable
from dataclasses import replace

import pytest

from evidenced.config.model import Config
from evidenced.ledger.model import Ledger
from evidenced.probes.attempt import Attempt, Fact, Outcome
from evidenced.publish.metrics import Metrics
from evidenced.watch.board import Board, Reading
from evidenced.watch.observation import Observation
from evidenced.watch.plan import make_plan

CHECK = {"name": "suite", "push": {"every": "1d", "token": "swordfish"}}


@pytest.fixture
def board() -> Board:
    config = Config.model_validate({"ledger": {"path": "STATE.md"}, "checks": [CHECK]})
    ledger = Ledger(updated=None, sections={}, headings=frozenset())
    return Board.of(make_plan(config, ledger), {}, Reading(True, 0.0))


def test_what_was_pushed_is_exported(
    board: Board, metrics: Metrics, series: Callable[..., dict[tuple[str, ...], float]]
) -> None:
    facts: dict[str, Fact] = {
        "age_seconds": 5.0,
        "received": 1000.0,
        "ok": True,
        "duration_seconds": 2.5,
        "tests": 19,
        "failures": 1,
        "errors": 2,
        "skipped": 3,
        "assertions": 53,
        "fact:rows": 7,
        "fact:full": False,
        "fact:host": "oven",
    }
    check = board.checks["suite"].check
    attempt = Attempt(Outcome.SUCCESS, 0.0, 0.0, facts=facts)
    board.record(Observation(check, 0.0, 0.0, (attempt,)))
    found = {
        name: series(f"probe_push_{name}", "check")["suite",]
        for name in (
            "age_seconds", "last_timestamp_seconds", "ok", "duration_seconds", "tests",
            "failures", "errors", "skipped", "assertions",
        )
    }  # fmt: skip
    assert list(found.values()) == [5.0, 1000.0, 1.0, 2.5, 19, 1, 2, 3, 53]
    assert series("probe_push_fact", "fact") == {("rows",): 7.0, ("full",): 0.0}
    assert series("probe_info", "kind", "target") == {("push", "/api/v1/push/suite"): 1.0}


def test_another_kind_has_none_of_it(
    board: Board, metrics: Metrics, series: Callable[..., dict[tuple[str, ...], float]]
) -> None:
    check = replace(board.checks["suite"].check, kind="http")
    board.checks["suite"] = replace(board.checks["suite"], check=check)
    attempt = Attempt(Outcome.SUCCESS, 0.0, 0.0, facts={"ok": True, "tests": 19, "fact:rows": 7})
    board.record(Observation(check, 0.0, 0.0, (attempt,)))
    assert series("probe_success", "check") == {("suite",): 1.0}
    assert series("probe_push_tests", "check") == {}
    assert series("probe_push_fact", "check") == {}
