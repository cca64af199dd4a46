"""`/probe` by itself, and servers on loopback for it to look at."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web

from evidenced.config.blackbox.load import load_blackbox
from evidenced.config.probe import Allowed
from evidenced.probes.resolver import Lookup
from evidenced.probes.resources import Resources
from evidenced.publish.blackbox.guard import Guard
from evidenced.publish.blackbox.handler import ProbeHandler, Settings
from evidenced.publish.blackbox.look import every_address

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Answer:
    """What `/probe` said."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text

    def value(self, series: str) -> float | None:
        """The value of a series as it is written, None where it is not there."""
        for line in self.text.splitlines():
            if line.startswith(f"{series} "):
                return float(line.rpartition(" ")[2])
        return None

    @property
    def success(self) -> float | None:
        assert self.status == 200, self.text
        return self.value("probe_success")


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
async def ask(tmp_path: Path) -> AsyncIterator[Ask]:
    """Ask `/probe`: `ask({module keys}, target, allow=[…], lookup=…, headers=…, hostname=…)`."""
    async with Resources() as resources, aiohttp.ClientSession() as session:

        async def one(
            keys: dict[str, Any] | None,
            target: str | None,
            /,
            *,
            allow: tuple[str, ...] = ("127.0.0.0/8",),
            configured: frozenset[tuple[str, int | None]] = frozenset(),
            lookup: Lookup = every_address,
            headers: dict[str, str] | None = None,
            **query: str,
        ) -> Answer:
            modules = {} if keys is None else {"m": keys}
            file = tmp_path / "blackbox.yml"
            file.write_text(yaml.safe_dump({"modules": modules}), "utf-8")
            guard = Guard(tuple(map(Allowed, allow)), configured)
            settings = Settings(load_blackbox(file).modules, guard, 0.5)
            handler = ProbeHandler(lambda: settings, resources, 10, lookup)
            app = web.Application()
            app.router.add_get("/probe", handler.handle)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            base = f"http://127.0.0.1:{runner.addresses[0][1]}/probe"
            params = {"module": "m", **query} | ({} if target is None else {"target": target})
            try:
                async with session.get(base, params=params, headers=headers) as response:
                    return Answer(response.status, await response.text())
            finally:
                await runner.cleanup()

        yield one


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Talk], Awaitable[int]]]:
    """Start a server that does what `talk` says with each connection; gives its port."""
    servers: list[asyncio.Server] = []
    talking: set[asyncio.Task[Any]] = set()

    async def start(talk: Talk) -> int:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talking.add(task)
            try:
                with suppress(OSError, asyncio.IncompleteReadError):
                    await talk(reader, writer)
                    await writer.drain()
                writer.close()
            except asyncio.CancelledError:
                writer.transport.abort()
            finally:
                talking.discard(task)

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()
    for task in tuple(talking):
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)


@pytest.fixture
async def site() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Start a site with handlers by path; gives HOST:PORT."""
    runners: list[web.AppRunner] = []

    async def start(**handlers: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> str:
        app = web.Application()
        for path, handler in handlers.items():
            app.router.add_route("*", f"/{path}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()
