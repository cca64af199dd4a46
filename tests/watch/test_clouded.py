"""What the board makes of failures that are not the target's: view, dependencies, maintenance."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from evidenced.config.model import Config
from evidenced.ledger.model import Ledger
from evidenced.watch.board import Board, Reading
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check, make_plan

Observe = Callable[..., Observation]
See = Callable[..., None]

READ = Reading(config_loaded=True, config_loaded_at=0.0)


def check(name: str, *claims: str, **more: object) -> dict[str, object]:
    url = {"url": f"http://127.0.0.1:9/{name}"}
    return {"name": name, "claims": list(claims), "http": url, **more}


@pytest.fixture
def board(make_ledger: Callable[..., Ledger]) -> Board:
    config = Config.model_validate(
        {
            "ledger": {"path": "STATE.md"},
            "checks": [
                check("gateway"),
                check("resolver"),
                check("backend", "backend"),
                check("orders", "orders", depends_on=["backend"]),
                check("cart", "cart"),
            ],
            "vantage": {"checks": ["gateway", "resolver"], "need": 2},
            "maintenance": [
                {
                    "claims": "cart",
                    "cron": "0 3 * * SUN",
                    "zone": "Europe/Berlin",
                    "lasts": "1h",
                    "why": "database upgrade",
                }
            ],
        }
    )
    return Board.of(make_plan(config, make_ledger("backend", "orders", "cart")), {}, READ)


@pytest.fixture
def see(board: Board, observe: Observe) -> See:
    def run(name: str, outcome: str, at: float, began: float | None = None) -> None:
        one: Check = board.checks[name].check
        seen = observe(one, outcome, at if began is None else began)
        board.record(Observation(one, seen.started, at - seen.started, seen.attempts))

    return run


def standings(board: Board) -> dict[str, str]:
    return {name: claim.standing.value for name, claim in board.claims.items()}


@pytest.fixture
def all_good(board: Board, see: See) -> None:
    for at, name in enumerate(board.checks):
        see(name, "success", float(at))
    assert set(standings(board).values()) == {"verified"}


@pytest.mark.usefixtures("all_good")
def test_nothing_is_contradicted_without_a_view(board: Board, see: See) -> None:
    see("gateway", "failure", 10)
    assert not board.view.up
    assert set(standings(board).values()) == {"unknown"}
    assert {claim.blind for claim in board.claims.values()} == {"vantage"}
    for at in (11, 12, 13):
        see("cart", "failure", at)
    see("gateway", "success", 20)
    assert board.view.up
    assert set(standings(board).values()) == {"verified"}
    assert board.checks["cart"].runs["failure"] == 3


@pytest.mark.usefixtures("all_good")
def test_what_was_contradicted_before_stays_so(board: Board, see: See) -> None:
    see("cart", "failure", 10)
    see("cart", "failure", 11)
    since = board.claims["cart"].since
    see("resolver", "failure", 12)
    assert standings(board) == {"backend": "unknown", "orders": "unknown", "cart": "contradicted"}
    see("resolver", "success", 13)
    assert standings(board) == {"backend": "verified", "orders": "verified", "cart": "contradicted"}
    assert board.claims["cart"].since == since


@pytest.mark.usefixtures("all_good")
def test_a_run_that_spans_an_outage_of_the_view_does_not_count(board: Board, see: See) -> None:
    see("gateway", "failure", 10)
    see("gateway", "success", 11)
    see("cart", "failure", 12, began=9)
    see("cart", "failure", 12, began=10.5)
    assert board.checks["cart"].state.failures == 0
    see("cart", "failure", 13, began=11.5)
    assert board.checks["cart"].state.failures == 1


@pytest.mark.usefixtures("all_good")
def test_after_a_clock_was_set_back_what_ended_in_its_future_excuses_nothing(
    board: Board, see: See
) -> None:
    for name in ("gateway", "backend"):
        see(name, "failure", 5000)
        see(name, "success", 5001)
    for at in (1000, 1060):
        see("cart", "failure", at)
        see("orders", "failure", at)
    assert standings(board)["cart"] == standings(board)["orders"] == "contradicted"


@pytest.mark.usefixtures("all_good")
def test_a_look_that_others_asked_for_excuses_them_and_confirms_nothing(
    board: Board, observe: Observe
) -> None:
    for at in (10, 11, 12):
        board.record(replace(observe(board.checks["backend"].check, "failure", at), beside=True))
    assert board.checks["backend"].failing
    assert standings(board) == {"backend": "verified", "orders": "unknown", "cart": "verified"}
    assert board.checks["backend"].state.failures == 0


@pytest.mark.usefixtures("all_good")
def test_while_a_dependency_fails_a_check_is_unknown_and_raises_nothing(
    board: Board, see: See
) -> None:
    see("backend", "failure", 10)
    for at in (11, 12, 13):
        see("orders", "failure", at)
    assert standings(board) == {"backend": "verified", "orders": "unknown", "cart": "verified"}
    assert board.claims["orders"].blind == "dependency"
    see("backend", "failure", 14)
    assert standings(board)["backend"] == "contradicted"
    see("orders", "failure", 16, began=13)
    see("backend", "success", 15)
    assert standings(board) == dict.fromkeys(standings(board), "verified")
    see("orders", "failure", 17, began=14)
    assert board.checks["orders"].state.failures == 0
    for at in (18, 19):
        see("orders", "failure", at)
    assert standings(board)["orders"] == "contradicted"


@pytest.mark.usefixtures("all_good")
def test_what_fires_already_may_resolve_while_its_dependency_fails(board: Board, see: See) -> None:
    see("orders", "failure", 10)
    see("orders", "failure", 11)
    see("backend", "failure", 12)
    assert standings(board)["orders"] == "contradicted"
    see("orders", "success", 13)
    assert standings(board)["orders"] == "unknown"


@pytest.mark.usefixtures("all_good")
def test_in_maintenance_a_standing_is_left_as_it_is(board: Board, see: See) -> None:
    work = Maintenance("cart", until=100.0, why="new shelves")
    board.begun = (work,)
    assert board.sweep(10) == ()
    assert board.claims["cart"].maintenance == work
    for at in (11, 12, 13):
        see("cart", "failure", at)
    assert standings(board)["cart"] == "verified"
    assert board.checks["cart"].last is not None
    assert board.checks["cart"].last.result == "failure"
    board.sweep(100)
    assert board.claims["cart"].maintenance is None
    for at in (101, 102):
        see("cart", "failure", at)
    assert standings(board)["cart"] == "contradicted"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "open_"),
    [
        pytest.param("2026-01-11 01:59:59", False, id="winter, before"),
        pytest.param("2026-01-11 02:00:01", True, id="winter, 03:00 in Berlin"),
        pytest.param("2026-01-11 03:00:01", False, id="winter, after"),
        pytest.param("2026-07-12 01:00:01", True, id="summer, 03:00 in Berlin"),
        pytest.param("2026-07-12 02:00:01", False, id="summer, after"),
        pytest.param("2026-03-29 01:00:01", True, id="clocks go forward: 02:00 is 03:00"),
        pytest.param("2026-10-25 02:00:01", True, id="clocks go back: 03:00 is 02:00 UTC"),
        pytest.param("2026-10-25 01:30:00", False, id="clocks go back: 02:30 comes twice"),
        pytest.param("2026-01-12 02:30:00", False, id="another day"),
    ],
)
def test_a_window_opens_by_the_clock_of_its_zone(now: str, open_: bool, board: Board) -> None:
    board.sweep(at(now))
    assert (board.checks["cart"].maintenance is not None) is open_
    assert board.checks["orders"].maintenance is None
