"""The store: takes records without ever making its callers wait, and gives them back."""

import asyncio
import math
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from evidenced.evidence.address import located
from evidenced.evidence.buffer import Buffer, Dropped, Pending, PendingState
from evidenced.evidence.canonical import canonical
from evidenced.evidence.database import Database
from evidenced.evidence.engine import BUSY
from evidenced.evidence.lead import lead_of
from evidenced.evidence.pace import Pace
from evidenced.evidence.reader import Reader, longest_known
from evidenced.evidence.records import Evidence, Run, Saved, Span
from evidenced.evidence.revision import MIGRATIONS
from evidenced.evidence.rows import state_bytes, storable, storable_evidence
from evidenced.evidence.spans import DAY, Folding
from evidenced.evidence.writer import Retention, Writer

KEEP = 400 * DAY
"""Seconds for which records are kept where nothing else is said."""

BUFFER = 64 * 1024 * 1024
"""Bytes that may wait in memory while the store cannot be written."""


class Store(Reader):
    """What one daemon keeps: an async context manager on SQLite or PostgreSQL.

    Entering it raises StoreError where the address is wrong or a newer program wrote the store.
    Any other trouble (a full disk, a lock, a lost server) is counted, logged once and waited for,
    while records gather in a bounded buffer; what is read meanwhile raises StoreTroubleError. A
    SQLite file that is corrupt is set aside under another name, and a new one is begun.

    Where several daemons share a store, each has the number of its `shard`: all their records are
    in one chain, and a change that two of them saw is in it once.
    """

    def __init__(
        self,
        address: str,
        directory: Path,
        *,
        keep: float = KEEP,
        max_size: int | None = None,
        buffer: int = BUFFER,
        pace: Pace | None = None,
        migrations: Path = MIGRATIONS,
        shard: int | None = None,
    ) -> None:
        self._database = Database(located(address, directory), migrations)
        super().__init__(self._database)
        self._buffer = Buffer(buffer)
        self._folding = Folding()
        self._writer = Writer(
            self._database,
            self._buffer,
            self._folding,
            pace=pace or Pace(),
            retention=Retention(keep, max_size),
            shard=shard,
        )
        self.lead = lead_of(self._database.url)
        """The lead among the daemons that share this store."""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._writer.open()
        except BaseException:
            await self._database.close()
            raise
        self._task = asyncio.create_task(self._writer.run(), name="store")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._writer.finish()
        if self._task is not None:
            # A write under way is left to end: the thread that does it cannot be cancelled.
            await asyncio.wait([self._task], timeout=2 * BUSY)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._writer.tell_lost()
        await self.lead.leave()
        await self._database.close()

    def put(self, record: Evidence | Run | Saved) -> None:
        """Take in a record, to be written within about a second; returns at once.

        What it holds is copied, so it may be changed afterwards. Runs are folded into spans, and
        must come in the order of the runs of their check. Put state only where it changed. Raises
        ValueError for a time or duration that is no finite number.
        """
        match record:
            case Evidence():
                _check_finite(record.at)
                self._buffer.put(Pending(storable_evidence(record), canonical(record.proof)))
            case Run():
                _check_finite(record.at, record.duration, record.reach)
                closed = self._folding.add(record)
                if closed is not None:
                    self._buffer.put(closed)
            case Saved():
                state = None if record.state is None else state_bytes(record.state)
                self._buffer.put(PendingState(storable(record.kind), storable(record.name), state))
        if self._buffer.urgent:
            self._writer.notice()

    async def flush(self) -> None:
        """Return when all that was put so far is on disk; the caller sets the deadline."""
        await self._writer.flush()

    @property
    def write_failures(self) -> int:
        """How many writes have failed since the start."""
        return self._writer.failures

    @property
    def trouble(self) -> str | None:
        """What keeps the store from being written just now, None where nothing does."""
        return self._writer.trouble

    @property
    def pending(self) -> int:
        """How many records wait to be written."""
        return len(self._buffer)

    @property
    def dropped(self) -> Dropped:
        """How many records were given up since the start, because the buffer was full."""
        return self._buffer.dropped

    async def spans(self, check: str, since: float = 0.0) -> tuple[Span, ...]:
        """The spans of a check that end after `since` (seconds since the epoch), oldest first.

        Those under way and those not written yet are among them.
        """
        # Memory first: what is written in the meantime is then in both, not in neither.
        here = (*self._buffer.spans(check), *self._folding.under_way(check))
        kept = await super().spans(check, since)
        return longest_known([*kept, *(span for span in here if span.end > since)])


def _check_finite(*numbers: float) -> None:
    for number in numbers:
        if not math.isfinite(number):
            raise ValueError(f"found {number}, expected a finite number of seconds")
