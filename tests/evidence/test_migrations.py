"""Stores are brought forward with a copy kept, all the way or not at all."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Connection, inspect, text

from evidenced.evidence.address import located
from evidenced.evidence.database import Database
from evidenced.evidence.pace import Pace
from evidenced.evidence.prepare import MIGRATIONS
from evidenced.evidence.reader import Reader
from evidenced.evidence.records import Evidence, Saved
from evidenced.evidence.revision import newest
from evidenced.evidence.store import Store
from evidenced.evidence.trouble import NewerStoreError, StoreError

Make = Callable[..., Evidence]

HEAD = newest(MIGRATIONS)
LATER = f"{int(HEAD) + 1:04}"
COPY = f"before_{LATER}_"
GOOD = "op.execute('CREATE TABLE later (id INTEGER)')"
EMPTY = "op.execute(evidence.delete())"
HALF_WAY = "\n    ".join([GOOD, EMPTY, "op.drop_table('spans')", ""])
BROKEN = {
    "statement": f"{HALF_WAY}op.execute('CREATE TABLE no way')",
    "python": f"{HALF_WAY}raise KeyError('a slip')",
}


@pytest.fixture
def later(tmp_path: Path) -> Callable[[str], Path]:
    """The migrations with one more, which does what is given."""

    def make(does: str) -> Path:
        folder = tmp_path / "later"
        shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "latest.py").write_text(
            "from alembic import op\n"
            f"revision, down_revision = '{LATER}', '{HEAD}'\n"
            f"def upgrade() -> None:\n    {does}\n"
        )
        return folder

    return make


async def kept(address: str, folder: Path, pace: Pace, *records: Evidence) -> Store:
    store = Store(address, folder, keep=1e12, pace=pace)
    async with store:
        for record in records:
            store.put(record)
    return store


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def found(store: Store) -> tuple[set[str], int]:
    """The tables, and how many records are whole."""
    async with store._database.reading() as connection:
        names = await connection.run_sync(tables)
    verified = await store.verify()
    assert verified.problems == ()
    return names, verified.records


async def test_what_a_store_of_the_first_revision_saved_is_known_as_the_first_shards(
    address: str, tmp_path: Path, pace: Pace
) -> None:
    first = tmp_path / "first"
    shutil.copytree(MIGRATIONS, first, ignore=shutil.ignore_patterns("__pycache__", "second.py"))
    database = Database(located(address, tmp_path), first)
    await database.open()
    async with database.writing() as connection:
        row = text("INSERT INTO saved (kind, name, state) VALUES ('check', 'oven', :state)")
        await connection.execute(row, {"state": b'"hot"'})
    await database.close()
    async with Store(address, tmp_path, keep=1e12, pace=pace, shard=1) as store:
        (oven,) = await store.state()
        assert (oven, oven.shard, oven.serial) == (
            Saved(kind="check", name="oven", state="hot"),
            0,
            0,
        )
        assert await store.saved_since({0: -1}, "check") == (oven,)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
async def test_a_migration_that_fails_half_way_leaves_the_store_as_it_was(
    address: str,
    tmp_path: Path,
    pace: Pace,
    make_evidence: Make,
    later: Callable[[str], Path],
    broken: str,
) -> None:
    await kept(address, tmp_path, pace, make_evidence(1), make_evidence(2))
    folder = later(broken)
    says = f"from revision {HEAD} to {LATER}: .*it is as it was"
    with pytest.raises(StoreError, match=says) as caught:
        async with Store(address, tmp_path, pace=pace, migrations=folder):
            pass
    assert "\n" not in str(caught.value)
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        names, records = await found(store)
        store.put(make_evidence(3))
        await store.flush()
        assert (await store.verify()).records == records + 1 == 3
    assert names >= {"evidence", "spans", "saved", "chain", "evidence_version"}
    assert not any(name == "later" or name.startswith("before_") for name in names)


async def test_postgresql_keeps_a_copy_of_our_tables_beside_them(
    postgresql: str,
    tmp_path: Path,
    pace: Pace,
    make_evidence: Make,
    later: Callable[[str], Path],
) -> None:
    await kept(postgresql, tmp_path, pace, make_evidence(1))
    database = Database((await kept(postgresql, tmp_path, pace))._database.url)
    database.open_prepared()
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE somebodys (id INTEGER)"))
        await connection.execute(text(f"CREATE TABLE {COPY}evidence (left_over INTEGER)"))
    await database.close()
    with structlog.testing.capture_logs() as logs:
        store = Store(postgresql, tmp_path, keep=1e12, pace=pace, migrations=later(GOOD))
        async with store, store._database.reading() as connection:
            names = await connection.run_sync(tables)
            query = text(f"SELECT id, claim FROM {COPY}evidence")  # noqa: S608  a name of ours
            assert (await connection.execute(query)).all() == [(1, make_evidence(1).claim)]
            query = text(f"SELECT version_num FROM {COPY}evidence_version")  # noqa: S608  a name of ours
            assert await connection.scalar(query) == HEAD
            assert (await store.verify()).records == 1
    assert "later" in names
    assert f"{COPY}somebodys" not in names
    (said,) = (log for log in logs if log["event"] == "the store is brought forward")
    assert (said["before"], said["revision"], said["copy"]) == (HEAD, LATER, f"{COPY}*")


async def test_a_copy_that_cannot_be_made_is_no_migration(
    tmp_path: Path, pace: Pace, make_evidence: Make, later: Callable[[str], Path]
) -> None:
    address = "sqlite:///evidence.db"
    await kept(address, tmp_path, pace, make_evidence(1))
    (tmp_path / f"evidence.db.before-{LATER}").mkdir()
    store = Store(address, tmp_path, keep=1e12, pace=pace, migrations=later(GOOD))
    async with store:
        assert store.trouble is not None
        assert "IsADirectoryError" in store.trouble
    assert not list(tmp_path.glob("*.part*"))
    with closing(sqlite3.connect(tmp_path / "evidence.db")) as connection:
        assert connection.execute("SELECT version_num FROM evidence_version").fetchall() == [
            (HEAD,)
        ]


@pytest.mark.parametrize(
    ("revision", "error", "says"),
    [
        ("9999", NewerStoreError, f"newer evidenced.*9999.*{HEAD}"),
        (HEAD, StoreError, f"older evidenced.*{HEAD}.*{LATER}.*when it starts"),
    ],
    ids=["newer", "older"],
)
async def test_a_reader_says_in_one_line_that_a_store_is_of_another_revision(
    address: str,
    tmp_path: Path,
    pace: Pace,
    later: Callable[[str], Path],
    revision: str,
    error: type[StoreError],
    says: str,
) -> None:
    store = await kept(address, tmp_path, pace)
    folder = MIGRATIONS if revision == "9999" else later(GOOD)
    database = Database(store._database.url, folder)
    database.open_prepared()
    async with database.writing() as connection:
        set_to = text("UPDATE evidence_version SET version_num = :revision")
        await connection.execute(set_to, {"revision": revision})
    try:
        with pytest.raises(error, match=says) as caught:
            await Reader(database).check_revision()
    finally:
        await database.close()
    assert "\n" not in str(caught.value)
