"""The migrations make the tables that the code works with."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from evidenced.evidence.pace import Pace
from evidenced.evidence.prepare import MIGRATIONS, VERSION_TABLE
from evidenced.evidence.revision import REVISION, newest
from evidenced.evidence.schema import metadata
from evidenced.evidence.store import Store


def differences(connection: Connection) -> object:
    options = {"version_table": VERSION_TABLE, "compare_type": True}
    context = MigrationContext.configure(connection, opts=options)
    return compare_metadata(context, metadata)


async def test_migrations_lead_to_the_schema(address: str, tmp_path: Path, pace: Pace) -> None:
    async with (
        Store(address, tmp_path, pace=pace) as store,
        store._database.reading() as connection,
    ):
        assert await connection.run_sync(differences) == []


def test_the_revision_that_a_reader_knows_without_alembic_is_the_newest() -> None:
    assert newest(MIGRATIONS) == REVISION
