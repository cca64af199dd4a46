"""The main job, end to end: a ledger watched, scraped and judged by a real Prometheus."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from evidenced.app.life import running
from evidenced.config.load import load
from evidenced.demo.shop import Shop
from evidenced.publish.rules import rules

INTERVAL, PACE, KEPT = 1.0, 0.5, 1.0
SLACK = 6.0
"""Seconds that a busy machine may take beyond what the beat says."""

STABLE = 'evidenced_claim_verified{section="stable"}'


async def test_a_broken_page_is_one_fallen_claim_and_one_alert(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    start_prometheus: Callable[..., Any],
    wait_for: Callable[..., Any],
    tmp_path: Path,
) -> None:
    site, _ = shop
    config = configured(rules={"keep": f"{KEPT:g}s"})
    written = tmp_path / "generated.rules.yml"
    written.write_text(rules(load(config, {})), "utf-8")
    async with running(config) as daemon:
        host, port = daemon.address
        pace = f"{PACE * 1000:.0f}ms"
        async with start_prometheus([f"{host}:{port}"], pace, written) as prometheus:

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

            await wait_for(all_hold, 30)

            async def watchdog() -> bool:
                return bool(("EvidencedWatchdog", "") in await prometheus.firing())

            await wait_for(watchdog, 30)
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

            await wait_for(resolved, INTERVAL + KEPT + 2 * PACE + SLACK)


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

            await wait_for(unverified, 30)
