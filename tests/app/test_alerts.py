"""What fires on a board, told to each Alertmanager of the configuration."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from app.conftest import Manager
from evidenced.app.alerts import Alerts
from evidenced.config.model import Config
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.probes.resources import Resources
from evidenced.publish.alerts_claims import NOT_VERIFIED
from evidenced.publish.alerts_history import Sources
from evidenced.publish.rules_daemon import WATCHDOG
from evidenced.watch.board import Board, Reading
from evidenced.watch.plan import make_plan
from evidenced.watch.verdict import Standing


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


class Daemon:
    """What alerts ask of a daemon: a board with one contradicted claim, and a configuration."""

    def __init__(self, resources: Resources, *urls: str) -> None:
        self.config = self.with_urls(*urls)
        item = Item("oven", Section.STABLE, "The oven is hot", "", 3)
        ledger = Ledger(
            updated=None, sections={Section.STABLE: (item,)}, headings=frozenset(Section)
        )
        plan = make_plan(self.config, ledger)
        self.board = Board.of(plan, {}, Reading(config_loaded=True, config_loaded_at=0.0))
        self.stand(Standing.CONTRADICTED)
        self.alive: float | None = None
        self.alerts = Alerts(
            self.board,
            lambda: self.config,
            lambda: ("::1", 9321),
            lambda: self.alive,
            resources,
            Sources(),
            None,
        )

    def with_urls(self, *urls: str) -> Config:
        check = {"name": "oven", "claims": ["oven"], "http": {"url": "https://bakery.example/oven"}}
        told = {"urls": list(urls), "repeat": "300ms", "timeout": "500ms"} if urls else None
        return Config.model_validate(
            {"ledger": {"path": "STATE.md"}, "checks": [check], "alertmanager": told}
        )

    def stand(self, standing: Standing, since: float = 60.0) -> None:
        claim = self.board.claims["oven"]
        self.board.claims["oven"] = replace(
            claim, standing=standing, since=time.time() - since, contradicted=time.time() - since
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.alerts.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_dead_instance_holds_up_no_other(manager: Manager, resources: Resources) -> None:
    daemon = Daemon(resources, "http://127.0.0.1:1", manager.url)
    async with daemon.running():
        await until(lambda: len(manager.posts) >= 3)
        delivered = {each.alertmanager: each for each in daemon.alerts.delivered}
        assert delivered["http://127.0.0.1:1"].failures >= 1
        assert delivered["http://127.0.0.1:1"].alerts == 0
        assert delivered[manager.url].alerts >= 2
        assert delivered[manager.url].failures == 0


async def test_a_change_is_seen_at_once(
    manager: Manager, resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidenced.app.alerts.LOOK", 60.0)
    daemon = Daemon(resources, manager.url)
    daemon.stand(Standing.VERIFIED)
    async with daemon.running():
        await until(lambda: daemon.alerts.delivered)
        daemon.stand(Standing.CONTRADICTED)
        daemon.alerts.changed()
        await until(lambda: manager.active == {"oven"})


async def test_other_addresses_are_taken_over(
    manager: Manager,
    another_manager: Callable[[], AbstractAsyncContextManager[Manager]],
    resources: Resources,
) -> None:
    daemon = Daemon(resources)
    async with another_manager() as other, daemon.running():
        await asyncio.sleep(0)
        assert not daemon.alerts.delivered
        daemon.config = daemon.with_urls(manager.url)
        daemon.alerts.changed()
        await until(lambda: manager.posts)
        daemon.config = daemon.with_urls(other.url)
        daemon.alerts.changed()
        await until(lambda: len(other.posts) >= 2)
        assert [each.alertmanager for each in daemon.alerts.delivered] == [other.url]
        assert manager.active == {"oven"}  # it expires
        posts = len(manager.posts)
        daemon.config = daemon.with_urls()
        daemon.alerts.changed()
        await until(lambda: not daemon.alerts.delivered)
        assert len(manager.posts) == posts


@pytest.mark.parametrize(("alive", "told"), [(1.0, True), (None, False), (900.0, False)])
async def test_what_is_held_goes_on_after_a_restart(
    alive: float | None, told: bool, manager: Manager, resources: Resources
) -> None:
    """What has to last first fires at once only if it did before, and is not yet forgotten."""
    daemon = Daemon(resources, manager.url)
    daemon.stand(Standing.STALE, since=3600.0)
    daemon.alive = None if alive is None else time.time() - alive
    async with daemon.running():
        await until(lambda: daemon.alerts._lasting)
        names = {alert.name for alert in daemon.alerts._firing.values()}
        assert names == {WATCHDOG} | ({NOT_VERIFIED} if told else set())


async def test_the_daemon_is_called_by_its_address(resources: Resources) -> None:
    daemon = Daemon(resources, "http://127.0.0.1:1")
    assert daemon.alerts._rules().sender.instance == "[::1]:9321"
    assert daemon.alerts._rules() is daemon.alerts._rules()
