"""What one shard keeps, as another has it on its board."""

from collections.abc import Callable

import pytest

from evidenced.config.model import Config
from evidenced.evidence.records import Saved
from evidenced.ledger.model import Ledger
from evidenced.watch.board import Blind, Board, Reading
from evidenced.watch.hearing import Hearing
from evidenced.watch.keeping import state_of, stood_of
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Plan, make_plan
from evidenced.watch.shards import SILENT, Roll, Shard
from evidenced.watch.sharing import shared
from evidenced.watch.verdict import Standing

Observe = Callable[..., Observation]
COUNT, WALL = 2, 10_000.0
PAGES = tuple(f"page-{number}" for number in range(8))


@pytest.fixture
def plan(make_ledger: Callable[..., Ledger]) -> Plan:
    checks = [
        {"name": name, "claims": [name], "http": {"url": f"http://127.0.0.1:9/{name}"}}
        for name in (*PAGES, "gateway")
    ]
    config = Config.model_validate(
        {
            "ledger": {"path": "STATE.md"},
            "defaults": {"interval": "60s", "confirm": {"failures": 1}},
            "checks": checks,
            "vantage": {"checks": ["gateway"]},
        }
    )
    return make_plan(config, make_ledger(*PAGES, "gateway", "only-said"))


def board_of(plan: Plan, index: int) -> Board:
    reading = Reading(config_loaded=True, config_loaded_at=0.0)
    return Board.of(plan, {}, reading, shared(plan, index, COUNT))


@pytest.fixture
def there(plan: Plan) -> Board:
    return board_of(plan, 1)


@pytest.fixture
def here(plan: Plan) -> Board:
    return board_of(plan, 0)


@pytest.fixture
def page(here: Board) -> str:
    """A claim, and its check, of the other shard."""
    return next(name for name in PAGES if not here.share.has_claim(name))


def see(board: Board, observe: Observe, name: str, outcome: str, at: float) -> list[Saved]:
    """Record a look; what is then kept of it."""
    changes = board.record(observe(board.checks[name].check, outcome, at))
    return [state_of(board.checks[name]), *(stood_of(change.claim) for change in changes)]


def roll(*said: tuple[float, float]) -> Roll:
    """The other shard as it was heard of at these times: its own, and by our clock since."""
    called = Roll(0)
    for at, now in said:
        called.call({1: Shard(1, COUNT, "b:9321", at, WALL - 5000)}, WALL, now)
    return called


async def test_a_standing_is_as_the_other_shard_has_it_with_why(
    here: Board, there: Board, page: str, observe: Observe
) -> None:
    hearing = Hearing(here)
    await hearing.take(see(there, observe, page, "failure", WALL - 100))
    assert await hearing.tell(roll((WALL, 1.0)), WALL)
    claim = here.claims[page]
    assert (claim.standing, claim.since, claim.shard) == ("contradicted", WALL - 100, 1)
    assert claim.contradicted == WALL - 100
    failure = here.checks[page].state.failure
    assert failure is not None
    assert failure.reason == "status"
    assert here.heard == {}, "whoever calls the roll says that"
    assert not await hearing.tell(roll((WALL, 1.0)), WALL), "it is no news any more"


async def test_what_held_goes_on_holding_while_its_shard_lives(
    here: Board, there: Board, page: str, observe: Observe
) -> None:
    hearing = Hearing(here)
    await hearing.take(see(there, observe, page, "success", WALL - 900))
    await hearing.tell(roll((WALL - 20, 1.0)), WALL)
    assert here.claims[page].standing == "verified"
    assert here.claims[page].last_verified == WALL - 20 - 60, "an interval before its last word"
    assert here.claims[page].since == WALL - 900


async def test_of_a_silent_shard_nothing_is_known_but_what_is_contradicted(
    here: Board, there: Board, observe: Observe
) -> None:
    hearing = Hearing(here)
    theirs = [name for name in PAGES if not here.share.has_claim(name)]
    for name in theirs:
        outcome = "failure" if name == theirs[0] else "success"
        await hearing.take(see(there, observe, name, outcome, WALL - 100))
    await hearing.tell(roll((WALL, 1.0)), WALL)
    silent = roll((WALL, 1.0), (WALL, 2.0 + SILENT))
    assert await hearing.tell(silent, WALL)
    assert {here.claims[name].standing for name in theirs[1:]} == {Standing.UNKNOWN}
    assert here.claims[theirs[1]].blind is Blind.SHARD
    assert here.claims[theirs[0]].standing == "contradicted"
    assert await hearing.tell(roll((WALL, 1.0), (WALL + 50, 2.0 + SILENT)), WALL)
    assert {here.claims[name].standing for name in theirs[1:]} == {Standing.VERIFIED}
    assert here.claims[theirs[1]].since == WALL - 100


async def test_what_this_shard_looks_at_is_nothing_that_it_is_told(
    here: Board, there: Board, observe: Observe
) -> None:
    hearing = Hearing(here)
    own = next(name for name in PAGES if here.share.has_claim(name))
    see(here, observe, own, "success", WALL - 10)
    see(here, observe, "gateway", "success", WALL - 10)
    other = board_of(here.plan, 0)
    await hearing.take(
        [
            *see(other, observe, own, "failure", WALL),
            *see(there, observe, "gateway", "failure", WALL),
        ]
    )
    await hearing.tell(roll((WALL, 1.0)), WALL)
    assert here.claims[own].standing == "verified"
    assert here.checks["gateway"].standing == "verified", "each has a view of its own"
    assert there.view.up is False
    assert here.view.up


async def test_work_on_a_claim_is_seen_wherever_it_is_looked_at(here: Board, page: str) -> None:
    work = Maintenance(page, WALL + 60, "new oven")
    here.work_on([work], WALL)
    await Hearing(here).tell(roll((WALL, 1.0)), WALL)
    assert here.claims[page].maintenance == work
    await Hearing(here).tell(roll((WALL, 1.0)), WALL + 61)
    assert here.claims[page].maintenance is None


async def test_a_claim_that_is_handed_over_goes_on_where_it_was(
    here: Board, there: Board, plan: Plan, page: str, observe: Observe
) -> None:
    hearing = Hearing(here)
    await hearing.take(see(there, observe, page, "failure", WALL - 100))
    await hearing.tell(roll((WALL, 1.0)), WALL)
    assert here.adopt(plan, {}, shared(plan, 0, 1)) == (), "no change of standing comes of it"
    assert (here.claims[page].shard, here.claims[page].standing) == (None, "contradicted")
    (change,) = here.record(observe(here.checks[page].check, "success", WALL))
    assert (change.before, change.claim.standing) == ("contradicted", "verified")
    here.adopt(plan, {}, shared(plan, 0, COUNT))
    assert here.checks[page].last is None, "what was seen before is no news"
    assert here.record(observe(here.checks[page].check, "failure", WALL + 1)) == ()
    assert here.claims[page].standing == "verified"
