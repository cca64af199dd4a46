"""What the daemon finds to be the matter, and what a real Prometheus finds by the rules: the same.

Held against each other are the labels, at once: what must last, and the way to Alertmanager, are
tested elsewhere.
"""

import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from aiohttp import web

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.config.load import load
from evidenced.demo.shop import Shop
from evidenced.probes.attempt import Attempt, Outcome
from evidenced.publish.alerts_board import matters
from evidenced.publish.alerts_checks import seen_expiries
from evidenced.publish.alerts_hold import labels_of
from evidenced.publish.alerts_rules import RuleBook
from evidenced.publish.rules import rules
from evidenced.watch.observation import Observation
from evidenced.watch.verdict import Standing
from integration.conftest import Prometheus, eventually
from ports import free_port

LATEST = 15.0
HOUR, DAY = 3600.0, 86_400.0
QUICK = {"keep": "0s", "failing": "1s", "ledger": "1s", "bad_file": "1s", "down": "1s"}
"""What must last, at the pace of a test."""
OF_A_BUSY_MACHINE = {"EvidencedScheduleLate", "EvidencedRunsSkipped"}
"""What may fire here or not, and is looked back at elsewhere."""
NOWHERE = "http://127.0.0.1:1/"
Same = Callable[..., Any]


@pytest.fixture
async def expiring(tmp_path: Path) -> AsyncIterator[tuple[str, Path]]:
    """A site over TLS whose certificate has two days left, and the authority that it is of."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    end = datetime.now(UTC) + timedelta(days=2)
    begin = end - timedelta(days=90)
    issued = authority.issue_cert("127.0.0.1", not_before=begin, not_after=end)
    issued.configure_cert(context)
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)

    async def answer(request: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        yield f"https://127.0.0.1:{runner.addresses[0][1]}/", path
    finally:
        await runner.cleanup()


@pytest.fixture
def config(configured: Callable[..., Path], expiring: tuple[str, Path]) -> Path:
    """The demo's claims, and checks beside them of which each has something of its own."""
    url, authority = expiring
    path = configured(
        listen=f"127.0.0.1:{free_port()}",
        location="pantry",
        rules={**QUICK, "bridge": "2s"},
        tokens={"push": "open sesame"},
        vantage={"checks": ["street"]},
    )
    settings = yaml.safe_load(path.read_text("utf-8"))
    settings["checks"] += [
        {"name": "street", "http": {"url": "/teas"}},
        {"name": "cellar", "http": {"url": NOWHERE}},
        {"name": "shelf", "depends_on": ["cellar"], "http": {"url": NOWHERE}},
        {"name": "seal", "http": {"url": url, "tls": {"ca_file": str(authority)}}},
        {"name": "baker", "push": {"every": "1s", "grace": "0s"}},
        {"name": "attic", "interval": "1h", "http": {"url": "/"}},
        {"name": "swing", "interval": "1h", "http": {"url": "/"}},
        {"name": "guests", "claims": ["front-page"], "interval": "1h", "http": {"url": "/"}},
    ]
    path.write_text(yaml.safe_dump(settings), "utf-8")
    return path


def alter(daemon: Daemon) -> None:
    """What would take hours: a check that is stale, one of a claim that is, one that flaps."""
    board, now = daemon.board, time.time()
    attic, swing, guests = (board.checks[name] for name in ("attic", "swing", "guests"))
    good = Attempt(Outcome.SUCCESS, now - 2 * DAY, 0.1)
    board.record(Observation(attic.check, now - 2 * DAY, 0.1, (good,)))
    flapping = replace(swing.state, changes=(now,) * 99, flapping_since=now)
    board.checks["swing"] = replace(swing, state=flapping)
    stale = replace(guests.state, confirmed=Standing.STALE, confirmed_since=now)
    board.checks["guests"] = replace(guests, state=stale)
    board.claims["front-page"] = replace(board.claims["front-page"], standing=Standing.STALE)


