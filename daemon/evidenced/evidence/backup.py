"""A copy of the store as it is before a migration, to go back to.

SQLite's file is copied beside it. In PostgreSQL each table is copied to one beside it, in the
transaction of the migration: no program of the server has to be at hand, no right is needed that
the migration itself does not need, and a migration that fails leaves no copies behind.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, inspect

from evidenced.evidence.address import file_of
from evidenced.evidence.revision import VERSION_TABLE
from evidenced.evidence.schema import metadata


def keep_copy(connection: Connection, url: URL, revision: str) -> str:
    """Keep a copy of the store as it is before it becomes this revision; what it is called.

    A copy of the same name, of an earlier time, is replaced. Raises what the database raises where
    there is no space for it, and OSError.
    """
    file = file_of(url)
    if file is None:
        return _tables(connection, f"before_{revision}_")
    beside = file.with_name(f"{file.name}.before-{revision}")
    _file(file, beside)
    return str(beside)


def _file(file: Path, beside: Path) -> None:
    """A whole copy of the file: under its name at once or not at all."""
    unfinished = beside.with_name(f"{beside.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    try:
        with (
            closing(sqlite3.connect(file)) as source,
            closing(sqlite3.connect(unfinished)) as target,
        ):
            source.backup(target)
        os.replace(unfinished, beside)  # noqa: PTH105  says that it overwrites, as rename does not
    except BaseException:
        # On a full disk, what there is of it would be in the way of the store itself.
        unfinished.unlink(missing_ok=True)
        raise


def _tables(connection: Connection, prefix: str) -> str:
    """A copy of each of our tables; others may stand beside them, of other programs."""
    quote = connection.dialect.identifier_preparer.quote
    here = set(inspect(connection).get_table_names())
    for name in here & {*metadata.tables, VERSION_TABLE}:
        copy = quote(f"{prefix}{name}")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {copy}")
        connection.exec_driver_sql(f"CREATE TABLE {copy} AS TABLE {quote(name)}")
    return f"{prefix}*"
