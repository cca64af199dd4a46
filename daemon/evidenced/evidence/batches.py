"""Writes batches of records, each in one transaction, and knows after a doubtful one if it held."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import structlog
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from evidenced.evidence.buffer import Batch, Pending, PendingState
from evidenced.evidence.chain import seal
from evidenced.evidence.database import Database
from evidenced.evidence.records import Head, Span
from evidenced.evidence.rows import evidence_row, span_row
from evidenced.evidence.schema import evidence, open_spans
from evidenced.evidence.statements import (
    adopt_open_spans,
    last_serial,
    move_head,
    read_chain,
    rebuild_chain,
    remove_saved,
    standings,
    upsert_open_spans,
    upsert_saved,
    upsert_spans,
)

Item = TypeVar("Item")

# So many records are hashed or made into rows at a time before the event loop has its turn: about
# a millisecond's work each.
_SEALED_AT_ONCE = 5
_ROWS_AT_ONCE = 50


class Batches:
    """The writing side of a database."""

    def __init__(self, database: Database, shard: int | None = None) -> None:
        """Write as one of several daemons, or as the only one (None)."""
        self._database = database
        self._shard = shard
        self._serial = 0
        self._doubtful: tuple[Batch, Head] | None = None

    async def write(self, batch: Batch) -> None:
        """Write a batch, all or nothing; raises what the database raises.

        After an error it may still have been written, as where a server was lost while it
        committed: `settled` tells.
        """
        async with self._database.writing() as connection:
            if batch.evidence:
                await self._append(connection, batch)
            await _write_spans(connection, batch.spans)
            await self._write_saved(connection, batch.saved)
        self._doubtful = None

    async def settled(self) -> Batch | None:
        """The batch that an error left in doubt, where it was written after all."""
        if self._doubtful is None:
            return None
        batch, head = self._doubtful
        query = select(evidence.c.hash).where(evidence.c.id == head.id)
        async with self._database.writing() as connection:
            found = await connection.scalar(query)
        self._doubtful = None
        return batch if found == bytes.fromhex(head.hash) else None

    async def adopt(self) -> None:
        """Take what an earlier daemon left open as spans that ended when it last wrote them."""
        async with self._database.writing() as connection:
            # Those of other daemons that live are among them: they write them again, as they are.
            await connection.execute(adopt_open_spans(connection.dialect.name))
            await connection.execute(open_spans.delete())
            if self._shard is not None:
                self._serial = max(self._serial, await last_serial(connection, self._shard))

    async def write_open(self, spans: Iterable[Span]) -> None:
        """Write the spans under way as they stand now."""
        async with self._database.writing() as connection:
            statement = upsert_open_spans(connection.dialect.name)
            for some in _chunks(spans, _ROWS_AT_ONCE):
                await connection.execute(statement, [span_row(span) for span in some])

    async def _append(self, connection: AsyncConnection, batch: Batch) -> None:
        state = await read_chain(connection, lock=True)
        if state is None:
            structlog.get_logger().error(
                "the head of the chain of evidence is gone, it is made anew from the records"
            )
        before = head = state[0] if state else await rebuild_chain(connection)
        pending = batch.evidence
        if self._shard is not None:
            pending = tuple(await _news(connection, pending))
        for some in _chunks(pending, _SEALED_AT_ONCE):
            rows = []
            for one in some:
                sealed = seal(one.evidence, head, one.proof)
                head = Head(sealed.id, sealed.hash)
                rows.append(evidence_row(sealed, one.proof))
            await connection.execute(insert(evidence), rows)
        if head != before:
            await move_head(connection, head)
            self._doubtful = (batch, head)

    async def _write_saved(
        self, connection: AsyncConnection, states: Sequence[PendingState]
    ) -> None:
        statement = upsert_saved(connection.dialect.name)
        kept = [state for state in states if state.state is not None]
        for some in _chunks(kept, _ROWS_AT_ONCE):
            await connection.execute(statement, [self._saved_row(one) for one in some])
        for state in states:
            if state.state is None:
                await connection.execute(remove_saved(state.kind, state.name))

    def _saved_row(self, one: PendingState) -> dict[str, object]:
        if self._shard is not None:
            # Nobody reads after the only one, and what stays the same is not written again.
            self._serial += 1
        return {
            "kind": one.kind,
            "name": one.name,
            "state": one.state,
            "shard": self._shard or 0,
            "serial": self._serial,
        }


async def _news(connection: AsyncConnection, pending: Sequence[Pending]) -> list[Pending]:
    """The records that say something new: two daemons may see the same change.

    They do while the number of shards is being changed.
    """
    stands = await standings(connection, {one.evidence.claim for one in pending})
    found = []
    for one in pending:
        record = one.evidence
        if record.drill or stands.get(record.claim) != record.standing:
            found.append(one)
        if not record.drill:
            stands[record.claim] = record.standing
    return found


async def _write_spans(connection: AsyncConnection, spans: Sequence[Span]) -> None:
    statement = upsert_spans(connection.dialect.name)
    for some in _chunks(spans, _ROWS_AT_ONCE):
        await connection.execute(statement, [span_row(span) for span in some])


def _chunks(items: Iterable[Item], count: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while some := list(islice(rest, count)):
        yield some
