"""Server-sent events: what changed goes to all open pages, made once for all of them.

The format is that of the HTML standard, section 9.2, "Server-sent events".
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice

import structlog
from aiohttp import hdrs, web

MOST = 4000
"""Pages that may listen at one time."""

WAITING = 8
"""Events that may wait for one page; a page that is further behind is dropped, and comes again."""

SLOW = 20.0
"""Seconds that a page may take to accept an event."""

BEAT = 20.0
"""Seconds between two signs of life, so that nothing on the way takes the stream for dead."""

PACE = 1.0
"""Seconds between two looks at what changed, while anybody listens."""

GROUP = 25
"""Pages that are told in one go, after which probes have their turn."""

HEADERS = {
    hdrs.CONTENT_TYPE: "text/event-stream",
    hdrs.CACHE_CONTROL: "no-store",
    # nginx would otherwise keep events back until it has a bufferful.
    "X-Accel-Buffering": "no",
}


class Feed:
    """The pages that listen.

    `look` gives what is to be told since it was last asked (the data of an event), or None; `greet`
    gives what a page is told first, so that it knows whether it missed anything before.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[str | None]],
        greet: Callable[[], Awaitable[str]],
        pace: float = PACE,
    ) -> None:
        self._look = look
        self._greet = greet
        self._pace = pace
        self._listeners: dict[int, asyncio.Queue[bytes | None]] = {}
        self._next = 0
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many pages listen."""
        return len(self._listeners)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One page that listens, until it goes or is too slow."""
        if self._closed or len(self._listeners) >= MOST:
            return web.Response(status=503, headers={hdrs.RETRY_AFTER: "60"})
        response = web.StreamResponse(headers=HEADERS)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(WAITING)
        place, self._next = self._next, self._next + 1
        self._listeners[place] = queue
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._tell(), name="events")
        try:
            await response.prepare(request)
            await _write(response, b"retry: 3000\n" + _event(await self._greet()))
            while (event := await _next(queue)) is not None:
                await _write(response, event)
        except (ConnectionError, TimeoutError):
            pass
        finally:
            self._listeners.pop(place, None)
        return response

    async def close(self) -> None:
        """End all streams, so that the daemon can stop."""
        self._closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for queue in self._listeners.values():
            _drop(queue)

    async def _tell(self) -> None:
        while self._listeners:
            try:
                data = await self._look()
            except Exception:  # noqa: BLE001  the pages ask by themselves as well, and go on
                structlog.get_logger().exception("what changed cannot be told to open pages")
                data = None
            if data is not None:
                await self._broadcast(_event(data))
            await asyncio.sleep(self._pace)

    async def _broadcast(self, event: bytes) -> None:
        for group in _groups(tuple(self._listeners.values())):
            for queue in group:
                if queue.full():
                    _drop(queue)
                else:
                    queue.put_nowait(event)
            # Not merely the next turn of the loop: all that is to be written must not be one turn.
            await asyncio.sleep(0.002)


def _event(data: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"{lines}\n".encode()


def _drop(queue: asyncio.Queue[bytes | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)


async def _next(queue: asyncio.Queue[bytes | None]) -> bytes | None:
    try:
        async with asyncio.timeout(BEAT):
            return await queue.get()
    except TimeoutError:
        return b": still here\n\n"


async def _write(response: web.StreamResponse, data: bytes) -> None:
    async with asyncio.timeout(SLOW):
        await response.write(data)


def _groups(
    queues: tuple[asyncio.Queue[bytes | None], ...],
) -> Iterator[tuple[asyncio.Queue[bytes | None], ...]]:
    rest = iter(queues)
    while group := tuple(islice(rest, GROUP)):
        yield group
