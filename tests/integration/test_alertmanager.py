"""From the site to the page: daemon, Prometheus with generated rules, Alertmanager as shipped.

That no second page comes is not waited for: an alert posted afterwards is, and then all that came
before it is counted.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web

from command_line import beside
from evidenced.app.life import running
from evidenced.demo.shop import PAGES as SHOP_PAGES
from evidenced.demo.shop import Shop
from integration.alerting import (
    Alertmanager,
    Inbox,
    Notification,
    alertmanager,
    caught,
    hurried,
    shipped,
)
from integration.conftest import Prometheus, eventually
from ports import free_port

PAGES, TICKETS = "evidenced-pages", "evidenced-tickets"
PROOF = "https://evidenced.example"
INTERVAL, PACE, GROUP_WAIT = 1.0, 1.0, 1.0
SLACK = 8.0
"""Seconds that a busy machine may take beyond what the beat says."""
IN_TIME = 2 * INTERVAL + 2 * PACE + GROUP_WAIT + SLACK
"""Two runs to confirm, a scrape, an evaluation, and Alertmanager's wait for more of the same."""
LATEST = 40.0
CART = 'evidenced_claim_status{claim="cart", status="contradicted", drill=""}'


@dataclass(frozen=True, slots=True)
class Alerting:
    """Prometheus and Alertmanager that run, and what was notified."""

    prometheus: Prometheus
    manager: Alertmanager
    inbox: Inbox

    def pages(self, status: str = "") -> list[Notification]:
        """The notifications to whoever is woken, but for those of the marker."""
        return [
            one
            for one in self.inbox.to(PAGES)
            if one.body["groupLabels"]["job"] == "evidenced" and status in ("", one.status)
        ]

    async def holds(self, expression: str, seconds: float = LATEST) -> None:
        """Wait until Prometheus finds something by the expression."""

        async def found() -> object:
            return await self.prometheus.query(expression)

        await eventually(found, seconds)

    async def paged(self, status: str, seconds: float) -> float:
        """Wait for the first notification of this status; the seconds that it took."""

        async def came() -> object:
            return self.pages(status)

        return await eventually(came, seconds)

    async def marked(self) -> None:
        """Let all that Prometheus says now become notifications: wait for one that comes later."""
        now = datetime.now(UTC)

        async def evaluated() -> bool:
            return min(await self.prometheus.evaluations()) > now

        await eventually(evaluated, LATEST)
        job = f"marker-{now}"
        await self.manager.post(
            {"labels": {"alertname": "EvidencedMarker", "severity": "critical", "job": job}}
        )

        async def came() -> bool:
            return any(one.body["groupLabels"]["job"] == job for one in self.inbox.to(PAGES))

        await eventually(came, LATEST)


Watched = Callable[..., Any]


async def generated(config: Path, hold: str) -> Path:
    """The rule file that the program writes for a configuration; `hold` is each alert's `for`.

    What fires goes on for a second, not for minutes.
    """
    made = await beside("rules", "-c", config)
    assert made.status == 0
    rules = yaml.safe_load(made.out)
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        if "for" in rule:
            rule["for"] = hold
        if "keep_firing_for" in rule:
            rule["keep_firing_for"] = "1s"
    path = config.parent / "generated.rules.yml"
    path.write_text(json.dumps(rules), "utf-8")
    return path


@pytest.fixture
def watched(start_prometheus: Callable[..., Any], tmp_path: Path) -> Watched:
    """Prometheus and Alertmanager for a daemon's address, with the rules of its configuration."""

    @asynccontextmanager
    async def start(config: Path, address: str, hold: str = "1h") -> AsyncIterator[Alerting]:
        rules = await generated(config, hold)
        async with AsyncExitStack() as stack:
            inbox = await stack.enter_async_context(Inbox.open())
            settings = caught(hurried(shipped()), inbox.url)
            manager = await stack.enter_async_context(alertmanager(settings, tmp_path))
            prometheus = await stack.enter_async_context(
                start_prometheus([address], f"{PACE:.0f}s", rules, manager.url)
            )
            yield Alerting(prometheus, manager, inbox)

    return start


