"""Readies a store to be opened: a corrupt file set aside, migrations run forward.

All of it blocks, so it belongs in a thread.
"""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import URL, Connection, text

from evidenced.evidence.address import file_of, shown
from evidenced.evidence.backup import keep_copy
from evidenced.evidence.engine import BUSY, engine_for
from evidenced.evidence.revision import (
    MIGRATIONS,
    VERSION_TABLE,
    config_of,
    is_ours,
    newest,
    revision_of,
)
from evidenced.evidence.trouble import StoreError, Trouble, told, trouble_of

__all__ = ["MIGRATIONS", "VERSION_TABLE", "prepare"]

PAGE = 512
"""Bytes of a page of the SQLite file. Small, because a change is far smaller than a page."""

_CHECKED = 256 * 1024 * 1024
"""The largest SQLite file, in bytes, that is looked through at every start; a larger one takes long
and shows its damage when it is read."""

_LOCK = 0x65_76_69_64
"""The key under which PostgreSQL lets one daemon migrate at a time."""


def prepare(url: URL, migrations: Path = MIGRATIONS) -> None:
    """Bring the store to the newest revision; a file that is corrupt is set aside, a new one begun.

    Before that a copy of it is kept. Raises StoreError where a newer program wrote the store or a
    migration fails, which leaves it as it was, and what the database raises where it cannot be had.
    """
    file = file_of(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not _sound(file):
            _set_aside(file)
        _begin(file)
    asyncio.run(_migrate(url, migrations))


async def _migrate(url: URL, migrations: Path) -> None:
    # A copy and a migration of years of evidence take what they take.
    engine = engine_for(url, patience=None)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                await connection.run_sync(_upgrade, url, migrations)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, url: URL, migrations: Path) -> None:
    """Bring the store forward, all in the transaction that is under way: all of it or nothing."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    if migrations == MIGRATIONS and is_ours(connection):
        return
    revision, head = revision_of(connection, url, migrations), newest(migrations)
    if revision == head:
        return
    if revision is not None:
        log = structlog.get_logger().bind(store=shown(url), revision=head, before=revision)
        log.info("the store is brought forward", copy=keep_copy(connection, url, head))
    # Costly to import, and most starts need none of it.
    from alembic import command

    config = config_of(migrations)
    config.attributes.update(connection=connection, version_table=VERSION_TABLE)
    try:
        command.upgrade(config, "head")
    except Exception as error:
        if trouble_of(error) is not Trouble.OTHER:
            raise
        raise StoreError(
            f"{shown(url)}: cannot be brought from revision {revision or 'none'} to {head}: "
            f"{told(error)}; it is as it was, and the evidenced that wrote it still works with it"
        ) from error


def _sound(file: Path) -> bool:
    """Whether SQLite can make sense of the file; OperationalError where it cannot be had now."""
    if not file.exists():
        return True
    try:
        with closing(sqlite3.connect(file, timeout=BUSY)) as connection:
            if file.stat().st_size > _CHECKED:
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                return True
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
            return found is not None and found[0] == "ok"
    except sqlite3.DatabaseError as error:
        if trouble_of(error) is Trouble.CORRUPT:
            return False
        raise


def _set_aside(file: Path) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = file.with_name(f"{file.name}.corrupt-{stamp}")
    for ending in ("", "-wal", "-shm"):
        part = Path(f"{file}{ending}")
        if part.exists():
            part.rename(f"{aside}{ending}")
    structlog.get_logger().error(
        "the store is corrupt: set aside, a new one is begun", store=str(file), aside=str(aside)
    )


def _begin(file: Path) -> None:
    """Make the file, readable for its owner only, where there is none yet."""
    if not file.exists() or not file.stat().st_size:
        file.touch(mode=0o600)
        with closing(sqlite3.connect(file, timeout=BUSY)) as connection:
            connection.execute(f"PRAGMA page_size={PAGE}")
            connection.execute("PRAGMA journal_mode=WAL")
