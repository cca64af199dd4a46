"""Lets go of what is too old or too much: the oldest first, a small transaction at a time."""

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from evidenced.evidence.database import Database
from evidenced.evidence.records import Anchor
from evidenced.evidence.schema import evidence, saved, spans
from evidenced.evidence.statements import move_anchor, read_chain

CHUNK = 200
"""Records that one transaction removes."""

# About what a row takes beside its proof, in bytes, with its part of the indexes.
_EVIDENCE_ROW = 300
_SPAN_ROW = 150


async def prune_by_age(database: Database, cutoff: float, now: float) -> int:
    """Remove evidence and spans older than the cutoff (seconds since the epoch); how many."""
    removed = 0
    while True:
        async with database.writing() as connection:
            found = await _prune_evidence(connection, cutoff, now, CHUNK)
            found += await _prune_spans(connection, cutoff, CHUNK)
        removed += found
        if not found:
            return removed


async def prune_by_size(database: Database, limit: int, now: float) -> int:
    """Remove the oldest evidence and spans until all takes at most `limit` bytes; how many."""
    removed = 0
    while True:
        async with database.writing() as connection:
            if await size(connection) <= limit:
                return removed
            found = await _prune_oldest(connection, now)
        removed += found
        if not found:
            return removed


async def size(connection: AsyncConnection) -> int:
    """Bytes in use: the pages with something in them on SQLite, about as much on PostgreSQL.

    Neither database gives space back at once, but both use it again, so what counts is not the size
    of its files.
    """
    if connection.dialect.name == "sqlite":
        pages = await connection.scalar(text("SELECT page_count FROM pragma_page_count()"))
        free = await connection.scalar(text("SELECT freelist_count FROM pragma_freelist_count()"))
        page = await connection.scalar(text("SELECT page_size FROM pragma_page_size()"))
        return int((pages - free) * page)
    total = 0
    for weight in (
        func.sum(func.octet_length(evidence.c.proof) + _EVIDENCE_ROW),
        func.sum(func.octet_length(saved.c.state)),
        func.count(spans.c.began) * _SPAN_ROW,
    ):
        total += int(await connection.scalar(select(weight)) or 0)
    return total


async def _prune_oldest(connection: AsyncConnection, now: float) -> int:
    """Remove a chunk of what is older, evidence or spans."""
    first = select(evidence.c.at).order_by(evidence.c.id).limit(1)
    oldest_evidence = await connection.scalar(first)
    oldest_span = await connection.scalar(select(func.min(spans.c.ended)))
    if oldest_span is None or (oldest_evidence is not None and oldest_evidence <= oldest_span):
        return await _prune_evidence(connection, float("inf"), now, CHUNK)
    return await _prune_spans(connection, float("inf"), CHUNK)


async def _prune_evidence(
    connection: AsyncConnection, cutoff: float, now: float, count: int
) -> int:
    """Remove the oldest records of the chain, in a row, and note where it begins now."""
    state = await read_chain(connection, lock=True)
    columns = (evidence.c.id, evidence.c.at, evidence.c.hash)
    oldest = await connection.execute(select(*columns).order_by(evidence.c.id).limit(count))
    last, removed = None, 0
    for row in oldest:
        if row.at >= cutoff:
            break
        last, removed = row, removed + 1
    if last is None or state is None:
        return 0
    await connection.execute(delete(evidence).where(evidence.c.id <= last.id))
    await move_anchor(connection, Anchor(last.id, last.hash.hex(), now))
    return removed


async def _prune_spans(connection: AsyncConnection, cutoff: float, count: int) -> int:
    key = (spans.c.check_name, spans.c.location, spans.c.began)
    oldest = select(*key).where(spans.c.ended < cutoff).order_by(spans.c.ended).limit(count)
    done = await connection.execute(delete(spans).where(tuple_(*key).in_(oldest)))
    return done.rowcount