@asynccontextmanager
async def process(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`evidenced run` as a process while the block lasts."""
    with (config.parent / "run.log").open("ab") as log:
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "evidenced.cli", "run", "-c", config, stderr=log
        )
    try:
        yield run
    finally:
        if run.returncode is None:
            run.kill()
        await run.wait()


ALL_HOLD = 'count(evidenced_claim_verified{section="stable", drill=""} == 1) == 9'


async def test_break_restart_and_mend_are_one_page_and_one_resolution(
    configured: Callable[..., Path], shop: tuple[Shop, str], watched: Watched
) -> None:
    site, url = shop
    address = f"127.0.0.1:{free_port()}"
    config = configured(listen=address, external_url=PROOF)
    async with watched(config, address) as path:
        async with process(config) as daemon:
            await path.holds(ALL_HOLD)
            assert not path.pages()

            site.broken["/cart"] = "500"
            assert await path.paged("firing", IN_TIME) <= IN_TIME
            (page,) = path.pages()
            (alert,) = page.alerts
            assert alert["labels"] == {
                "alertname": "EvidencedStableClaimContradicted",
                "severity": "critical",
                "job": "evidenced",
                "claim": "cart",
                "section": "stable",
            }
            described = alert["annotations"]["description"]
            assert described.startswith('The STABLE claim cart ("Cart") is contradicted')
            assert f"Check cart of {url}/cart: expected status 200, found 500" in described
            assert alert["annotations"]["proof_url"] == f"{PROOF}/claims/cart"

            daemon.send_signal(signal.SIGTERM)
            await asyncio.wait_for(daemon.wait(), LATEST)
        async with process(config):
            await path.holds(f"timestamp({CART} == 1) > {time.time()}")
            await path.marked()
            assert path.pages() == [page]

            del site.broken["/cart"]
            await path.paged("resolved", IN_TIME)
            await path.marked()
            assert [one.status for one in path.pages()] == ["firing", "resolved"]
            assert path.pages()[1].named() == [
                ("resolved", "EvidencedStableClaimContradicted", "cart")
            ]
            assert {one.group for one in path.pages()} == {page.group}


async def test_a_killed_daemon_is_one_page(
    configured: Callable[..., Path], watched: Watched
) -> None:
    address = f"127.0.0.1:{free_port()}"
    config = configured(listen=address)
    async with watched(config, address, hold="2s") as path:
        async with process(config) as daemon:
            await path.holds(ALL_HOLD)
            # Until the daemon had started, Prometheus may have missed it, too.
            await path.holds('absent(ALERTS{alertname="EvidencedDown"})')
            await path.marked()
            before = len(path.pages())
            daemon.kill()
            await daemon.wait()
            await path.holds('ALERTS{alertname="EvidencedDown", alertstate="firing"}')

            async def down() -> bool:
                return len(path.pages()) > before

            await eventually(down, IN_TIME)
            await path.marked()
            (page,) = path.pages()[before:]
            assert page.named() == [("firing", "EvidencedDown", "")]
            assert page.alerts[0]["labels"]["instance"] == address
        async with process(config):

            async def resolved() -> bool:
                return bool(path.pages()[-1].status == "resolved")

            await eventually(resolved, LATEST)
            await path.marked()
            assert [one.status for one in path.pages()[before:]] == ["firing", "resolved"]


@dataclass(slots=True)
class Street:
    """A site with many pages, and a lamp: without it nothing is seen, whatever one looks at."""

    lamp: bool = True

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/{what:.*}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.Response:
        return web.Response(status=200 if self.lamp else 503)


HOUSES = 50


def many(folder: Path, url: str) -> Path:
    """A ledger with fifty claims, each with a check, and a sentinel."""
    lines = [f"- **House {n}**: /houses/{n} returns 200 ✅" for n in range(HOUSES)]
    ledger = "\n".join(["# Street", "", "## CLOSED", "", "- (none)", "", "## STABLE", "", *lines])
    (folder / "STATE.md").write_text(f"{ledger}\n", "utf-8")
    config = {
        "listen": "127.0.0.1:0",
        "ledger": {"path": "STATE.md", "base_url": url, "derive": True},
        "defaults": {"interval": "1s", "timeout": "900ms", "confirm": {"failures": 3}},
        "checks": [{"name": "lamp", "http": {"url": "/lamp"}}],
        "vantage": {"checks": ["lamp"]},
    }
    path = folder / "evidenced.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


async def test_a_lost_view_of_fifty_checks_is_one_page(
    serve: Callable[[web.Application], Any], watched: Watched, tmp_path: Path
) -> None:
    street = Street()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve(street.application()))
        config = many(tmp_path, url)
        daemon = await stack.enter_async_context(running(config))
        assert len(daemon.board.claims) == HOUSES

        async def all_hold() -> bool:
            return {claim.standing.value for claim in daemon.board.claims.values()} == {"verified"}

        await eventually(all_hold, LATEST)
        address = "{}:{}".format(*daemon.address)
        path = await stack.enter_async_context(watched(config, address, hold="4s"))
        await path.holds(f"count(evidenced_claim_verified == 1) == {HOUSES}")
        assert not path.pages()

        street.lamp = False
        await path.paged("firing", LATEST)
        unknown = 'evidenced_claim_status{status="unknown"} == 1'
        await path.holds(f"count({unknown}) == {HOUSES}")
        await path.marked()
        (page,) = path.pages()
        assert page.named() == [("firing", "EvidencedVantageDown", "")]
        assert page.alerts[0]["labels"]["instance"] == address

        street.lamp = True
        await path.paged("resolved", LATEST)
        await eventually(all_hold, LATEST)
        await path.marked()
        assert [one.status for one in path.pages()] == ["firing", "resolved"]

        tickets = [named for one in path.inbox.to(TICKETS) for named in one.named()]
        assert not [claim for _, _, claim in tickets if claim]


async def test_what_hangs_on_a_failing_check_is_not_paged(
    configured: Callable[..., Path], shop: tuple[Shop, str], watched: Watched
) -> None:
    site, _ = shop
    config = configured()
    settings = yaml.safe_load(config.read_text("utf-8"))
    for check in settings["checks"]:
        if check["name"] == "catalogue-api":
            check["depends_on"] = "health"
    config.write_text(yaml.safe_dump(settings), "utf-8")
    async with running(config) as daemon:

        async def all_hold() -> bool:
            live = [claim for claim in daemon.board.claims.values() if claim.checks]
            return {claim.standing.value for claim in live} == {"verified"}

        await eventually(all_hold, LATEST)
        async with watched(config, "{}:{}".format(*daemon.address), hold="4s") as path:
            await path.holds(ALL_HOLD)
            site.broken.update(dict.fromkeys(SHOP_PAGES, "500"))
            fallen = {name for name, claim in daemon.board.claims.items() if claim.checks}
            fallen.remove("catalogue-api")

            def on_claims() -> list[Notification]:
                # A machine that has no time for the daemon may make it late for a scrape, too.
                return [one for one in path.pages() if any(claim for *_, claim in one.named())]

            async def all_told() -> bool:
                return bool(on_claims()) and len(on_claims()[-1].alerts) == len(fallen)

            await eventually(all_told, LATEST)
            await path.marked()
            assert len({one.group for one in on_claims()}) == 1
            assert {claim for _, _, claim in on_claims()[-1].named()} == fallen
            assert {a["status"] for a in on_claims()[-1].alerts} == {"firing"}
            closed = {"skeleton-product-pages", "health-without-its-database"}
            reopened = path.inbox.to("evidenced-ledger")[-1]
            assert {claim for _, _, claim in reopened.named()} == closed < fallen


async def test_a_drill_goes_all_the_way_and_wakes_nobody(
    configured: Callable[..., Path], watched: Watched
) -> None:
    config = configured(external_url=PROOF, tokens={"admin": "open sesame"})
    token = {"Authorization": "Bearer open sesame"}
    async with running(config) as daemon, aiohttp.ClientSession(headers=token) as session:
        address = "{}:{}".format(*daemon.address)
        drills = f"http://{address}/api/v1/drills"
        async with watched(config, address) as path:
            await path.holds(ALL_HOLD)
            async with session.post(drills, json={"claim": "cart", "for": "1h"}) as answer:
                assert answer.status == 201, await answer.text()

            async def told(status: str) -> bool:
                return any(one.status == status for one in path.inbox.to("evidenced-drill"))

            await eventually(lambda: told("firing"), IN_TIME)
            async with session.delete(f"{drills}/cart") as answer:
                assert answer.status == 204, await answer.text()
            await eventually(lambda: told("resolved"), IN_TIME)
            await path.marked()
            came = path.inbox.to("evidenced-drill")
            assert [one.status for one in came] == ["firing", "resolved"]
            assert [one.body["commonLabels"]["claim"] for one in came] == ["cart", "cart"]
            assert came[0].alerts[0]["annotations"]["proof_url"] == f"{PROOF}/claims/cart"
            assert not path.pages()
            assert not path.inbox.to("evidenced-ledger")
