import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import structlog
from aiohttp import web
from structlog.testing import capture_logs

from evidenced.app.heartbeat import STUCK, Heartbeat
from evidenced.config.heartbeat import HeartbeatSettings
from evidenced.probes.resolver import Resolver


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


class Switch:
    """A dead man's switch: what it was asked, and what it answers next."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.pause = 0.0
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path_qs}")
        await asyncio.sleep(self.pause)
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def switch() -> AsyncIterator[Switch]:
    answering = Switch()
    application = web.Application()
    application.router.add_route("*", "/{any:.*}", answering.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    answering.url = f"http://127.0.0.1:{runner.addresses[0][1]}/swordfish?key=swordfish"
    yield answering
    await runner.cleanup()


def settings(url: str, **more: object) -> HeartbeatSettings:
    return HeartbeatSettings.model_validate({"url": url, "every": "300ms", **more})


class Daemon:
    """What a heartbeat asks of a daemon."""

    def __init__(self, settings: HeartbeatSettings | None) -> None:
        self.settings = settings
        self.behind = 0.0
        self.heartbeat = Heartbeat(lambda: self.settings, lambda: self.behind, Resolver())

    @property
    def failures(self) -> int:
        return self.heartbeat.sent.failures or 0

    @asynccontextmanager
    async def living(self) -> AsyncIterator[list[Any]]:
        with capture_logs() as logs:
            self.heartbeat._log = structlog.get_logger()
            task = asyncio.create_task(self.heartbeat.run())
            try:
                yield logs
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        assert "swordfish" not in repr(logs)


async def test_it_is_sent_again_and_again(switch: Switch) -> None:
    daemon = Daemon(settings(switch.url, method="POST"))
    async with daemon.living() as logs:
        await until(lambda: len(switch.asked) >= 3)
        await until(lambda: daemon.heartbeat.sent.last_success is not None)
    assert set(switch.asked) == {"POST /swordfish?key=swordfish"}
    assert (daemon.failures, logs) == (0, [])


@pytest.mark.parametrize(
    ("status", "reason"), [(500, "status 500"), (404, "status 404"), (302, "status 302")]
)
async def test_an_outage_is_logged_once_and_counted(
    status: int, reason: str, switch: Switch
) -> None:
    daemon = Daemon(settings(switch.url))
    async with daemon.living() as logs:
        switch.status = status
        await until(lambda: daemon.failures >= 3)
        assert [(log["event"], log["reason"]) for log in logs] == [("heartbeat failed", reason)]
        switch.status = 204
        await until(lambda: len(logs) == 2)
        assert logs[1]["event"] == "heartbeat is sent again"
        failures = daemon.failures
        switch.status = 503
        await until(lambda: daemon.failures > failures)
        assert len(logs) == 3


async def test_an_answer_that_is_too_late_is_a_failure(switch: Switch) -> None:
    switch.pause = 5.0
    daemon = Daemon(settings(switch.url, every="200ms", timeout="50ms"))
    async with daemon.living() as logs:
        await until(lambda: daemon.failures >= 1)
    assert logs[0]["reason"] == "no answer within 0.05 s"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/swordfish", "no answer: ClientConnectorError"),
        ("http://swordfish.invalid/", "the name cannot be resolved"),
        ("https://{switch}/swordfish", "no TLS, or a certificate that is not trusted"),
    ],
)
async def test_nobody_there(url: str, reason: str, switch: Switch) -> None:
    host = switch.url.split("/")[2]
    daemon = Daemon(settings(url.format(switch=host)))
    async with daemon.living() as logs:
        await until(lambda: daemon.failures >= 1)
    assert logs[0]["reason"] == reason


async def test_it_is_not_sent_while_the_schedule_is_stuck(switch: Switch) -> None:
    daemon = Daemon(settings(switch.url))
    async with daemon.living() as logs:
        await until(lambda: len(switch.asked) >= 1)
        daemon.behind = STUCK + 1
        await until(lambda: len(logs) == 1)
        sent = len(switch.asked)
        await asyncio.sleep(0.7)  # in which two more were due
        assert len(switch.asked) == sent
        assert logs[0]["behind_seconds"] == STUCK + 1
        daemon.behind = 0.0
        await until(lambda: len(switch.asked) > sent)
    assert daemon.failures == 0


async def test_other_settings_are_taken_over_at_once(switch: Switch) -> None:
    daemon = Daemon(None)
    async with daemon.living():
        assert daemon.heartbeat.sent.failures is None
        daemon.settings = settings(switch.url, every="1h")
        daemon.heartbeat.changed()
        await until(lambda: len(switch.asked) == 1)
        for _ in range(3):
            daemon.heartbeat.changed()  # of something else
            await asyncio.sleep(0.01)
        assert len(switch.asked) == 1
        daemon.settings = None
        daemon.heartbeat.changed()
        await asyncio.sleep(0)
        assert daemon.heartbeat.sent.last_success is None
