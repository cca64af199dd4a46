"""What comes back after a restart, and what must not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evidenced.config.model import Config
from evidenced.evidence.records import JSON, Saved
from evidenced.ledger.model import Ledger
from evidenced.watch.board import Blind, Board, CheckStatus, Reading
from evidenced.watch.keeping import (
    beat_of,
    ended,
    last_alive,
    lasting,
    maintenance_of,
    restored_claims,
    restored_maintenance,
    restored_states,
    state_of,
    stood_of,
)
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check, make_plan

Observe = Callable[..., Observation]
Kept = dict[tuple[str, str], JSON]
INTERVAL = 60.0


@pytest.fixture
def fresh(make_ledger: Callable[..., Ledger]) -> Callable[[], Board]:
    """A board of a daemon that has just started."""

    def make() -> Board:
        names = {"gateway": [], "backend": ["backend"], "orders": ["orders", "both"]}
        checks = [
            {"name": name, "claims": claims, "http": {"url": f"http://127.0.0.1:9/{name}"}}
            for name, claims in names.items()
        ]
        checks[2]["depends_on"] = ["backend"]
        checks.append({"name": "cart", "claims": ["both"], "http": {"url": "http://127.0.0.1:9/"}})
        config = Config.model_validate(
            {
                "ledger": {"path": "STATE.md"},
                "defaults": {"interval": "60s", "confirm": {"failures": 2}},
                "checks": checks,
                "vantage": {"checks": ["gateway"]},
            }
        )
        plan = make_plan(config, make_ledger("backend", "orders", "both"))
        return Board.of(plan, {}, Reading(config_loaded=True, config_loaded_at=0.0))

    return make


def see(board: Board, observe: Observe, *runs: tuple[str, str, float]) -> None:
    for name, outcome, at in runs:
        board.record(observe(board.checks[name].check, outcome, at))


def kept(board: Board) -> Kept:
    saved: list[Saved] = [state_of(status) for status in board.checks.values()]
    saved += [stood_of(claim) for claim in board.claims.values()]
    return {(one.kind, one.name): one.state for one in saved}


def restart(fresh: Callable[[], Board], saved: Kept, now: float) -> tuple[Board, int]:
    board = fresh()
    checks = [status.check for status in board.checks.values()]
    changes = board.restore(
        restored_states(saved, checks),
        restored_claims(saved),
        restored_maintenance(saved, now),
        now,
    )
    return board, len(changes)


GOOD = [(name, "success", 10.0) for name in ("gateway", "backend", "orders", "cart")]


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param(GOOD, id="verified"),
        pytest.param([*GOOD, ("cart", "failure", 20.0), ("cart", "failure", 30.0)], id="one bad"),
        pytest.param(
            [
                *GOOD,
                *(("cart", "failure", at) for at in (20.0, 30.0)),
                *(("orders", "failure", at) for at in (40.0, 50.0)),
            ],
            id="both checks of a claim bad, one after the other",
        ),
        pytest.param([*GOOD, ("gateway", "failure", 20.0)], id="no view"),
        pytest.param([*GOOD, ("backend", "failure", 20.0)], id="what it depends on fails"),
    ],
)
def test_a_restart_alone_changes_nothing(
    runs: list[tuple[str, str, float]], fresh: Callable[[], Board], observe: Observe
) -> None:
    before = fresh()
    see(before, observe, *runs)
    after, changes = restart(fresh, kept(before), 100.0)
    assert after.claims == before.claims
    assert changes == 0
    assert {n: s.standing for n, s in after.checks.items()} == {
        n: s.standing for n, s in before.checks.items()
    }


def test_a_check_stays_blind_for_what_failed_before(
    fresh: Callable[[], Board], observe: Observe
) -> None:
    before = fresh()
    see(before, observe, *GOOD, ("backend", "failure", 20.0))
    after, _ = restart(fresh, kept(before), 100.0)
    assert after.checks["orders"].blind is Blind.DEPENDENCY
    see(after, observe, ("orders", "failure", 110.0), ("orders", "failure", 120.0))
    assert after.claims["orders"].standing == "unknown"


def test_what_another_version_kept_is_left_out(
    fresh: Callable[[], Board], observe: Observe
) -> None:
    before = fresh()
    see(before, observe, *GOOD)
    saved = kept(before)
    state = saved["check", "cart"]
    assert isinstance(state, dict)
    saved["check", "cart"] = {"fingerprint": state["fingerprint"], "confirmed": "splendid"}
    saved["claim", "orders"] = ["verified"]
    after, _ = restart(fresh, saved, 100.0)
    assert after.checks["cart"].standing == "unverified"
    assert after.checks["orders"].standing == "verified"


@pytest.mark.parametrize(
    ("last", "began", "verified"),
    [
        pytest.param("success", 0.0, 940.0, id="watched all the time"),
        pytest.param("success", 990.0, 10.0, id="killed before it looked again"),
        pytest.param("failure", 0.0, 10.0, id="the last run was not good"),
    ],
)
def test_a_kill_leaves_no_gap_that_was_not_there(
    last: str, began: float, verified: float, fresh: Callable[[], Board], observe: Observe
) -> None:
    before = fresh()
    see(before, observe, *GOOD)
    if last != "success":
        see(before, observe, ("cart", last, 20.0))
    beat = beat_of(1000.0, began)
    after, _ = restart(fresh, kept(before) | {(beat.kind, beat.name): beat.state}, 2000.0)
    assert after.checks["cart"].state.last_verified == verified


def test_what_ends_a_row_of_good_runs_is_kept(
    make_check: Callable[..., Check], observe: Observe
) -> None:
    check = make_check()
    held = CheckStatus(check, last=observe(check, "success", 10.0))
    held = replace(held, state=replace(held.state, last_verified=10.0))
    assert not lasting(held, held)
    assert lasting(held, replace(held, last=observe(check, "unknown", 20.0)))


def test_maintenance_comes_back_unless_it_is_over(
    fresh: Callable[[], Board], observe: Observe
) -> None:
    before = fresh()
    see(before, observe, *GOOD)
    records = [
        maintenance_of(Maintenance("cart", 500.0, "a new till")),
        maintenance_of(Maintenance("backend", 90.0, "over")),
    ]
    saved = kept(before) | {(one.kind, one.name): one.state for one in records}
    after, _ = restart(fresh, saved, 100.0)
    assert [one.subject for one in after.begun] == ["cart"]
    see(after, observe, ("cart", "success", 300.0), ("cart", "failure", 310.0))
    see(after, observe, ("cart", "failure", 320.0), ("cart", "failure", 330.0))
    assert after.claims["both"].standing == "verified"
    assert after.checks["cart"].state.last_verified == 300.0
    assert after.end("cart", 340.0) == ()
    assert after.checks["cart"].maintenance is None
    assert ended("cart").state is None


def test_maintenance_on_one_subject_takes_the_place_of_the_one_before(
    fresh: Callable[[], Board],
) -> None:
    board = fresh()
    board.begin(Maintenance("cart", 500.0, "first"), 0.0)
    board.begin(Maintenance("cart", 300.0, "second"), 0.0)
    assert [one.why for one in board.begun] == ["second"]
    assert board.claims["both"].maintenance == board.begun[0]


@pytest.mark.parametrize(
    ("beat", "alive"),
    [
        (beat_of(12.5, 1.0).state, 12.5),
        ({"at": 12}, 12.0),
        ({"at": "noon"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_when_the_daemon_was_last_alive(beat: JSON, alive: float | None) -> None:
    assert last_alive({("daemon", "beat"): beat}) == alive
    assert last_alive({}) is None
