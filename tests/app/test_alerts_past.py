"""What alerts look back at: seen by a daemon, kept over its restart, told to Alertmanager."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.conftest import Manager
from app.test_alerts import until
from evidenced.app.alerts import Alerts
from evidenced.app.alerts_budgets import MANY, Budgets
from evidenced.app.alerts_past import Past
from evidenced.config.model import Config
from evidenced.evidence.pace import Pace
from evidenced.evidence.store import Store
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.probes.attempt import Attempt, Outcome
from evidenced.probes.resources import Resources
from evidenced.publish.alerts_history import Sources
from evidenced.publish.alerts_hold import Now
from evidenced.publish.alerts_kept import SAMPLES, TAKEN
from evidenced.publish.alerts_rules import RuleBook
from evidenced.watch.board import Board, Reading
from evidenced.watch.observation import Observation
from evidenced.watch.plan import make_plan
from evidenced.watch.sharing import Share

START = 1_800_000_000.0
ITEM = Item("oven", Section.STABLE, "The oven is hot", "", 3)
LEDGER = Ledger(updated=None, sections={Section.STABLE: (ITEM,)}, headings=frozenset(Section))
PACE = Pace(linger=0.001, spans=0.05, retry_first=0.02, retry_longest=0.1, closing=2.0)


def config(*with_slo: str, url: str | None = None) -> Config:
    """A bakery with two checks, of which some have an SLO."""
    checks = [
        {
            "name": name,
            "http": {"url": f"https://bakery.example/{name}"},
            **({"slo": {"objective": 99.9}} if name in with_slo else {}),
        }
        for name in ("oven", "till")
    ]
    document = {"ledger": {"path": "STATE.md"}, "checks": checks, "alertmanager": url}
    return Config.model_validate(document)


class Bakery:
    """A daemon whose minutes pass when a test says so; each begins with a clock of its own."""

    def __init__(self, store: Store | None, *with_slo: str, ticks: float = 6000.0) -> None:
        self.take_over(*with_slo, first=True)
        self.budgets = Budgets(self.board, lambda: self.book, store)
        self.ticks, self.began = ticks, ticks

    def take_over(self, *with_slo: str, first: bool = False) -> None:
        """Go by another configuration."""
        settings = config(*with_slo)
        plan = make_plan(settings, LEDGER)
        if first:
            self.board = Board.of(plan, {}, Reading(config_loaded=True, config_loaded_at=START))
        else:
            self.board.adopt(plan, {})
        self.book = RuleBook.of(settings, LEDGER, "127.0.0.1:9321")

    async def minutes(self, count: int, outcome: Outcome, wall: float, check: str = "oven") -> None:
        """So many minutes, of which the first is at a time in seconds after the start."""
        for minute in range(count):
            at = START + wall + 60 * minute
            attempt = Attempt(outcome, at, 0.1)
            self.board.record(Observation(self.board.checks[check].check, at, 0.1, (attempt,)))
            self.ticks += 60.0
            await self.budgets.take(Now(at, self.ticks))

    @property
    def burning(self) -> set[tuple[str, str]]:
        """Which tier of which check."""
        return {(one.labels["check"], one.labels["tier"]) for one in self.budgets.matters()}


PAGES = {("oven", "page-quick"), ("oven", "page-slow")}


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Store]:
    async with Store("sqlite:///evidence.db", folder, pace=PACE) as store:
        yield store


async def test_a_budget_burns_once_enough_minutes_were_bad() -> None:
    bakery = Bakery(None, "oven")
    await bakery.minutes(30, Outcome.SUCCESS, 0)
    await bakery.minutes(2, Outcome.FAILURE, 1800)
    assert bakery.burning == set()
    await bakery.minutes(1, Outcome.FAILURE, 1920)
    assert bakery.burning >= PAGES
    await bakery.minutes(6, Outcome.FAILURE, 1980)
    assert {tier for _, tier in bakery.burning} >= {"ticket-quick", "ticket-slow"}
    await bakery.minutes(6, Outcome.SUCCESS, 2400)
    assert ("oven", "page-quick") not in bakery.burning


async def test_a_minute_is_taken_once() -> None:
    bakery = Bakery(None, "oven")
    await bakery.minutes(2, Outcome.FAILURE, 0)
    for second in range(0, 59, 15):
        await bakery.budgets.take(Now(START + 60 + second, bakery.ticks + second))
    assert bakery.burning == set()


@pytest.mark.parametrize("ticks", [30.0, 1e6])
async def test_a_budget_that_burns_is_not_forgotten_by_a_restart(
    ticks: float, tmp_path: Path
) -> None:
    async with opened(tmp_path) as store:
        before = Bakery(store, "oven")
        await before.minutes(30, Outcome.SUCCESS, 0)
        await before.minutes(10, Outcome.FAILURE, 1800)
        assert before.burning >= PAGES
    async with opened(tmp_path) as store:
        after = Bakery(store, "oven", ticks=ticks)
        # Before its first run nobody can tell how the check is.
        await after.budgets.take(Now(START + 2460, after.ticks))
        assert after.burning == before.burning | {("oven", "ticket-quick"), ("oven", "ticket-slow")}


async def test_time_without_a_daemon_is_neither_good_nor_bad(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        before = Bakery(store, "oven")
        await before.minutes(5, Outcome.FAILURE, 0)
    async with opened(tmp_path) as store:
        after = Bakery(store, "oven")
        await after.minutes(1, Outcome.SUCCESS, 3000)
        (minutes,) = after.budgets._minutes.values()
        assert minutes.over(4000) == (5, 6)
        assert ("oven", "page-quick") not in after.burning


async def test_a_store_that_cannot_be_read_yet_is_asked_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        before = Bakery(store, "oven")
        await before.minutes(10, Outcome.FAILURE, 0)
    closed = Store("sqlite:///evidence.db", tmp_path / "nowhere", pace=PACE)
    after = Bakery(closed, "oven")
    await after.minutes(2, Outcome.FAILURE, 660)
    assert after.burning == set()
    assert closed.pending == 0, "what is there would be lost by it"
    async with opened(tmp_path) as store:
        after.budgets._store = store
        await after.minutes(1, Outcome.FAILURE, 780)
        assert after.burning >= PAGES
        (minutes,) = after.budgets._minutes.values()
        assert minutes.over(4000) == (13, 13)


async def test_what_loses_its_slo_is_forgotten_for_good(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        bakery = Bakery(store, "oven")
        await bakery.minutes(10, Outcome.FAILURE, 0)
        bakery.take_over("till")
        await bakery.minutes(1, Outcome.SUCCESS, 600, "till")
        assert bakery.burning == set()
        await store.flush()
        assert {one.name for one in await store.state(SAMPLES)} == {"check till"}
        bakery.take_over("oven", "till")
        await bakery.minutes(1, Outcome.FAILURE, 660)
        assert bakery.burning == set()


async def test_what_goes_to_another_shard_goes_with_its_minutes(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        one, other = Bakery(store, "oven"), Bakery(store, "oven", ticks=90_000.0)
        other.board.share = Share(1, 2, checks={"oven": 0})
        await one.minutes(9, Outcome.FAILURE, 0)
        await other.budgets.take(Now(START + 540, other.ticks))
        assert other.burning == set()
        await store.flush()
        other.board.share = Share(1, 2, checks={"oven": 1})
        await other.minutes(1, Outcome.FAILURE, 600)
        assert other.burning >= PAGES
        one.board.share = Share(0, 2, checks={"oven": 1})
        await one.minutes(1, Outcome.FAILURE, 600)
        assert one.burning == set()
        await store.flush()
        assert {kept.name for kept in await store.state(SAMPLES)} == {"check oven"}


async def test_little_is_written_while_nothing_changes(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        bakery = Bakery(store, "oven", "till")
        await bakery.minutes(1, Outcome.SUCCESS, 0)
        await store.flush()
        put: list[str] = []
        take = store.put

        def noted(record: object) -> None:
            put.append(record.kind)  # type: ignore[attr-defined]
            take(record)  # type: ignore[arg-type]

        store.put = noted  # type: ignore[method-assign]
        await bakery.minutes(60, Outcome.SUCCESS, 60)
        assert set(put) == {TAKEN}
        for minute in range(2 * MANY):
            outcome = Outcome.FAILURE if minute % 2 else Outcome.SUCCESS
            await bakery.minutes(1, outcome, 3660 + 60 * minute)
        assert MANY < put.count(SAMPLES) < 1.3 * MANY
        # What waits for its turn is kept at the end.
        while not bakery.budgets._unkept:
            await bakery.minutes(1, Outcome.SUCCESS, bakery.ticks)
            await bakery.minutes(1, Outcome.FAILURE, bakery.ticks)
        put.clear()
        bakery.budgets.leave(Now(START, bakery.ticks))
        assert put == [SAMPLES]


async def test_without_an_slo_nothing_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await Bakery(store).minutes(3, Outcome.SUCCESS, 0)
        assert store.pending == 0


async def test_checks_are_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidenced.app.alerts_past.PACE", 0.01)
    bakery = Bakery(None)
    past = Past(bakery.board, lambda: bakery.book, Sources(missing=lambda: 1), None)
    task = asyncio.create_task(past.run())

    def names() -> list[str]:
        return [one.name.removeprefix("Evidenced") for one in past.matters(0.0)]

    def run(took: float) -> None:
        check = bakery.board.checks["till"].check
        attempt = Attempt(Outcome.SUCCESS, START, took)
        bakery.board.record(Observation(check, START, took, (attempt,)))

    try:
        assert names() == ["ShardMissing"]
        run(9.0)
        await until(lambda: names() == ["ShardMissing", "CheckSlow"])
        bakery.board.adopt(make_plan(Config(ledger=config().ledger), LEDGER), {})
        await until(lambda: names() == ["ShardMissing"])
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_nothing_is_remembered_while_nobody_is_told(
    manager: Manager, resources: Resources
) -> None:
    asked: list[float] = []

    def skipped() -> float:
        asked.append(0.0)
        return 0.0

    settings = config("oven")
    board = Board.of(make_plan(settings, LEDGER), {}, Reading(True, START))
    alerts = Alerts(
        board,
        lambda: settings,
        lambda: ("127.0.0.1", 9321),
        lambda: None,
        resources,
        Sources(skipped=skipped),
        None,
    )
    task = asyncio.create_task(alerts.run())
    try:
        await asyncio.sleep(0)
        assert alerts._past is None
        assert not asked
        settings = config("oven", url=manager.url)
        alerts.changed()
        await until(lambda: asked)
        await until(lambda: manager.posts)
        assert [one["labels"] for one in manager.sent] == [
            {"alertname": "EvidencedWatchdog", "severity": "none"}
        ]
        settings = config("oven")
        alerts.changed()
        await until(lambda: alerts._past is None)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
