"""Readies a store to be opened: a corrupt file set aside, migrations run forward.

All of it blocks, so it belongs in a thread.
"""

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text

from evidenced.evidence.address import file_of, shown
from evidenced.evidence.engine import BUSY, engine_for
from evidenced.evidence.trouble import StoreError, Trouble, trouble_of

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "evidence_version"

PAGE = 512
"""Bytes of a page of the SQLite file. Small, because a change is far smaller than a page."""

_CHECKED = 256 * 1024 * 1024
"""The largest SQLite file, in bytes, that is looked through at every start; a larger one takes long
and shows its damage when it is read."""

_LOCK = 0x65_76_69_64
"""The key under which PostgreSQL lets one daemon migrate at a time."""


def prepare(url: URL, migrations: Path = MIGRATIONS) -> None:
    """Bring the store to the newest revision; a file that is corrupt is set aside, a new one begun.

    Raises StoreError where a newer program wrote the store, and what the database raises where it
    cannot be had.
    """
    file = file_of(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not _sound(file):
            _set_aside(file)
        _begin(file)
    asyncio.run(_migrate(url, migrations))


async def _migrate(url: URL, migrations: Path) -> None:
    engine = engine_for(url)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                await connection.run_sync(_upgrade, url, migrations)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, url: URL, migrations: Path) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    script = ScriptDirectory.from_config(config)
    known = {revision.revision for revision in script.walk_revisions()}
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    revision = context.get_current_revision()
    if revision is not None and revision not in known:
        raise StoreError(
            f"{shown(url)}: written by a newer evidenced (revision {revision} of the store, this "
            f"one knows up to {script.get_current_head()}): use that one, or another store"
        )
    if revision == script.get_current_head():
        return
    file = file_of(url)
    if file is not None and revision is not None:
        _copy(file, file.with_name(f"{file.name}.before-{script.get_current_head()}"))
    config.attributes.update(connection=connection, version_table=VERSION_TABLE)
    command.upgrade(config, "head")


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


def _copy(file: Path, beside: Path) -> None:
    """A whole copy of the file: under its name at once or not at all."""
    unfinished = beside.with_name(f"{beside.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    os.replace(unfinished, beside)  # noqa: PTH105  says that it overwrites, as rename does not
