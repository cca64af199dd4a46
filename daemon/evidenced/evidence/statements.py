"""Statements that both databases understand, each in its own dialect."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Delete, Insert, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from evidenced.evidence.records import NO_HASH, Anchor, Head
from evidenced.evidence.rows import anchor_of, head_of
from evidenced.evidence.schema import chain, evidence, open_spans, saved, spans

Values = Sequence[Mapping[str, object]]

_OF_RUNS = ("status", "ended", "runs", "shortest", "mean", "longest")


def _inserting(dialect: str, table: Any) -> Any:  # noqa: ANN401  one of two classes of like methods
    # Only the one is imported that the database in use has imported already.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def upsert_spans(dialect: str) -> Insert:
    """Insert closed spans; one that is there is replaced unless it knows of more runs."""
    return _longer(_inserting(dialect, spans))


def adopt_open_spans(dialect: str) -> Insert:
    """Insert the spans that an earlier daemon left open, as they stood then."""
    names = [column.name for column in spans.columns]
    # SQLite needs a condition here to tell ON CONFLICT from a join.
    found = select(*(open_spans.c[name] for name in names)).where(open_spans.c.runs > 0)
    return _longer(_inserting(dialect, spans).from_select(names, found))


def _longer(statement: Any) -> Insert:  # noqa: ANN401  as above
    new = statement.excluded
    replaced: Insert = statement.on_conflict_do_update(
        index_elements=["check_name", "location", "began"],
        set_={name: new[name] for name in _OF_RUNS},
        where=new.runs >= spans.c.runs,
    )
    return replaced


def upsert_open_spans(dialect: str) -> Insert:
    """Insert the span under way of a check and location, instead of the one before."""
    statement = _inserting(dialect, open_spans)
    replaced: Insert = statement.on_conflict_do_update(
        index_elements=["check_name", "location"],
        set_={name: statement.excluded[name] for name in ("began", *_OF_RUNS)},
    )
    return replaced


def upsert_saved(dialect: str) -> Insert:
    """Insert state, instead of what was saved of its kind and name before."""
    statement = _inserting(dialect, saved)
    replaced: Insert = statement.on_conflict_do_update(
        index_elements=["kind", "name"],
        set_={name: statement.excluded[name] for name in ("state", "shard", "serial")},
    )
    return replaced


def remove_saved(kind: str, name: str) -> Delete:
    """Remove saved state."""
    return delete(saved).where(saved.c.kind == kind, saved.c.name == name)


async def last_serial(connection: AsyncConnection, shard: int) -> int:
    """The serial of what a shard saved last, 0 where it saved nothing."""
    query = select(func.max(saved.c.serial)).where(saved.c.shard == shard)
    return int(await connection.scalar(query) or 0)


async def standings(connection: AsyncConnection, claims: Iterable[str]) -> dict[str, str]:
    """How the newest record of each of these claims has it stand; drills are passed over."""
    found = {}
    for claim in claims:
        newest = select(evidence.c.standing).where(evidence.c.claim == claim, evidence.c.drill == 0)
        standing = await connection.scalar(newest.order_by(evidence.c.id.desc()).limit(1))
        if standing is not None:
            found[claim] = standing
    return found


async def read_chain(connection: AsyncConnection, *, lock: bool) -> tuple[Head, Anchor] | None:
    """The head and the anchor of the chain, None where their row is gone.

    With `lock` they stay as they are for others until the transaction ends.
    """
    query = select(chain).where(chain.c.only == 1)
    # SQLite leaves FOR UPDATE out: there the transaction itself is the lock.
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else (head_of(row), anchor_of(row))


async def move_head(connection: AsyncConnection, head: Head) -> None:
    """Note the newest record of the chain."""
    values = {"head_id": head.id, "head_hash": bytes.fromhex(head.hash)}
    await connection.execute(update(chain).where(chain.c.only == 1).values(values))


async def move_anchor(connection: AsyncConnection, anchor: Anchor) -> None:
    """Note up to which record the chain is pruned."""
    values = {
        "pruned_id": anchor.id,
        "pruned_hash": bytes.fromhex(anchor.hash),
        "pruned_at": anchor.at,
    }
    await connection.execute(update(chain).where(chain.c.only == 1).values(values))


async def rebuild_chain(connection: AsyncConnection) -> Head:
    """Make the row of the chain anew from the records that are there; the head."""
    columns = (evidence.c.id, evidence.c.hash, evidence.c.previous)
    query = select(*columns).limit(1)
    newest = (await connection.execute(query.order_by(evidence.c.id.desc()))).one_or_none()
    oldest = (await connection.execute(query.order_by(evidence.c.id))).one_or_none()
    nothing = bytes.fromhex(NO_HASH)
    head = (newest.id, newest.hash) if newest else (0, nothing)
    pruned = (oldest.id - 1, oldest.previous) if oldest else (0, nothing)
    names = ("head_id", "head_hash", "pruned_id", "pruned_hash")
    values = dict(zip(names, (*head, *pruned), strict=True))
    await connection.execute(insert(chain).values(only=1, pruned_at=None, **values))
    return Head(head[0], head[1].hex())
