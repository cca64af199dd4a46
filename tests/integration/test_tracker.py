"""A running daemon, a shop that breaks, and a forge: one outage is one issue."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from app.tracker_stand_in import TOKEN, StandIn, listening
from evidenced.app.life import running
from evidenced.demo.shop import Shop

WaitFor = Callable[..., Any]


async def test_an_outage_is_one_issue_over_a_restart(
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    wait_for: WaitFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("evidenced.app.tracking.LAG", 2.0)
    async with listening(StandIn()) as forge, aiohttp.ClientSession() as session:

        async def opened() -> bool:
            return any(one.open for one in forge.issues.values())

        async def closed() -> bool:
            return bool(forge.issues) and not await opened()

        config = configured(
            external_url="https://evidence.shop.example",
            tracker={
                "base_url": forge.url,
                "repository": "bakery/operations",
                "token": TOKEN,
                "settle": "1s",
            },
        )
        shop[0].broken["/cart"] = "500"
        async with running(config) as daemon:
            await wait_for(opened, 30)
            url = "http://{}:{}/metrics".format(*daemon.address)
            async with session.get(url) as response:
                text = await response.text()
            assert "\nevidenced_tracker_issues_opened_total 1.0\n" in text
            assert "\nevidenced_tracker_outages_waiting 0.0\n" in text
            assert TOKEN not in text
        [issue] = forge.issues.values()
        assert "- Evidence: record " in issue.body
        assert "(status)" in issue.body
        assert "https://evidence.shop.example/claims/cart" in issue.body
        shop[0].broken["/cart"] = "slow"
        async with running(config) as daemon:
            assert [one.number for one in daemon._tracking.book.outages] in ([], [1])
            del shop[0].broken["/cart"]
            await wait_for(closed, 30)
        assert list(forge.issues) == [1]
        assert len(issue.comments) == 1
