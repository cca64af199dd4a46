"""The database behind a store: opened, reopened and closed; transactions that read or write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from evidenced.evidence.engine import engine_for
from evidenced.evidence.revision import MIGRATIONS
from evidenced.evidence.trouble import StoreTroubleError

DEADLINE = 30.0
"""Seconds after which a transaction is given up: more than any lock or server is waited for."""


class Database:
    """One SQLite file or PostgreSQL database; not usable until `open` went well."""

    def __init__(self, url: URL, migrations: Path = MIGRATIONS) -> None:
        self.url = url
        self.migrations = migrations
        self._engine: AsyncEngine | None = None

    @property
    def ready(self) -> bool:
        """Whether it has been opened."""
        return self._engine is not None

    async def open(self) -> None:
        """Ready the database, unless it is.

        Raises StoreError where it cannot be used, and what the database raises where it cannot be
        had.
        """
        if self._engine is None:
            # A thread of its own with a loop of its own: Alembic blocks, and a large file is
            # looked through.
            await asyncio.to_thread(_prepare, self.url, self.migrations)
            self._engine = engine_for(self.url)

    def open_prepared(self) -> None:
        """Use the database as it is, for reading."""
        self._engine = engine_for(self.url)

    async def close(self) -> None:
        """Let go of all connections."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is committed at the end of the block, under a deadline."""
        async with asyncio.timeout(DEADLINE), self._usable().connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees the database as of one moment, until the block is left."""
        async with self._usable().connect() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                yield connection

    def _usable(self) -> AsyncEngine:
        if self._engine is None:
            raise StoreTroubleError("the store is not open, it is tried again")
        return self._engine


def _prepare(url: URL, migrations: Path) -> None:
    # It brings Alembic along, which is costly to import and which who only reads does not need.
    from evidenced.evidence.prepare import prepare

    prepare(url, migrations)
