"""The histories of checks, read from the store when a page first needs them, and kept."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidenced.evidence.reader import Reader
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.publish.page.strip import History, began, history
from evidenced.watch.board import Board

FRESH = 300.0
"""Seconds after which a history is read again, when somebody looks at it."""

RETRY = 15.0
"""The same where the store could not be read."""

AT_ONCE = 4
"""Histories that are read from the store at one time, so that what has to be written gets on."""

MOST = 20_000
"""Histories that are kept: a few hundred bytes each."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A history (None where it could not be read), when it was made, and how the check stood."""

    history: History | None
    made: float
    standing: str


class Histories:
    """The last ninety days of each check that somebody looked at."""

    def __init__(self, board: Board, reader: Reader) -> None:
        self._board = board
        self._reader = reader
        self._kept: dict[str, _Kept] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def get(self, names: Iterable[str], patience: float) -> Mapping[str, History | None]:
        """Those of these checks that are there within so many seconds.

        The others are read all the same, and are there the next time. What is old is given while it
        is read again.
        """
        wanted = [name for name in dict.fromkeys(names) if name in self._board.checks]
        now = time.time()
        for name in wanted:
            if self._is_old(name, now) and name not in self._under_way:
                self._under_way[name] = asyncio.create_task(self._read(name))
        missing = [self._under_way[name] for name in wanted if name not in self._kept]
        if missing:
            await asyncio.wait(missing, timeout=patience)
        return {name: self._kept[name].history for name in wanted if name in self._kept}

    async def close(self) -> None:
        """Stop reading."""
        tasks = tuple(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_old(self, name: str, now: float) -> bool:
        kept = self._kept.get(name)
        if kept is None or kept.standing != self._board.checks[name].standing:
            return True
        return now - kept.made > (RETRY if kept.history is None else FRESH)

    async def _read(self, name: str) -> None:
        try:
            async with self._turn:
                await self._read_now(name)
        finally:
            self._under_way.pop(name, None)

    async def _read_now(self, name: str) -> None:
        status = self._board.checks.get(name)
        if status is None:
            return
        now, standing = time.time(), status.standing.value
        location = status.check.location or ""
        try:
            spans = await self._reader.spans(name, began(now))
        except StoreTroubleError:
            known = self._kept.get(name)
            old = known.history if known else None
            self._kept[name] = _Kept(old, now - FRESH + RETRY if old else now, standing)
            return
        here = [span for span in spans if span.location == location]
        made = await asyncio.to_thread(history, here, now)
        if len(self._kept) >= MOST:
            # The one that was first looked at goes; it is read again when somebody wants it.
            del self._kept[next(iter(self._kept))]
        self._kept[name] = _Kept(made, now, standing)
