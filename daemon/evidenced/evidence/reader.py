"""Reads what the store keeps."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from evidenced.evidence.chain import Flaw, Problem, Verifier
from evidenced.evidence.database import Database
from evidenced.evidence.records import Anchor, Evidence, Head, Saved, Span
from evidenced.evidence.revision import check_revision
from evidenced.evidence.rows import evidence_of, saved_of, span_of, storable
from evidenced.evidence.schema import evidence, open_spans, saved, spans
from evidenced.evidence.statements import read_chain
from evidenced.evidence.trouble import StoreTroubleError, told, trouble_of

PATIENCE = 10.0
"""Seconds that a look into the store may take; verifying a long chain has no such bound."""

_CHUNK = 50
"""Records, or states, that are gone through before the event loop has its turn."""


@dataclass(frozen=True, slots=True)
class Verification:
    """How verifying the whole chain went: how many records, what is wrong, and where it lies."""

    records: int
    problems: tuple[Problem, ...]
    head: Head
    anchor: Anchor


class Reader:
    """The reading side of a database; every method raises StoreTroubleError when it cannot be."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def check_revision(self) -> None:
        """See that this program can read the store as it is, before anything is read.

        Raises NewerStoreError where a newer one wrote it, and StoreError where it is still to be
        brought forward.
        """
        database = self._database
        async with self._reading() as connection:
            await connection.run_sync(check_revision, database.url, database.migrations)

    async def state(self, *kinds: str) -> tuple[Saved, ...]:
        """All saved state, or that of some kinds; what cannot be read is left out and logged."""
        query = select(saved).order_by(saved.c.kind)
        return await self._saved(query.where(saved.c.kind.in_(kinds)) if kinds else query)

    async def saved_since(self, serials: Mapping[int, int], *kinds: str) -> tuple[Saved, ...]:
        """What each of these shards saved of these kinds, after the serial that is known of it."""
        # Nothing but this finds them by the index: all of them are looked at every few seconds.
        new = [and_(saved.c.shard == one, saved.c.serial > at) for one, at in serials.items()]
        if not new:
            return ()
        return await self._saved(select(saved).where(saved.c.kind.in_(kinds), or_(*new)))

    async def _saved(self, query: Select[Any]) -> tuple[Saved, ...]:
        found = []
        async with self._reading() as connection:
            async for rows in (await connection.stream(query)).partitions(_CHUNK):
                for row in rows:
                    try:
                        found.append(saved_of(row))
                    except ValueError:
                        _tell_unreadable(row.kind, row.name)
                await asyncio.sleep(0)
        return tuple(found)

    async def evidence(
        self,
        claim: str | None = None,
        *,
        since: float | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[Evidence, ...]:
        """The newest records first, at most `limit`: of a claim, not older than `since` (seconds
        since the epoch), with an id below `before` (for the next page)."""
        query = select(evidence).order_by(evidence.c.id.desc()).limit(limit)
        if claim is not None:
            query = query.where(evidence.c.claim == storable(claim))
        if since is not None:
            query = query.where(evidence.c.at >= since)
        if before is not None:
            query = query.where(evidence.c.id < before)
        async with self._reading() as connection:
            return tuple(evidence_of(row) for row in await connection.execute(query))

    async def record(self, id: int) -> Evidence | None:  # noqa: A002  the field's own name
        """The record with this id, None where there is none (any more)."""
        query = select(evidence).where(evidence.c.id == id)
        async with self._reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return evidence_of(row) if row is not None else None

    async def spans(self, check: str, since: float = 0.0) -> tuple[Span, ...]:
        """The spans of a check that end after `since` (seconds since the epoch), oldest first."""
        found: list[Span] = []
        async with self._reading() as connection:
            for table in (spans, open_spans):
                query = select(table).where(
                    table.c.check_name == storable(check), table.c.ended > since
                )
                found += [span_of(row) for row in await connection.execute(query)]
        return longest_known(found)

    async def head(self) -> Head:
        """The newest record of the chain."""
        async with self._reading() as connection:
            state = await read_chain(connection, lock=False)
        return state[0] if state else Head()

    async def verify(self) -> Verification:
        """Go through the whole chain as of this moment."""
        async with self._reading(patience=None) as connection:
            state = await read_chain(connection, lock=False)
            head, anchor = state or (None, Anchor())
            verifier = Verifier(anchor)
            problems = []
            if head is None:
                problems.append(Problem(Flaw.DROPPED, 0, "the head of the chain is gone"))
            async for record in _in_order(connection):
                problems += verifier.feed(record)
            problems += verifier.end(head)
        return Verification(verifier.count, tuple(problems), head or Head(), anchor)

    @asynccontextmanager
    async def _reading(self, patience: float | None = PATIENCE) -> AsyncIterator[AsyncConnection]:
        try:
            async with asyncio.timeout(patience), self._database.reading() as connection:
                yield connection
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            kind = trouble_of(error).value
            raise StoreTroubleError(f"the store cannot be read: {kind}: {told(error)}") from None


def _tell_unreadable(kind: str, name: str) -> None:
    # Costly to import for a command that only reads, and hardly ever needed.
    import structlog

    structlog.get_logger().error("saved state cannot be read", kind=kind, name=name)


def longest_known(found: list[Span]) -> tuple[Span, ...]:
    """The spans by their start; of one that is known in several stages, the latest."""
    latest: dict[tuple[str, float], Span] = {}
    for span in found:
        key = (span.location, span.start)
        if key not in latest or (latest[key].count, latest[key].end) < (span.count, span.end):
            latest[key] = span
    return tuple(sorted(latest.values(), key=lambda span: (span.start, span.location)))


async def _in_order(connection: AsyncConnection) -> AsyncIterator[Evidence]:
    """All records by their ids, a few at a time."""
    last: int | None = None
    while True:
        query = select(evidence).order_by(evidence.c.id).limit(_CHUNK)
        rows = (
            await connection.execute(query if last is None else query.where(evidence.c.id > last))
        ).all()
        for row in rows:
            yield evidence_of(row)
        if not rows:
            return
        last = rows[-1].id
