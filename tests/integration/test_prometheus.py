"""The main job, end to end: a ledger watched, scraped and judged by a real Prometheus."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from evidenced.app.daemon import running
from evidenced.demo.shop import Shop

INTERVAL, PACE = 1.0, 0.5
SLACK = 1.5
"""Seconds that a busy machine may take beyond what the beat says."""

STABLE = 'evidenced_claim_verified{section="stable"}'


async def test_a_broken_page_is_one_fallen_claim_and_one_alert(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    start_prometheus: Callable[..., Any],
    wait_for: Callable[..., Any],
) -> None:
    site, _ = shop
    async with running(configured()) as daemon:
        host, port = daemon.address
        async with start_prometheus([f"{host}:{port}"], f"{PACE * 1000:.0f}ms") as prometheus:

            async def standing() -> dict[str, str]:
                return {
                    series["metric"]["claim"]: series["value"][1]
                    for series in await prometheus.query(STABLE)
                }

            async def fallen() -> list[str]:
                return [claim for claim, value in (await standing()).items() if value == "0"]

            async def all_hold() -> bool:
                found = await standing()
                return len(found) == 9 and set(found.values()) == {"1"}

            await wait_for(all_hold, 15)

            async def watchdog() -> bool:
                return bool(("EvidencedWatchdog", "") in await prometheus.firing())

            await wait_for(watchdog, 5)
            before = await prometheus.firing()
            assert not [name for name, claim in before if claim]

            site.broken["/cart"] = "500"

            async def cart_fell() -> bool:
                return await fallen() == ["cart"]

            await wait_for(cart_fell, 2 * INTERVAL + PACE + SLACK)

            async def alerted() -> bool:
                return bool(await prometheus.firing() != before)

            await wait_for(alerted, PACE + SLACK)
            assert await prometheus.firing() - before == {
                ("EvidencedStableClaimContradicted", "cart")
            }
            assert await fallen() == ["cart"]
            (info,) = await prometheus.query('probe_failure_info{check="cart"}')
            assert info["metric"]["reason"] == "status"
            assert "500" in info["metric"]["detail"]

            del site.broken["/cart"]

            async def resolved() -> bool:
                return bool(await prometheus.firing() == before) and await all_hold()

            await wait_for(resolved, INTERVAL + 2 * PACE + SLACK)


async def test_every_claim_has_its_gauges_from_the_first_scrape_on(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    start_prometheus: Callable[..., Any],
    wait_for: Callable[..., Any],
) -> None:
    config = configured(defaults={"interval": "1h"})
    async with running(config) as daemon:
        host, port = daemon.address
        async with start_prometheus([f"{host}:{port}"], "500ms") as prometheus:

            async def unverified() -> bool:
                expression = 'evidenced_claim_status{status="unverified"} == 1'
                return len(await prometheus.query(expression)) == len(daemon.board.claims) == 12

            await wait_for(unverified, 10)
