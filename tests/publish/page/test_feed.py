"""Server-sent events, as those who listen get them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from evidenced.publish.page import feed as feeding
from evidenced.publish.page.feed import WAITING, Feed

PATIENCE = 15


class Teller:
    """What is to be told: each text once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.asked = 0

    async def look(self) -> str | None:
        self.asked += 1
        return self.texts.pop(0) if self.texts else None

    async def greet(self) -> str:
        return "hello"


@asynccontextmanager
async def served(feed: Feed) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_get("/events", feed.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/events"
    finally:
        await feed.close()
        await runner.cleanup()


async def event(response: aiohttp.ClientResponse) -> str:
    """The next event, without its last line."""
    async with asyncio.timeout(PATIENCE):
        return (await response.content.readuntil(b"\n\n")).decode().rstrip("\n")


async def test_all_who_listen_are_told_once_made() -> None:
    teller = Teller()
    feed = Feed(teller.look, teller.greet, pace=0.01)
    async with served(feed) as url, aiohttp.ClientSession() as session:
        one, two = await session.get(url), await session.get(url)
        assert one.content_type == "text/event-stream"
        for listener in (one, two):
            assert await event(listener) == "retry: 3000\ndata: hello"
        teller.texts = ["first\nof two lines", "second"]
        for listener in (one, two):
            assert await event(listener) == "data: first\ndata: of two lines"
            assert await event(listener) == "data: second"
        assert feed.listeners == 2
        one.close()
        two.close()


async def test_nobody_is_asked_while_nobody_listens() -> None:
    teller = Teller()
    feed = Feed(teller.look, teller.greet, pace=0.01)
    async with served(feed) as url, aiohttp.ClientSession() as session:
        assert teller.asked == 0
        listener = await session.get(url)
        await event(listener)
        listener.close()
        asking = feed._task
        assert asking is not None
        async with asyncio.timeout(PATIENCE):
            while not asking.done():
                teller.texts = ["anybody there?"]
                await asyncio.sleep(0.01)
        assert feed.listeners == 0
        again = await session.get(url)
        assert await event(again) == "retry: 3000\ndata: hello"
        again.close()


async def test_one_who_does_not_read_is_dropped_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeding, "SLOW", 2.0)
    teller = Teller()
    feed = Feed(teller.look, teller.greet, pace=0.01)
    async with served(feed) as url, aiohttp.ClientSession() as session:
        port = int(url.rsplit(":", 1)[1].split("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
        quick = await session.get(url, read_bufsize=2**20)
        await event(quick)
        async with asyncio.timeout(PATIENCE):
            while feed.listeners < 2:
                await asyncio.sleep(0.01)
        told = 0
        async with asyncio.timeout(60):
            while feed.listeners == 2:
                teller.texts.append("x" * 500_000)
                assert len(await event(quick)) == 500_006
                told += 1
        assert told >= WAITING
        writer.close()
        quick.close()
        assert reader is not None


async def test_trouble_in_looking_does_not_end_it() -> None:
    teller = Teller()
    broken = True

    async def look() -> str | None:
        nonlocal broken
        if broken:
            broken = False
            raise RuntimeError("not this time")
        return await teller.look()

    feed = Feed(look, teller.greet, pace=0.01)
    async with served(feed) as url, aiohttp.ClientSession() as session:
        listener = await session.get(url)
        await event(listener)
        teller.texts = ["still told"]
        assert await event(listener) == "data: still told"
        listener.close()


async def test_a_closed_one_ends_its_streams_and_takes_none() -> None:
    teller = Teller()
    feed = Feed(teller.look, teller.greet, pace=0.01)
    async with served(feed) as url, aiohttp.ClientSession() as session:
        listener = await session.get(url)
        await event(listener)
        await feed.close()
        async with asyncio.timeout(PATIENCE):
            assert await listener.content.read() == b""
        async with session.get(url) as response:
            assert response.status == 503
            assert response.headers["Retry-After"] == "60"
