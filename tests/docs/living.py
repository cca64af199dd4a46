"""A daemon and a small site that live in a thread of their own, beside commands that are run."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from evidenced.app.daemon import Daemon
from evidenced.app.life import running

Held = TypeVar("Held")

DEADLINE = 30.0
"""Seconds within which whatever is waited for must be so."""


@dataclass(slots=True)
class Site:
    """A site whose answers a test sets: a path, and what it is answered with."""

    answers: dict[str, tuple[int, dict[str, str], str]] = field(default_factory=dict)
    url: str = ""

    def says(self, path: str, body: str = "", status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, named, body)

    async def answer(self, request: web.Request) -> web.Response:
        status, headers, body = self.answers.get(request.path, (404, {}, ""))
        return web.Response(status=status, headers=headers, text=body)


class Life:
    """A loop in a thread, and what is held open in it until the end of the block."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._over: list[tuple[asyncio.Task[None], asyncio.Event]] = []

    @classmethod
    @contextmanager
    def begin(cls) -> Iterator["Life"]:
        life = cls()
        life._thread.start()
        try:
            yield life
        finally:
            try:
                life.call(life._end())
            finally:
                life._loop.call_soon_threadsafe(life._loop.stop)
                life._thread.join(DEADLINE)
                life._loop.close()

    def call(self, task: Coroutine[Any, Any, Held]) -> Held:
        """What the coroutine returns."""
        return asyncio.run_coroutine_threadsafe(task, self._loop).result(DEADLINE)

    def hold(self, context: AbstractAsyncContextManager[Held]) -> Held:
        """Enter the context in a task of its own, which leaves it at the end."""
        return self.call(self._hold(context))

    def site(self) -> Site:
        """A site on loopback."""
        return self.hold(_served(Site()))

    def daemon(self, config: Path) -> Daemon:
        """A daemon of this configuration."""
        return self.hold(running(config))

    async def _hold(self, context: AbstractAsyncContextManager[Held]) -> Held:
        entered: asyncio.Future[Held] = self._loop.create_future()
        over = asyncio.Event()

        async def inside() -> None:
            try:
                async with context as held:
                    entered.set_result(held)
                    await over.wait()
            except BaseException as error:
                if entered.done():
                    raise
                entered.set_exception(error)

        task = asyncio.create_task(inside())
        self._over.append((task, over))
        return await entered

    async def _end(self) -> None:
        ends: list[BaseException | None] = []
        for task, over in reversed(self._over):
            over.set()
            ends += await asyncio.gather(task, return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end


@asynccontextmanager
async def _served(site: Site) -> AsyncIterator[Site]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield site
    finally:
        await runner.cleanup()
