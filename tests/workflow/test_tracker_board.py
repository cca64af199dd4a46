"""What of the board belongs into an issue tracker."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from evidenced.ledger.model import Item, Ledger, Section
from evidenced.probes.attempt import Attempt, Failure, Outcome, Reason
from evidenced.watch.board import Board, Reading
from evidenced.watch.drill import Drill
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check, Plan
from evidenced.watch.verdict import CheckState, Standing
from evidenced.workflow.tracker_board import Key, Matter, matters

NOW = 1000.0
KEPT = Failure(Reason.TIMEOUT, "", "no answer within 10s")


@pytest.fixture
def board(make_check: Callable[..., Check], make_item: Callable[..., Item]) -> Board:
    sections = {Section.STABLE: (make_item(),)}
    ledger = Ledger(updated=None, sections=sections, headings=frozenset(sections))
    plan = Plan(ledger, (make_check(),), (), ())
    return Board.of(plan, {}, Reading(config_loaded=True, config_loaded_at=0.0))


def stand(board: Board, standing: Standing, seen: Attempt | None = None) -> None:
    status = board.checks["ovens"]
    last = None if seen is None else Observation(status.check, NOW, 1.0, (seen,))
    state = CheckState(confirmed=standing, failure=KEPT)
    board.checks["ovens"] = replace(status, state=state, last=last)
    board.claims["ovens"] = replace(board.claims["ovens"], standing=standing, since=900.0)


def found(board: Board, *sections: str) -> Mapping[Key, Matter]:
    return matters(board, sections or ("stable",), NOW)


@pytest.mark.parametrize(
    ("standing", "on"),
    [
        (Standing.CONTRADICTED, True),
        (Standing.VERIFIED, False),
        (Standing.STALE, None),
        (Standing.UNKNOWN, None),
        (Standing.UNVERIFIED, None),
    ],
)
def test_only_what_is_sure_counts(board: Board, standing: Standing, on: bool | None) -> None:
    stand(board, standing)
    matter = found(board)["ovens", False]
    assert (matter.on, matter.since, matter.wanted) == (on, 900.0, True)
    assert bool(matter.symptoms) is (on is True)
    assert not found(board, "closed")["ovens", False].wanted


def test_the_newest_failure_is_told(board: Board) -> None:
    newest = Failure(Reason.STATUS, "status", "expected 200, found 502")
    stand(board, Standing.CONTRADICTED, Attempt(Outcome.FAILURE, NOW, 1.0, failure=newest))
    [symptom] = found(board)["ovens", False].symptoms
    assert (symptom.check, symptom.reason, symptom.detail) == ("ovens", "status", newest.detail)
    assert symptom.curl
    assert symptom.curl.endswith("https://bakery.example/ovens")


@pytest.mark.parametrize("outcome", [Outcome.SUCCESS, Outcome.UNKNOWN])
def test_where_the_last_run_saw_none_the_one_kept_is(board: Board, outcome: Outcome) -> None:
    blind = Failure(Reason.INTERNAL, "", "no file descriptors left")
    failure = blind if outcome is Outcome.UNKNOWN else None
    stand(board, Standing.CONTRADICTED, Attempt(outcome, NOW, 1.0, failure=failure))
    [symptom] = found(board)["ovens", False].symptoms
    assert symptom.detail == KEPT.detail


def test_the_summary_changes_with_the_kind_of_a_failure_only(board: Board) -> None:
    def summary(reason: Reason, detail: str) -> str:
        failure = Failure(reason, "status", detail)
        stand(board, Standing.CONTRADICTED, Attempt(Outcome.FAILURE, NOW, 1.0, failure=failure))
        return found(board)["ovens", False].summary

    first = summary(Reason.STATUS, "found 502 after 1.1s")
    assert first == summary(Reason.STATUS, "found 502 after 1.2s")
    assert first != summary(Reason.TIMEOUT, "no answer")
    stand(board, Standing.VERIFIED)
    assert found(board)["ovens", False].summary == ""


def test_a_drill_is_apart_from_how_the_claim_stands(board: Board) -> None:
    stand(board, Standing.VERIFIED)
    drill = Drill(
        claim="ovens", section="stable", began=990.0, until=1100.0, who="baker", why="try"
    )
    board.drills.begin(drill)
    all_of_them = found(board)
    assert all_of_them["ovens", True].on is True
    assert all_of_them["ovens", True].since == 990.0
    assert all_of_them["ovens", False].on is False
    assert list(matters(board, ("stable",), 1100.0)) == [("ovens", False)]
