"""The one task that writes. While there is trouble it tries again, and it never dies of it."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from evidenced.evidence.address import shown
from evidenced.evidence.batches import Batches
from evidenced.evidence.buffer import Buffer
from evidenced.evidence.database import Database
from evidenced.evidence.pace import Pace
from evidenced.evidence.repeats import Repeats
from evidenced.evidence.retention import prune_by_age, prune_by_size
from evidenced.evidence.spans import Folding
from evidenced.evidence.trouble import StoreError, Trouble, told, trouble_of

AT_ONCE = 500
"""Records of each sort that one transaction writes at most."""

_LAST_TRIES = 0.2
"""Seconds between two tries once the store is being closed."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept: so many seconds back (`keep`), and so many bytes (`max_size`, None: all)."""

    keep: float
    max_size: int | None


class _EndedError(Exception):
    """The time to write what is left is over."""


class Writer:
    """Empties the buffer into the database."""

    def __init__(
        self,
        database: Database,
        buffer: Buffer,
        folding: Folding,
        *,
        pace: Pace,
        retention: Retention,
        shard: int | None = None,
    ) -> None:
        self._database = database
        self._batches = Batches(database, shard)
        self._buffer = buffer
        self._folding = folding
        self._pace = pace
        self._retention = retention
        self._log = structlog.get_logger().bind(store=shown(database.url))
        self._news, self._hurry = asyncio.Event(), asyncio.Event()
        self._closing, self._ended = asyncio.Event(), asyncio.Event()
        self._flushed: list[asyncio.Future[None]] = []
        self._adopted = False
        self._open_at = time.monotonic() + pace.open
        self._prune_at = time.monotonic() + pace.prune
        self._repeats = Repeats()
        self.trouble: str | None = None
        self.failures = 0

    def notice(self) -> None:
        """Say that there is something in the buffer that should not wait long."""
        self._news.set()

    async def open(self) -> None:
        """Try once to open the database; trouble is noted and left for later.

        Raises StoreError where a newer program wrote it.
        """
        try:
            await self._ready()
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  whatever a database fails with, the daemon starts
            await self._note(error)

    async def run(self) -> None:
        """Write until `finish` has been called and what it gives is over."""
        with suppress(_EndedError):
            while not self._ended.is_set():
                await self._due()
                await self._insistently()
                if time.monotonic() >= self._prune_at and not self._closing.is_set():
                    await self._prune()

    async def flush(self) -> None:
        """Return when all that is in the buffer now has been written."""
        done = asyncio.get_running_loop().create_future()
        self._flushed.append(done)
        self._hurry.set()
        self._news.set()
        await done

    async def finish(self) -> None:
        """Write what is left, the spans under way too, as long as the pace gives."""
        self._open_at = 0.0
        self._closing.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.closing):
                await self.flush()
        self._ended.set()
        self._hurry.set()
        self.notice()

    def tell_lost(self) -> None:
        """Log what was not written before the end."""
        if len(self._buffer):
            self._log.error("records are lost: not written before the end", lost=len(self._buffer))

    async def _due(self) -> None:
        """Wait for news and gather more, or for what is due anyway."""
        now = time.monotonic()
        rest = min(self._open_at, self._prune_at, now + self._pace.spans) - now
        await _either(self._news, rest)
        if self._news.is_set():
            await _either(self._hurry, self._pace.linger)
        self._news.clear()
        self._hurry.clear()

    async def _insistently(self) -> None:
        pace = self._pace
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Exception),
            wait=wait_random_exponential(multiplier=pace.retry_first, max=pace.retry_longest),
            sleep=self._pause,
            before_sleep=self._failed,
        )
        await retrying(self._write)

    def _tell_flushed(self) -> None:
        waiting, self._flushed = self._flushed, []
        for done in waiting:
            if not done.done():
                done.set_result(None)

    async def _write(self) -> None:
        await self._ready()
        wrote = False
        settled = await self._batches.settled()
        if settled is not None:
            self._buffer.done(settled)
            wrote = True
        if time.monotonic() >= self._open_at:
            for silent in self._folding.silent(time.time()):
                for span in silent:
                    self._buffer.put(span)
                await asyncio.sleep(0)
            await self._batches.write_open(self._folding.under_way())
            self._open_at = time.monotonic() + self._pace.open
            wrote = True
        while batch := self._buffer.peek(AT_ONCE):
            await self._batches.write(batch)
            self._buffer.done(batch)
            wrote = True
        self._tell_flushed()
        if wrote:
            self._recovered()

    async def _ready(self) -> None:
        await self._database.open()
        if not self._adopted:
            await self._batches.adopt()
            self._adopted = True

    async def _prune(self) -> None:
        self._prune_at = time.monotonic() + self._pace.prune
        now = time.time()
        try:
            removed = await prune_by_age(self._database, now - self._retention.keep, now)
            if self._retention.max_size is not None:
                removed += await prune_by_size(self._database, self._retention.max_size, now)
        except Exception as error:  # noqa: BLE001  whatever a database fails with, we go on
            await self._note(error)
        else:
            if removed:
                self._log.info("old records were let go of", records=removed)

    async def _failed(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if error is not None:
            await self._note(error)

    async def _note(self, error: BaseException) -> None:
        """Count a failure, and log it with others of its kind summed up."""
        self.failures += 1
        kind = trouble_of(error)
        self.trouble = f"{kind.value}: {told(error)}"
        self._repeats.trouble(
            kind,
            self._log.error,
            "the store cannot be written: records wait in memory, and it is tried again",
            trouble=kind.value,
            error=told(error),
            pending=len(self._buffer),
        )
        if kind is Trouble.CORRUPT:
            # Opened anew, it sets the file aside.
            await self._database.close()

    def _recovered(self) -> None:
        self._repeats.all_over(
            self._log.info,
            "the store is written again",
            failures=self.failures,
            dropped_evidence=self._buffer.dropped.evidence,
            dropped_spans=self._buffer.dropped.spans,
        )
        self.trouble = None

    async def _pause(self, seconds: float) -> None:
        if self._ended.is_set():
            raise _EndedError
        if self._closing.is_set():
            await asyncio.sleep(_LAST_TRIES)
        else:
            await _either(self._closing, seconds)


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            await event.wait()
