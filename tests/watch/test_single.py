from collections.abc import Mapping

import pytest

from evidenced.config.model import Config
from evidenced.ledger.parse import parse
from evidenced.probes.attempt import Attempt, Failure, Outcome, Reason
from evidenced.watch.board import Board, Reading
from evidenced.watch.observation import Observation
from evidenced.watch.plan import make_plan
from evidenced.watch.single import for_one_look, single_board

LEDGER = "## STABLE\n- Ovens\n- Bread\n- Till\n"


def look(outcomes: Mapping[str, str], **more: object) -> Board:
    """The board after one look at each check, in this order."""
    parents = {"bread": ["ovens"], "ovens": ["power"]}
    checks = [
        {
            "name": name,
            "claims": [name] if name in {"ovens", "bread", "till"} else [],
            "depends_on": parents.get(name, []),
            "http": {"url": "https://bakery.example/"},
        }
        for name in outcomes
    ]
    config = Config.model_validate({"ledger": {"path": "S.md"}, "checks": checks, **more})
    plan = for_one_look(make_plan(config, parse(LEDGER)))
    failure = Failure(Reason.STATUS, "status", "expected status 200, found 502")
    seen = [
        Observation(
            check,
            1000.0 + n,
            0.5,
            (Attempt(Outcome(outcomes[check.name]), 1000.0, 0.5, failure),),
        )
        for n, check in enumerate(plan.checks)
    ]
    return single_board(plan, {}, Reading(True, 0.0), seen)


def standings(board: Board) -> dict[str, str]:
    return {name: claim.standing.value for name, claim in board.claims.items()}


def test_a_single_run_is_confirmed() -> None:
    assert standings(look({"ovens": "success", "bread": "failure", "till": "unknown"})) == {
        "ovens": "verified",
        "bread": "contradicted",
        "till": "unknown",
    }


@pytest.mark.parametrize(
    "order", [("bread", "ovens", "power"), ("power", "ovens", "bread")], ids=str
)
def test_what_a_check_depends_on_comes_first_in_whatever_order_it_ended(
    order: tuple[str, ...],
) -> None:
    found = standings(look(dict.fromkeys(order, "failure")))
    assert (found["ovens"], found["bread"], found["till"]) == ("unknown", "unknown", "unverified")


def test_without_a_view_nothing_is_contradicted() -> None:
    board = look({"till": "failure", "gateway": "failure"}, vantage={"checks": ["gateway"]})
    assert standings(board)["till"] == "unknown"


def test_what_a_sentinel_depends_on_is_no_circle() -> None:
    board = look(
        {"bread": "failure", "ovens": "success", "power": "success"}, vantage={"checks": ["ovens"]}
    )
    assert standings(board) == {"bread": "contradicted", "ovens": "verified", "till": "unverified"}


def test_maintenance_leaves_what_is_seen() -> None:
    window = {"claims": "till", "cron": "* * * * *", "lasts": "1h", "why": "a new till"}
    board = look({"till": "failure"}, maintenance=[window])
    assert standings(board)["till"] == "contradicted"
    assert board.claims["till"].maintenance is not None
