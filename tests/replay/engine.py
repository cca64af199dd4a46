"""Plays a scenario: the real daemon, on a clock that jumps from one beat to the next.

Real are the configuration and the ledger as files, the daemon with all its parts (probes, retries,
witnesses, board, store, reload, its HTTP interface), the connections to the site on loopback, the
exposition and the rules. Not real is what time would be spent on: the daemon's beat and its wall
clock go by the scenario's clock, which moves on when all that was due is done. What passes within a
look (attempts, waits between them) passes in real time and takes no time of the scenario.
"""

import json
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import is_
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import aiohttp
import pytest
import structlog
import trustme
import yaml
from prometheus_client import generate_latest

from evidenced.app import daemon as app
from evidenced.app import life
from evidenced.config.types import parse_duration
from evidenced.probes.mailbox import Mailbox
from evidenced.probes.resources import Resources
from replay.clock import Beats, Clock
from replay.judge import Bound
from replay.scenario import Event, Scenario, shop_answers
from replay.series import Gathered
from replay.site import Names, Site, serving

TOKEN = "t" * 32
HOST = "shop.test"


@dataclass(slots=True)
class Running:
    """A daemon that runs, and how to end it."""

    daemon: app.Daemon
    beats: Beats
    stack: AsyncExitStack


def _kept(rules: str) -> float:
    """For how many seconds the page on a contradicted claim is kept by these rules."""
    claims = yaml.safe_load(rules)["groups"][0]["rules"]
    return parse_duration(claims[0].get("keep_firing_for", "0"))


