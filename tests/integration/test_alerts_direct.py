"""Alerts that the daemon itself sends, at a real Alertmanager, without a Prometheus."""

import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.config.load import load
from evidenced.demo.shop import Shop
from evidenced.publish.alerts_hold import Now
from evidenced.publish.alerts_kept import minute_of, samples_saved, taken_saved
from evidenced.publish.alerts_minutes import Minutes
from evidenced.publish.rules import rules
from evidenced.publish.slo_alerts import NAME
from evidenced.publish.slo_tiers import TIERS
from evidenced.watch.drill import Drill
from integration.alerting import Alertmanager, Inbox, alertmanager
from integration.conftest import eventually
from ports import free_port

CART = {
    "alertname": "EvidencedStableClaimContradicted",
    "severity": "critical",
    "job": "evidenced",
    "claim": "cart",
    "section": "stable",
}
LATEST = 20.0
FIRING, RESOLVED = (
    [("firing", CART["alertname"], "cart")],
    [("resolved", CART["alertname"], "cart")],
)
KEPT = {"keep": "1s"}
QUICK = {"repeat": "2s", "expire": "30s", "timeout": "2s"}


def to(inbox: Inbox) -> dict[str, Any]:
    """What makes Alertmanager notify the inbox at once, of each claim on its own."""
    return {
        "route": {
            "receiver": "inbox",
            "group_by": ["alertname", "claim"],
            "group_wait": "100ms",
            "group_interval": "200ms",
            "repeat_interval": "1h",
        },
        "receivers": [
            {
                "name": "inbox",
                "webhook_configs": [{"url": f"{inbox.url}/page", "send_resolved": True}],
            }
        ],
    }


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    async with Inbox.open() as inbox:
        yield inbox


@pytest.fixture
async def manager(inbox: Inbox, tmp_path: Path) -> AsyncIterator[Alertmanager]:
    folder = tmp_path / "manager"
    folder.mkdir()
    async with alertmanager(to(inbox), folder) as running:
        yield running


async def of_claims(manager: Alertmanager) -> list[dict[str, Any]]:
    """The alerts about claims; the daemon has others of its own."""
    return [alert for alert in await manager.alerts() if "claim" in alert["labels"]]


def notified(inbox: Inbox) -> list[list[tuple[str, str, str]]]:
    """What was notified of claims, in order."""
    named = [one.named() for one in inbox.notifications]
    return [each for each in named if each[0][2]]


async def notifications(inbox: Inbox, *expected: list[tuple[str, str, str]]) -> None:
    """Wait until so many notifications came, and see that they are these."""

    async def came() -> bool:
        return len(notified(inbox)) >= len(expected)

    await eventually(came, LATEST)
    assert notified(inbox) == list(expected)


async def settled(*daemons: Daemon) -> None:
    """Wait until every claim that a check speaks for is verified."""

    async def so() -> bool:
        claims = [claim for daemon in daemons for claim in daemon.board.claims.values()]
        return all(claim.standing == "verified" for claim in claims if claim.checks)

    await eventually(so, LATEST)


async def contradicted(*daemons: Daemon) -> None:
    async def so() -> bool:
        return all(daemon.board.claims["cart"].standing == "contradicted" for daemon in daemons)

    await eventually(so, LATEST)


async def test_broken_is_one_page_and_mended_is_one_resolved(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    manager: Alertmanager,
    inbox: Inbox,
) -> None:
    site, _ = shop
    config = configured(
        alertmanager={"urls": manager.url, **QUICK},
        external_url="https://evidenced.example/",
        rules=KEPT,
    )
    async with running(config) as daemon:
        await settled(daemon)
        site.broken["/cart"] = "500"
        await notifications(inbox, FIRING)
        (alert,) = await of_claims(manager)
        assert alert["labels"] == CART
        assert alert["status"]["state"] == "active"
        assert alert["generatorURL"] == "https://evidenced.example/claims/cart"
        said = alert["annotations"]
        assert said["proof_url"] == "https://evidenced.example/claims/cart"
        assert said["summary"] == (
            "Production contradicts a claim that the ledger holds as STABLE."
        )
        first, second = said["description"].splitlines()
        assert first.startswith('The STABLE claim cart ("')
        assert "expected status 200, found 500 (status)" in second
        del site.broken["/cart"]
        await notifications(inbox, FIRING, RESOLVED)
        sent = {each.alertmanager: each for each in daemon._alerts.delivered}
        assert sent[manager.url].alerts >= 2
        assert sent[manager.url].failures == 0


async def test_an_alertmanager_that_was_down_is_told_when_it_is_there(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    manager: Alertmanager,
    inbox: Inbox,
    tmp_path: Path,
) -> None:
    site, _ = shop
    port = free_port()
    late = f"http://127.0.0.1:{port}"
    config = configured(alertmanager={"urls": [late, manager.url], **QUICK}, rules=KEPT)
    async with running(config) as daemon:
        await settled(daemon)
        site.broken["/cart"] = "500"
        await notifications(inbox, FIRING)  # by the one that is there, at once

        async def failed() -> bool:
            return any(
                each.failures for each in daemon._alerts.delivered if each.alertmanager == late
            )

        await eventually(failed, LATEST)
        folder = tmp_path / "late"
        folder.mkdir()
        async with Inbox.open() as other, alertmanager(to(other), folder, port):
            await notifications(other, FIRING)
            del site.broken["/cart"]
            await notifications(other, FIRING, RESOLVED)
            await notifications(inbox, FIRING, RESOLVED)