def sent(daemon: Daemon, config: Path) -> set[frozenset[tuple[str, str]]]:
    """The labels of all that is the matter, as the daemon would send them."""
    board, now = daemon.board, time.time()
    loaded = load(config, {})
    book = RuleBook.of(loaded, board.plan.ledger, "{}:{}".format(*daemon.address))
    return {
        labels_of(matter, rule)
        for matter, rule in matters(board, book, seen_expiries({}, board, now), now)
        if not matter.patience
    }


async def fired(prometheus: Prometheus) -> set[frozenset[tuple[str, str]]]:
    async with prometheus.session.get(f"{prometheus.url}/api/v1/alerts") as response:
        alerts = (await response.json())["data"]["alerts"]
    return {
        frozenset(alert["labels"].items())
        for alert in alerts
        if alert["state"] == "firing" and alert["labels"]["alertname"] not in OF_A_BUSY_MACHINE
    }


@pytest.fixture
def compared(start_prometheus: Callable[..., Any], tmp_path: Path) -> Same:
    """Prometheus with the rules of a configuration, and how to wait until both say the same."""

    @asynccontextmanager
    async def start(daemon: Daemon, config: Path) -> AsyncIterator[Same]:
        written = yaml.safe_load(rules(load(config, {})))
        for rule in (rule for group in written["groups"] for rule in group["rules"]):
            if "for" in rule:
                rule["for"] = "1s"
        path = tmp_path / "generated.rules.yml"
        path.write_text(yaml.safe_dump(written), "utf-8")
        good = config.with_name("good.yaml")
        good.write_text(config.read_text("utf-8"), "utf-8")
        address = "{}:{}".format(*daemon.address)
        async with start_prometheus([address], "500ms", path) as prometheus:

            async def both_say(*about: tuple[str, str]) -> None:
                async def so() -> bool:
                    found = await fired(prometheus)
                    return named(found) >= set(about) and found == sent(daemon, good)

                try:
                    await eventually(so, LATEST)
                except AssertionError:
                    found = await fired(prometheus)
                    assert found == sent(daemon, good)
                    assert named(found) >= set(about)
                    raise

            yield both_say

    return start


def named(alerts: set[frozenset[tuple[str, str]]]) -> set[tuple[str, str]]:
    """What they are, and about what."""
    found = (dict(labels) for labels in alerts)
    return {
        (one["alertname"].removeprefix("Evidenced"), one.get("check") or one.get("claim") or "")
        for one in found
    }


async def test_prometheus_and_the_daemon_find_the_same(
    config: Path, shop: tuple[Shop, str], compared: Same
) -> None:
    site, _ = shop
    good = config.read_text("utf-8")
    async with running(config) as daemon:

        async def looked() -> bool:
            long = {"attic", "swing", "guests"}
            checks = daemon.board.checks
            return all(checks[name].last for name in checks.keys() - long)

        await eventually(looked, LATEST)
        alter(daemon)
        site.broken["/cart"] = "500"
        async with compared(daemon, config) as both_say:
            await both_say(
                ("StableClaimContradicted", "cart"),
                ("ClaimNotVerified", "front-page"),
                ("ClaimsWithoutCheck", ""),
                ("CertificateExpires", "seal"),
                ("CheckFailing", "cellar"),
                ("CheckFlapping", "swing"),
                ("CheckStale", "attic"),
                ("PushSilent", "baker"),
            )
            (config.parent / "STATE.md").rename(config.parent / "AWAY.md")
            assert await daemon.in_force.reload()
            await both_say(("LedgerUnreadable", ""))
            (config.parent / "AWAY.md").rename(config.parent / "STATE.md")
            config.write_text("checks: 7\n", "utf-8")
            assert await daemon.in_force.reload()
            await both_say(("ReloadFailed", ""))
            config.write_text(good, "utf-8")
            assert not await daemon.in_force.reload()
            site.broken["/teas"] = "500"
            await both_say(("VantageDown", ""))
