"""SQLAlchemy's engine for a store, with what SQLite and PostgreSQL need to be told."""

from typing import Any

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BUSY = 2.0
"""Seconds that SQLite waits for another program's lock before it says that it is locked."""

PATIENCE = 10.0
"""Seconds that PostgreSQL is given for a connection or one statement."""

# FULL: what was confirmed survives a power cut too. NORMAL would already survive kill -9, since
# what was written is the kernel's then; the sync it saves is one a batch, in a thread.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    # Pages that change again and again are copied from the log into the file once for so many.
    "PRAGMA wal_autocheckpoint=14000",
    "PRAGMA journal_size_limit=16777216",
    "PRAGMA temp_store=MEMORY",
)


def engine_for(url: URL, patience: float | None = PATIENCE) -> AsyncEngine:
    """An engine that connects when it is first used; errors never show the values of a statement.

    `patience` are the seconds that PostgreSQL is given for one statement, None for as long as it
    takes.

    On SQLite a transaction is begun as one that writes where the connection's execution options
    say `writes`, so that it waits for a lock at its start and cannot fail for one later.
    """
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"timeout": PATIENCE, "command_timeout": patience},
        )
    engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": BUSY})
    event.listen(engine.sync_engine, "connect", _connected)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _connected(connection: Any, _record: object) -> None:  # noqa: ANN401  the driver's, as SQLAlchemy adapts it
    # The driver would begin and commit on its own; transactions are begun below instead.
    connection.isolation_level = None
    # A text that is no UTF-8 was tampered with: verifying must be able to read it.
    connection.driver_connection.text_factory = _decoded
    cursor = connection.cursor()
    try:
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
    except Exception:
        # SQLAlchemy does not know the connection yet, and would leave it and its thread behind.
        connection.close()
        raise
    cursor.close()


def _decoded(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
