"""The lead among daemons that share a store: one has it, and loses it with its life.

What everybody could do and only one should (write the report, open issues) is done by who leads.
"""

import asyncio
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from evidenced.evidence.address import file_of

PATIENCE = 5.0
"""Seconds that the database is given to answer whoever asks for the lead."""

_KEY = 0x65_76_6C_65_61_64
"""The key of PostgreSQL's advisory lock."""

# A daemon whose host is gone is noticed by the server after 25 s, else it would lead for hours.
_ALIVE = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


class Lead(Protocol):
    """The lead, as one daemon sees it."""

    async def take(self) -> bool:
        """Whether this daemon leads: it tries to, and sees to it that it still does."""

    async def leave(self) -> None:
        """Let another one lead."""


def lead_of(url: URL) -> Lead:
    """The lead of the store at an address: a lock beside the file, or one of the server's."""
    file = file_of(url)
    return _ServerLead(url) if file is None else _FileLead(file.with_name(f"{file.name}.lead"))


class _FileLead:
    """A lock on a file beside the store: the kernel takes it from a process that dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    async def take(self) -> bool:
        if self._held is None:
            self._held = await asyncio.to_thread(self._lock)
        return self._held is not None

    async def leave(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            os.close(held)

    def _lock(self) -> int | None:
        try:
            opened = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            return None
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(opened)
            return None
        return opened


class _ServerLead:
    """An advisory lock that a session of its own holds: the server takes it when that ends."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine: AsyncEngine | None = None
        self._session: AsyncConnection | None = None
        self._held = False

    async def take(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ask()
        except (SQLAlchemyError, OSError, TimeoutError):
            await self.leave()
        return self._held

    async def _ask(self) -> None:
        if self._session is None:
            self._engine = _engine(self._url)
            self._session = await self._engine.connect()
        if self._held:
            await self._session.execute(text("SELECT 1"))
        else:
            lock = text("SELECT pg_try_advisory_lock(:key)")
            self._held = bool(await self._session.scalar(lock, {"key": _KEY}))

    async def leave(self) -> None:
        session, engine = self._session, self._engine
        self._session, self._engine, self._held = None, None, False
        with suppress(SQLAlchemyError, OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                if session is not None:
                    await session.close()
                if engine is not None:
                    await engine.dispose()


def _engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "timeout": PATIENCE,
            "command_timeout": PATIENCE,
            "server_settings": _ALIVE,
        },
    )