class Replay:
    """One scenario as it is played."""

    def __init__(self, scenario: Scenario, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._scenario = scenario
        self._folder = folder
        self._clock = Clock()
        self._site = Site()
        self._site.change(shop_answers())
        self._names = Names()
        self._authority = trustme.CA() if scenario.tls else None
        self._tls = SSLContext(PROTOCOL_TLS_SERVER) if scenario.tls else None
        self._events = sorted(scenario.events, key=lambda event: event.at)
        self._running: Running | None = None
        self._starts_at = 0.0
        self._scraped: tuple[tuple[object, ...], str] = ((), "")
        self.log: list[Any] = []
        """What the daemon logged."""
        self.rules = ""
        self.bounds: dict[str, Bound] = {}
        patch.setattr(time, "time", self._clock)
        patch.setattr(app, "Schedule", partial(Beats, self._clock))
        patch.setattr(life, "Resources", self._resources)

    async def play(self) -> Gathered:
        """Play it from the beginning to the end; the series that a Prometheus would have."""
        async with AsyncExitStack() as stack:
            self.log = stack.enter_context(structlog.testing.capture_logs())
            self._write(await stack.enter_async_context(serving(self._site, self._tls)))
            while self._events and not self._events[0].at:
                await self._happen(self._events.pop(0))
            await self._start()
            try:
                return await self._gather()
            finally:
                await self._stop()

    async def _gather(self) -> Gathered:
        assert self._running is not None
        self.rules = self._running.daemon.site().rules()
        self.bounds = _bounds(self._running.daemon, _kept(self.rules))
        gathered = Gathered(self.rules, self._clock.start)
        every = self._scenario.scrape
        for step in range(int(self._scenario.lasts // every) + 1):
            await self._until(step * every)
            gathered.add(await self._scrape(), self._clock())
        return gathered

    async def _until(self, end: float) -> None:
        """Let all happen that happens until then, in its order."""
        while True:
            event = self._events[0].at if self._events else end + 1
            beat, name = self._running.beats.following() if self._running else (self._starts_at, "")
            if min(event, beat) > end:
                break
            self._clock.now = min(event, beat)
            if event <= beat:
                await self._happen(self._events.pop(0))
            elif self._running:
                await self._running.beats.take(name)
            else:
                await self._start()
        self._clock.now = end

    async def _scrape(self) -> str | None:
        """The exposition now; not made again where the board has nothing new to say."""
        if self._running is None:
            return None
        daemon = self._running.daemon
        board = daemon.board
        daemon.keeper.aged(board.sweep(time.time()))
        around = (board.plan, board.view, board.reading, board.begun)
        known = (*around, *board.checks.values(), *board.claims.values())
        if len(known) != len(self._scraped[0]) or not all(map(is_, known, self._scraped[0])):
            pieces = daemon.metrics.scrape.pieces(generate_latest)
            self._scraped = known, b"".join([piece async for piece in pieces]).decode()
        return self._scraped[1]

    async def _happen(self, event: Event) -> None:
        if event.mended:
            self._site.everywhere = None
            self._site.change(shop_answers())
        self._site.change(event.site)
        self._site.everywhere = event.everywhere or self._site.everywhere
        self._names.states |= event.names
        self._clock.ahead += (event.set_forth or 0.0) - (event.set_back or 0.0)
        if event.certificate is not None:
            self._certify(self._clock.now + event.certificate)
        if event.expired is not None:
            self._certify(-event.expired)
        if event.ledger is not None or event.replaced is not None:
            await self._edit(event)
        if event.push is not None:
            await self._ask(f"push/{event.push.check}", event.push.says)
        if event.maintenance is not None:
            one = event.maintenance
            body = {"subject": one.subject, "for": f"{one.lasts:g}s", "why": "a new version"}
            await self._ask("maintenance", body)
        if event.stopped is not None:
            await self._stop()
            self._starts_at = self._clock.now + event.stopped

    async def _edit(self, event: Event) -> None:
        path = self._folder / "STATE.md"
        text = path.read_text("utf-8") if event.ledger is None else event.ledger
        if event.replaced is not None:
            before, after = event.replaced
            assert before in text, f"the ledger does not have {before!r}"
            text = text.replace(before, after)
        path.write_text(text, "utf-8")
        if self._running:
            assert bool(await self._running.daemon.in_force.reload()) is event.refused

    async def _ask(self, path: str, body: dict[str, Any]) -> None:
        assert self._running is not None
        host, port = self._running.daemon.address
        url = f"http://{host}:{port}/api/v1/{path}"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.request("POST", url, json=body, headers=headers) as response:
            assert response.ok, await response.text()
        await self._running.beats.idle()

    def _certify(self, expires: float) -> None:
        """Give the site a certificate that expires at this time of the scenario."""
        assert self._authority is not None
        assert self._tls is not None
        end = datetime.fromtimestamp(self._clock.start + expires, UTC)
        begin = end - timedelta(days=120)
        self._authority.issue_cert(HOST, not_before=begin, not_after=end).configure_cert(self._tls)

    def _write(self, port: int) -> None:
        scheme = "https" if self._tls else "http"
        put = {"${SITE}": f"{scheme}://{HOST}:{port}", "${PORT}": str(port), "${TOKEN}": TOKEN}
        if self._authority is not None:
            put["${CA}"] = str(self._folder / "ca.pem")
            self._authority.cert_pem.write_to_path(put["${CA}"])
        text = json.dumps(self._scenario.settings())
        for mark, value in put.items():
            text = text.replace(mark, value)
        (self._folder / "evidenced.yaml").write_text(text, "utf-8")
        (self._folder / "STATE.md").write_text(self._scenario.ledger_text(), "utf-8")

    def _resources(self) -> Resources:
        resources = Resources(self._names)
        resources.mailbox = Mailbox(self._clock.monotonic)
        return resources

    async def _start(self) -> None:
        stack = AsyncExitStack()
        daemon = await stack.enter_async_context(life.running(self._folder / "evidenced.yaml"))
        self._running = Running(daemon, self._clock.beats[-1], stack)
        await self._running.beats.begun()
        self._scraped = ((), "")

    async def _stop(self) -> None:
        if self._running is not None:
            await self._running.stack.aclose()
        self._running = None


def _bounds(daemon: app.Daemon, kept: float) -> dict[str, Bound]:
    """How long each claim may take, from the timing of the checks that speak for it.

    `kept` is for how many seconds a page goes on when its claim is verified again.
    """
    bounds: dict[str, Bound] = {}
    for status in daemon.board.checks.values():
        timing, confirm = status.check.timing, status.check.timing.confirm
        for claim in status.check.claims:
            known = bounds.get(claim, Bound(0.0, 0.0))
            bounds[claim] = Bound(
                max(known.detected, confirm.failures * timing.interval),
                max(known.resolved, confirm.successes * timing.interval + kept),
            )
    return bounds
