"""What a sample of an SLO is, read off the board: the same cases as those of `test_slo_samples`."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evidenced.config.model import Config
from evidenced.probes.attempt import Attempt, Failure, Outcome, Reason
from evidenced.publish.alerts_sample import has, sample
from evidenced.publish.rules_settings import RuleSettings
from evidenced.publish.slo import Objective, objectives
from evidenced.watch.board import Blind, Board
from evidenced.watch.drill import Drill
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.sharing import Share
from evidenced.watch.vantage import View
from evidenced.watch.verdict import Standing

START = 1_800_000_000.0
Observe = Callable[..., None]


def of(kind: str, name: str, **slo: object) -> Objective:
    """An objective of the shop's configuration."""
    asked = {"objective": 99, **slo}
    check = {"name": name, "http": {"url": "https://rad.example/"}, "slo": asked}
    slos = {"claims": {name: {"slo": asked}}} if kind == "claim" else {"checks": [check]}
    config = Config.model_validate({"ledger": {"path": "STATE.md"}, **slos})
    (found,) = objectives(config, RuleSettings.of(config))
    return found


BELLS, RIDES = of("check", "bells"), of("claim", "stable-2")
REPAIRS = of("claim", "stable-1")


def stand(board: Board, standing: Standing, claim: str = "stable-2") -> None:
    board.claims[claim] = replace(board.claims[claim], standing=standing)


def test_a_check_is_as_its_last_run_was(
    board: Board, observe: Observe, good: Attempt, bad: Attempt, blind: Attempt
) -> None:
    assert sample(BELLS, board) is None
    found = []
    for attempt in (good, bad, blind, good):
        observe("bells", attempt)
        found.append(sample(BELLS, board))
    assert found == [True, False, None, True]


@pytest.mark.parametrize(("took", "expected"), [(0.5, True), (0.501, False)])
def test_a_slow_answer_is_no_good_one(
    took: float, expected: bool, board: Board, observe: Observe, good: Attempt, bad: Attempt
) -> None:
    quick = of("check", "bells", latency="500ms")
    observe("bells", replace(good, duration=took))
    assert sample(quick, board) is expected
    assert sample(BELLS, board) is True
    observe("bells", replace(bad, duration=0.1))
    assert sample(quick, board) is False


def _maintain(board: Board) -> None:
    board.begin(Maintenance("bells", START + 900, "new bells"), START + 1)


def _lose_the_view(board: Board) -> None:
    board.view = View(lost=START)


def _blame_the_parent(board: Board) -> None:
    board.checks["bells"] = replace(board.checks["bells"], blind=Blind.DEPENDENCY)


@pytest.mark.parametrize("cloud", [_maintain, _lose_the_view, _blame_the_parent])
def test_a_failing_check_of_which_that_says_nothing(
    cloud: Callable[[Board], None], board: Board, observe: Observe, bad: Attempt
) -> None:
    observe("bells", bad)
    cloud(board)
    assert sample(BELLS, board) is None


def test_what_waits_for_another_is_left_out(board: Board, observe: Observe, bad: Attempt) -> None:
    waits = Failure(Reason.DEPENDENCY, "", "nothing was pushed yet")
    observe("bells", Attempt(Outcome.FAILURE, START, 0.1, failure=waits))
    assert sample(BELLS, board) is None


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing.VERIFIED, True),
        (Standing.CONTRADICTED, False),
        (Standing.UNKNOWN, None),
        (Standing.STALE, None),
        (Standing.UNVERIFIED, None),
    ],
)
def test_a_claim_is_as_it_stands(standing: Standing, expected: bool | None, board: Board) -> None:
    stand(board, standing)
    assert sample(RIDES, board) is expected
    _lose_the_view(board)
    assert sample(RIDES, board) is None


def test_a_claim_of_which_a_check_is_in_maintenance_is_left_out(board: Board) -> None:
    for claim in ("stable-1", "stable-2"):
        stand(board, Standing.VERIFIED, claim)
    _maintain(board)
    assert (sample(RIDES, board), sample(REPAIRS, board)) == (None, True)


def test_a_drill_is_left_out(board: Board) -> None:
    stand(board, Standing.VERIFIED)
    drill = Drill(
        claim="stable-2", section="stable", began=START, until=START + 600, who="me", why="to see"
    )
    board.drills.begin(drill)
    assert sample(RIDES, board) is True


def test_a_claim_is_as_slow_as_the_slowest_of_its_checks(
    board: Board, observe: Observe, good: Attempt
) -> None:
    stand(board, Standing.VERIFIED)
    claim = board.claims["stable-2"]
    board.claims["stable-2"] = replace(claim, checks=("bells", "hub"))
    quick = of("claim", "stable-2", latency="500ms")
    assert sample(quick, board) is None
    found = []
    for one, took in (("bells", 0.1), ("hub", 0.6), ("hub", 0.1), ("bells", 0.6)):
        observe(one, replace(good, duration=took))
        stand(board, Standing.VERIFIED)
        board.claims["stable-2"] = replace(board.claims["stable-2"], checks=("bells", "hub"))
        found.append(sample(quick, board))
    assert found == [True, False, True, False]


def test_what_is_not_there_has_no_sample(board: Board) -> None:
    assert sample(of("check", "horns"), board) is None
    assert sample(of("claim", "horns-honk"), board) is None


def test_each_of_several_daemons_tells_of_its_own(board: Board) -> None:
    assert has(BELLS, board)
    assert has(RIDES, board)
    board.share = Share(0, 2, checks={"bells": 1}, claims={"stable-2": 1})
    assert not has(BELLS, board)
    assert not has(RIDES, board)
    assert has(of("check", "hub"), board)
