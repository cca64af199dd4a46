"""What can be the matter with a store, by kind, in one line that says no secret."""

import sqlite3
from enum import StrEnum
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

_LONGEST = 200
_BY_CODE = {
    sqlite3.SQLITE_FULL: "FULL",
    sqlite3.SQLITE_BUSY: "LOCKED",
    sqlite3.SQLITE_LOCKED: "LOCKED",
    sqlite3.SQLITE_CORRUPT: "CORRUPT",
    sqlite3.SQLITE_NOTADB: "CORRUPT",
    sqlite3.SQLITE_CANTOPEN: "UNREACHABLE",
}
_DISK_FULL = ("53100", "53000")
"""PostgreSQL's own codes of a full disk and of lacking resources (its manual, appendix A)."""


class StoreError(Exception):
    """The store cannot be used as it is; the message is one line for the operator."""


class NoStoreError(StoreError):
    """There is no store yet, so nothing was ever kept."""


class NewerStoreError(StoreError):
    """A newer program wrote the store: nothing in it may be read or written by this one."""


class StoreTroubleError(StoreError):
    """The store cannot be read just now; it may be read again later."""


class Trouble(StrEnum):
    """What kind of trouble it is."""

    FULL = "full"
    LOCKED = "locked"
    CORRUPT = "corrupt"
    UNREACHABLE = "unreachable"
    OTHER = "other"


def trouble_of(error: BaseException) -> Trouble:
    """The kind of trouble that an error tells of."""
    cause = _cause(error)
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        # The low byte is the code, the rest only details it (sqlite.org/rescode.html).
        return Trouble[_BY_CODE.get(code & 0xFF, "OTHER")]
    if getattr(cause, "sqlstate", None) in _DISK_FULL:
        return Trouble.FULL
    if _of_database(error) and error.connection_invalidated:
        return Trouble.UNREACHABLE
    return Trouble.UNREACHABLE if isinstance(cause, OSError) else Trouble.OTHER


def told(error: BaseException) -> str:
    """What an error says, in one line without the statement and the values in it."""
    cause = _cause(error)
    lines = str(cause).strip().splitlines()
    return f"{type(cause).__name__}: {lines[0]}"[:_LONGEST] if lines else type(cause).__name__


def _cause(error: BaseException) -> BaseException:
    """The error of the database driver below what SQLAlchemy makes of it."""
    original = error.orig if _of_database(error) else None
    return original if original is not None else error


def _of_database(error: BaseException) -> "TypeGuard[DBAPIError]":
    # Costly to import, and who only knows these errors by name has no database yet.
    from sqlalchemy.exc import DBAPIError

    return isinstance(error, DBAPIError)
