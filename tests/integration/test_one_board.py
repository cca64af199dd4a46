"""Metrics, API and terminal show the same standings, since the same moments, at the same time."""

import io
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.play import table
from evidenced.demo.shop import Shop
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.verdict import Standing

Shown = dict[str, dict[str, Any]]
STATUS = "evidenced_claim_status"
TIMES = {
    "last_verified": "evidenced_claim_last_verified_timestamp_seconds",
    "contradicted": "evidenced_claim_contradicted_timestamp_seconds",
}


def when(text: str | None) -> float | None:
    """Seconds since the epoch, to the millisecond."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo == UTC
    return round(moment.timestamp(), 3)


def of_metrics(text: str) -> Shown:
    shown: Shown = {}
    samples = [s for family in text_string_to_metric_families(text) for s in family.samples]
    checks: dict[str, bool] = {}
    for sample in samples:
        if sample.name == STATUS and sample.value == 1:
            one = shown.setdefault(sample.labels["claim"], dict.fromkeys(TIMES))
            assert "standing" not in one
            one["standing"] = sample.labels["status"]
        if sample.name == "probe_maintenance":
            checks[sample.labels["check"]] = sample.value == 1
    for sample in samples:
        for key, name in TIMES.items():
            if sample.name == name:
                shown[sample.labels["claim"]][key] = round(sample.value, 3)
        if sample.name == "evidenced_claim_check_info":
            one = shown[sample.labels["claim"]]
            one["frozen"] = one.get("frozen", False) or checks[sample.labels["check"]]
    return shown


def of_api(claims: list[dict[str, Any]]) -> Shown:
    return {
        claim["id"]: {
            "standing": claim["standing"],
            **{key: when(claim[key]) for key in TIMES},
            **({"frozen": claim["maintenance"] is not None} if claim["checks"] else {}),
        }
        for claim in claims
    }


def of_terminal(daemon: Daemon) -> dict[str, str]:
    text = io.StringIO()
    Console(file=text, width=300, color_system=None).print(table(daemon.board))
    rows = [line.split() for line in text.getvalue().splitlines()]
    found = (
        next((i for i, word in enumerate(row) if word in daemon.board.claims), 0) for row in rows
    )
    return {row[i]: row[i + 2] for row, i in zip(rows, found, strict=True) if i}


async def compare(daemon: Daemon) -> dict[str, str]:
    """Read all three at one moment, hold them against each other; the standings by claim."""
    url = "http://{}:{}".format(*daemon.address)
    async with aiohttp.ClientSession() as session:
        deadline = time.monotonic() + 20
        while True:
            before = dict(daemon.board.claims)
            async with session.get(f"{url}/metrics") as response:
                metrics = of_metrics(await response.text())
            async with session.get(f"{url}/api/v1/claims") as response:
                api = (await response.json())["claims"]
            async with session.get(f"{url}/api/v1/checks") as response:
                checks = (await response.json())["checks"]
            terminal = of_terminal(daemon)
            if before == daemon.board.claims:
                break
            assert time.monotonic() < deadline, "the board never stood still"
        assert list(before) == [claim["id"] for claim in api]
        for claim in api:
            async with session.get(f"{url}/api/v1/claims/{claim['id']}") as response:
                assert (await response.json())["title"] == claim["title"]
            since = before[claim["id"]].since
            assert when(claim["since"]) == (round(since, 3) if since is not None else None)
    assert metrics == of_api(api)
    assert terminal == {claim["id"]: claim["standing"] for claim in api}
    by_name = {check["name"]: check for check in checks}
    for claim in api:
        for one in claim["checks"]:
            assert one["standing"] == by_name[one["name"]]["standing"]
            assert one["failure"] == by_name[one["name"]]["failure"]
    return terminal


async def test_all_three_show_the_same(
    configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: Callable[..., Any]
) -> None:
    gateway = {"name": "gateway", "http": {"url": "/api/health", "expect": {"status": 200}}}
    config = configured(checks=[gateway], vantage={"checks": ["gateway"]})
    async with running(config) as daemon:

        async def stand(standing: Standing, *claims: str) -> None:
            async def so() -> bool:
                return all(daemon.board.claims[claim].standing == standing for claim in claims)

            await wait_for(so, 30)

        live = [name for name, claim in daemon.board.claims.items() if claim.checks]
        await stand(Standing.VERIFIED, *live)
        assert set((await compare(daemon)).values()) == {"verified", "unverified"}

        shop[0].broken["/cart"] = "500"
        await stand(Standing.CONTRADICTED, "cart")
        assert (await compare(daemon))["cart"] == "contradicted"

        now = time.time()
        daemon.board.begin(Maintenance("tea-page", now + 3600, "new tea"), now)
        shop[0].broken["/teas/1"] = "500"
        shown = await compare(daemon)
        assert (shown["tea-page"], shown["cart"]) == ("verified", "contradicted")

        shop[0].broken["/api/health"] = "500"
        await stand(Standing.UNKNOWN, "orders-api", "front-page")
        shown = await compare(daemon)
        assert (shown["orders-api"], shown["cart"]) == ("unknown", "contradicted")
        assert shown["tea-page"] == "verified"


async def test_a_claim_that_the_ledger_does_not_have(configured: Callable[..., Path]) -> None:
    async with running(configured()) as daemon, aiohttp.ClientSession() as session:
        url = "http://{}:{}/api/v1/claims/no-such".format(*daemon.address)
        async with session.get(url) as response:
            assert response.status == 404
            assert response.content_type == "application/problem+json"
            assert (await response.json())["status"] == 404