async def test_two_daemons_are_one_page(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    manager: Alertmanager,
    inbox: Inbox,
    tmp_path: Path,
) -> None:
    """Also when one sees much sooner than the other that all is well again."""
    site, _ = shop
    first = configured(alertmanager={"urls": manager.url, **QUICK}, rules=KEPT)
    second = tmp_path / "second" / "evidenced.yaml"
    second.parent.mkdir()
    shutil.copy(tmp_path / "STATE.md", second.parent)
    slow = yaml.safe_load(first.read_text("utf-8"))
    slow["defaults"]["confirm"] = {"failures": 2, "successes": 6}
    second.write_text(yaml.safe_dump(slow), "utf-8")
    async with running(first) as one, running(second) as two:
        await settled(one, two)
        site.broken["/cart"] = "500"
        await contradicted(one, two)
        await notifications(inbox, FIRING)

        async def both_told() -> bool:
            return all(each.alerts for daemon in (one, two) for each in daemon._alerts.delivered)

        await eventually(both_told, LATEST)
        assert [alert["labels"] for alert in await of_claims(manager)] == [CART]
        del site.broken["/cart"]
        await settled(one)
        assert two.board.claims["cart"].standing == "contradicted"
        await settled(two)
        await notifications(inbox, FIRING, RESOLVED)


async def test_a_restart_neither_resolves_nor_repeats_a_page(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    manager: Alertmanager,
    inbox: Inbox,
) -> None:
    site, _ = shop
    config = configured(alertmanager={"urls": manager.url, **QUICK}, rules=KEPT)
    async with running(config) as daemon:
        await settled(daemon)
        site.broken["/cart"] = "500"
        await notifications(inbox, FIRING)
        (before,) = await of_claims(manager)
    async with running(config) as daemon:

        async def told() -> bool:
            return any(each.alerts for each in daemon._alerts.delivered)

        await eventually(told, LATEST)
        (after,) = await of_claims(manager)
        assert after["startsAt"] == before["startsAt"]
        assert after["updatedAt"] > before["updatedAt"]
        del site.broken["/cart"]
        await notifications(inbox, FIRING, RESOLVED)


async def test_a_budget_goes_on_burning_after_a_restart(
    configured: Callable[..., Path], manager: Alertmanager
) -> None:
    """What was bad before is known from the store, as no minute passes in this test."""
    claims = {"cart": {"slo": {"objective": 99.9}}}
    async with running(configured(claims=claims)) as daemon:
        now = Now(time.time(), time.monotonic())
        minute, minutes = minute_of(now.ticks), Minutes()
        minutes.fill(minute - 60, minute - 10, True)
        minutes.fill(minute - 9, minute, False)
        store = daemon.keeper.store
        for kept in (samples_saved(("claim", "cart"), minutes, now), taken_saved(0, now)):
            store.put(kept)
        await store.flush()
    config = configured(claims=claims, alertmanager={"urls": manager.url, **QUICK})
    async with running(config):

        async def burning() -> dict[str, dict[str, str]]:
            found = [alert["labels"] for alert in await of_claims(manager)]
            return {one.pop("tier"): one for one in found if "tier" in one}

        await eventually(burning, LATEST)
        budget = {"alertname": NAME, "job": "evidenced", "claim": "cart", "slo": "cart"}
        assert await burning() == {
            tier.name: {**budget, "severity": tier.severity.value} for tier in TIERS
        }


async def test_prometheus_sends_the_very_same_alerts(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    manager: Alertmanager,
    inbox: Inbox,
    start_prometheus: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """Labels and texts are equal, so that Alertmanager takes both for one."""
    site, _ = shop
    port = free_port()
    config = configured(
        alertmanager={"urls": manager.url, **QUICK},
        external_url="https://evidenced.example",
        listen=f"127.0.0.1:{port}",
        location="pantry",
        rules={
            "dashboard_url": "https://grafana.example/d/evidenced",
            "runbook_url": "https://wiki.example/runbooks/",
            "ledger": "1s",
        },
    )
    written = tmp_path / "generated.rules.yml"
    written.write_text(rules(load(config, {})), "utf-8")
    async with running(config) as daemon:
        await settled(daemon)
        target = f"127.0.0.1:{port}"
        async with start_prometheus([target], "500ms", written) as prometheus:

            async def alerts() -> dict[frozenset[tuple[str, str]], dict[str, str]]:
                async with prometheus.session.get(f"{prometheus.url}/api/v1/alerts") as response:
                    found = (await response.json())["data"]["alerts"]
                return {
                    frozenset(alert["labels"].items()): alert["annotations"]
                    for alert in found
                    if alert["state"] == "firing"
                }

            async def ours() -> dict[frozenset[tuple[str, str]], dict[str, str]]:
                return {
                    frozenset(alert["labels"].items()): alert["annotations"]
                    for alert in await manager.alerts()
                }

            async def same(names: set[str]) -> bool:
                of_both = await alerts(), await ours()
                found = {dict(labels)["alertname"] for labels in of_both[0]}
                return found >= names and of_both[0] == of_both[1]

            async def both_say(*names: str) -> None:
                try:
                    await eventually(lambda: same(set(names)), LATEST)
                except AssertionError:
                    assert await alerts() == await ours()
                    raise

            now = time.time()
            daemon.board.drills.begin(
                Drill(
                    claim="front-page",
                    section="stable",
                    began=now,
                    until=now + 600,
                    who="barista",
                    why="to see that it rings",
                )
            )
            site.broken["/cart"] = "500"
            site.broken["/api/health"] = "500"
            await contradicted(daemon)
            await both_say(
                CART["alertname"],
                "EvidencedClosedClaimContradicted",
                "EvidencedClaimsWithoutCheck",
                "EvidencedWatchdog",
            )
            drills = [labels for labels in await ours() if ("drill", "true") in labels]
            assert [dict(labels)["claim"] for labels in drills] == ["front-page"]
