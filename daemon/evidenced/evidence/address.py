"""Where the store is: the address in the configuration, and the file or server that it means."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from evidenced.evidence.trouble import StoreError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def located(address: str, directory: Path) -> URL:
    """The address with its driver, and a file in it as an absolute path from the directory.

    Raises StoreError, without repeating an address that may hold a password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _DRIVERS:
        raise StoreError("store: expected sqlite:///FILE or postgresql+asyncpg://HOST/DATABASE")
    url = url.set(drivername=_DRIVERS[url.drivername])
    if url.get_backend_name() != "sqlite":
        return url
    if url.database in (None, "", ":memory:"):
        raise StoreError(
            "store: expected a file after sqlite:///, for what is kept must outlast us"
        )
    return url.set(database=str((directory / str(url.database)).absolute()))


def file_of(url: URL) -> Path | None:
    """The file of a SQLite store; None for a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def shown(url: URL) -> str:
    """The store as it may stand in a log: the file, or the server without the credentials."""
    file = file_of(url)
    if file is not None:
        return str(file)
    return f"{url.host or url.query.get('host', '')}/{url.database or ''}"
