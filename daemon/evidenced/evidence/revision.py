"""The revision of a store, and whether this program can work with it."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Text, column, inspect, select, table

from evidenced.evidence.address import shown
from evidenced.evidence.trouble import NewerStoreError, StoreError

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is costly to import, and who reads a store of our own revision needs none of it: so the
# functions below import it, each what it needs.

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "evidence_version"
REVISION = "0002"
"""The revision that our own migrations lead to."""


def config_of(migrations: Path) -> "Config":
    """Alembic's settings for the migrations in a folder."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


def newest(migrations: Path) -> str:
    """The revision that the migrations in a folder lead to."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(config_of(migrations)).get_current_head())


def revision_of(connection: Connection, url: URL, migrations: Path) -> str | None:
    """The revision of the store, None where nothing was ever kept in it.

    Raises NewerStoreError where it is none of those that lead to ours.
    """
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    revision = context.get_current_revision()
    script = ScriptDirectory.from_config(config_of(migrations))
    if revision is not None and revision not in {one.revision for one in script.walk_revisions()}:
        raise NewerStoreError(
            f"{shown(url)}: written by a newer evidenced (revision {revision} of the store, this "
            f"one knows up to {script.get_current_head()}): use that one, or another store"
        )
    return revision


def check_revision(connection: Connection, url: URL, migrations: Path) -> None:
    """See that the store may be read as it is.

    Raises NewerStoreError, and StoreError where it is still to be brought forward.
    """
    if migrations == MIGRATIONS and is_ours(connection):
        return
    revision = revision_of(connection, url, migrations)
    if revision is not None and revision != (ours := newest(migrations)):
        raise StoreError(
            f"{shown(url)}: written by an older evidenced (revision {revision} of the store, this "
            f"one reads {ours}): the daemon brings it forward when it starts"
        )


def is_ours(connection: Connection) -> bool:
    """Whether the store is of our own revision, as Alembic writes it down; without Alembic."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    query = select(column("version_num", Text)).select_from(table(VERSION_TABLE))
    return list(connection.scalars(query)) == [REVISION]
