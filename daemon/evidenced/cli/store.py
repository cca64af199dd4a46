"""What the store of a daemon, running or not, answers to a command."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from evidenced.config.find import state_dir
from evidenced.config.load import load
from evidenced.config.model import Config
from evidenced.evidence.address import file_of, located
from evidenced.evidence.database import Database
from evidenced.evidence.reader import Reader
from evidenced.evidence.trouble import NoStoreError, StoreError

T = TypeVar("T")


def read_store(path: Path, config: Config | None, ask: Callable[[Reader], Awaitable[T]]) -> T:
    """What the store of this configuration answers; raises StoreError where it cannot be read."""
    settings = (config or load(path)).store
    folder = state_dir(None, path, os.environ)

    async def answer() -> T:
        async with _reader(settings.address, folder) as reader:
            return await ask(reader)

    return asyncio.run(answer())


@asynccontextmanager
async def _reader(address: str, folder: Path) -> AsyncIterator[Reader]:
    """A reader of a store as it is, whether or not a daemon writes it; it never makes one."""
    url = located(address, folder)
    file = file_of(url)
    if file is not None and not file.exists():
        raise NoStoreError(
            f"{file}: no store is there yet: it is begun by the daemon's first start"
        )
    database = Database(url)
    try:
        database.open_prepared()
    except ImportError:
        raise StoreError("the driver is missing: pip install evidenced[postgres]") from None
    try:
        reader = Reader(database)
        await reader.check_revision()
        yield reader
    finally:
        await database.close()
