"""The heartbeat of a running daemon, as a dead man's switch sees it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from evidenced.app.life import running

WaitFor = Callable[..., Any]


async def test_a_running_daemon_says_that_it_lives(
    configured: Callable[..., Path], wait_for: WaitFor
) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    application = web.Application()
    application.router.add_get("/{token}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        url = f"http://127.0.0.1:{port}/swordfish"
        config = configured(heartbeat={"url": url, "every": "200ms"})

        async def several() -> bool:
            return len(asked) >= 3

        async with running(config) as daemon, aiohttp.ClientSession() as session:
            await wait_for(several, 30)
            metrics = "http://{}:{}/metrics".format(*daemon.address)
            async with session.get(metrics) as response:
                text = await response.text()
            assert "\nevidenced_heartbeat_failures_total 0.0\n" in text
            assert "\nevidenced_heartbeat_last_success_timestamp_seconds " in text
            assert "swordfish" not in text
            # An address that fails takes over by a reload, and its failures are counted.
            changed = yaml.safe_load(config.read_text("utf-8"))
            changed["heartbeat"] = "http://127.0.0.1:1/swordfish"
            config.write_text(yaml.safe_dump(changed), "utf-8")
            await daemon.in_force.reload()

            async def failed() -> bool:
                async with session.get(metrics) as response:
                    return "\nevidenced_heartbeat_failures_total 1.0\n" in await response.text()

            await wait_for(failed, 30)
        heard = len(asked)
        await asyncio.sleep(0.3)
        assert len(asked) == heard
    finally:
        await runner.cleanup()


async def test_without_a_heartbeat_there_are_no_metrics_of_one(
    configured: Callable[..., Path],
) -> None:
    async with running(configured()) as daemon, aiohttp.ClientSession() as session:
        response = await session.get("http://{}:{}/metrics".format(*daemon.address))
        async with response:
            assert "evidenced_heartbeat" not in await response.text()
