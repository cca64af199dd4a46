"""Trouble with the database: counted, logged once, waited out, and made good."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncTransaction
from structlog.testing import capture_logs

from evidenced.evidence.pace import Pace
from evidenced.evidence.records import Evidence, Run
from evidenced.evidence.store import Store
from evidenced.evidence.trouble import StoreTroubleError

Make = Callable[..., Evidence]
Eventually = Callable[[Callable[[], object]], Awaitable[None]]
FILE = "sqlite:///evidence.db"


class Server(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


def errors(logs: Any) -> list[str]:  # noqa: ANN401  structlog's own type
    return [log["trouble"] for log in logs if log["log_level"] == "error" and "trouble" in log]


async def flushed(store: Store) -> None:
    async with asyncio.timeout(30):
        await store.flush()


async def test_a_locked_file_is_waited_for(
    tmp_path: Path, pace: Pace, make_evidence: Make, eventually: Eventually
) -> None:
    with capture_logs() as logs:
        async with Store(FILE, tmp_path, keep=1e12, pace=pace) as store:
            with closing(sqlite3.connect(tmp_path / "evidence.db")) as other:
                other.execute("BEGIN EXCLUSIVE")
                store.put(make_evidence(1))
                await eventually(lambda: store.write_failures >= 2)
                store.put(make_evidence(2))
                assert store.pending == 2
                assert store.trouble is not None
                assert store.trouble.startswith("locked")
                assert await store.evidence() == ()
                other.rollback()
            await flushed(store)
            assert store.trouble is None
            assert (await store.verify()).records == 2
    assert errors(logs) == ["locked"]
    assert [log["event"] for log in logs][-1] == "the store is written again"


async def test_a_full_disk_is_waited_for(
    tmp_path: Path, pace: Pace, make_evidence: Make, eventually: Eventually
) -> None:
    with capture_logs() as logs:
        async with Store(FILE, tmp_path, keep=1e12, pace=pace) as store:
            store.put(make_evidence(1))
            await flushed(store)
            disk = Disk(store)
            disk.pages = 1
            store.put(make_evidence(2, proof={"body": "".join(map(chr, range(300, 30_000)))}))
            await eventually(lambda: store.write_failures >= 2)
            assert [record.id for record in await store.evidence()] == [1]
            assert (await store.verify()).problems == ()
            disk.pages = 1_000_000
            await flushed(store)
            assert (await store.verify()).records == 2
    assert errors(logs) == ["full"]


class Disk:
    """A disk for a store with room for so many pages, as SQLite itself sees to it."""

    def __init__(self, store: Store) -> None:
        self.pages = 1_000_000
        engine = store._database._engine
        assert engine is not None
        event.listen(engine.sync_engine, "begin", self._limit, insert=True)

    def _limit(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={self.pages}")


LIMITED = """
import asyncio, resource, signal, sys
from pathlib import Path
from evidenced.evidence.pace import Pace
from evidenced.evidence.records import Evidence
from evidenced.evidence.store import Store

async def main():
    pace = Pace(linger=0.0, retry_first=0.02, retry_longest=0.1)
    async with Store("sqlite:///evidence.db", Path(sys.argv[1]), keep=1e12, pace=pace) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        for number in range(200):
            proof = {"body": "".join(chr(300 + (number * i) % 20_000) for i in range(3000))}
            store.put(Evidence(at=1.0, claim="a", section="stable", check="b", before="verified",
                               standing="contradicted", proof=proof))
            await asyncio.sleep(0)
        while store.write_failures < 3:
            await asyncio.sleep(0.01)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        await store.flush()
        found = await store.verify()
        print(found.records, len(found.problems), store.trouble)

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
asyncio.run(main())
"""


async def test_a_file_that_may_not_grow_is_waited_for(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", LIMITED, tmp_path, stdout=subprocess.PIPE
    )
    async with asyncio.timeout(30):
        said, _ = await child.communicate()
    assert said.endswith(b"200 0 None\n")


@pytest.mark.parametrize("where", ["start", "middle", "all"])
async def test_a_corrupt_file_is_set_aside_at_the_start(
    tmp_path: Path, pace: Pace, make_evidence: Make, where: str
) -> None:
    file = tmp_path / "evidence.db"
    async with Store(FILE, tmp_path, keep=1e12, pace=pace) as store:
        for number in range(200):
            store.put(make_evidence(number, proof={"body": f"{number:064}" * 10}))
        await flushed(store)
    content = bytearray(file.read_bytes())
    start, end = {"start": (0, 100), "middle": (4096, 40_000), "all": (0, len(content))}[where]
    content[start:end] = b"\xa5" * (end - start)
    file.write_bytes(content)
    with capture_logs() as logs:
        async with Store(FILE, tmp_path, keep=1e12, pace=pace) as store:
            assert await store.evidence() == ()
            store.put(make_evidence(1))
            await flushed(store)
            assert (await store.verify()).records == 1
    (aside,) = set_aside(tmp_path)
    assert aside.read_bytes() == content
    assert logs[0]["event"] == "the store is corrupt: set aside, a new one is begun"
    assert logs[0]["aside"] == str(aside)
    assert store.write_failures == 0


def set_aside(folder: Path) -> list[Path]:
    return list(folder.glob("evidence.db.corrupt-*[0-9]Z"))


async def emptied(store: Store) -> None:
    """Close the connections, which have parts of the file in memory."""
    engine = store._database._engine
    assert engine is not None
    await engine.dispose()


def overwrite(file: Path) -> None:
    file.write_bytes(b"\xa5" * file.stat().st_size)


async def test_a_file_that_becomes_corrupt_is_set_aside(
    tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    with capture_logs() as logs:
        async with Store(FILE, tmp_path, keep=1e12, pace=pace) as store:
            for number in range(200):
                store.put(make_evidence(number))
            await flushed(store)
            async with store._database.reading() as connection:
                await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            await emptied(store)
            overwrite(tmp_path / "evidence.db")
            store.put(make_evidence(7))
            await flushed(store)
            assert (await store.verify()).records == 1
    assert len(set_aside(tmp_path)) == 1
    assert errors(logs) == ["corrupt"]


async def test_a_folder_that_is_not_there_yet_is_waited_for(
    tmp_path: Path, pace: Pace, make_evidence: Make, eventually: Eventually
) -> None:
    in_the_way = tmp_path / "state"
    in_the_way.write_text("a file where a folder should be")
    async with Store("sqlite:///state/evidence.db", tmp_path, keep=1e12, pace=pace) as store:
        assert store.write_failures == 1
        with pytest.raises(StoreTroubleError, match="not open"):
            await store.state()
        store.put(make_evidence(1))
        await eventually(lambda: store.write_failures >= 2)
        in_the_way.unlink()
        await flushed(store)
        assert (await store.verify()).records == 1


async def test_a_lost_server_is_waited_for(
    running: Server, postgresql: str, tmp_path: Path, pace: Pace, make_evidence: Make,
    eventually: Eventually,
) -> None:  # fmt: skip
    with capture_logs() as logs:
        async with Store(postgresql, tmp_path, keep=1e12, pace=pace) as store:
            store.put(make_evidence(1))
            await flushed(store)
            await asyncio.to_thread(running.stop)
            store.put(make_evidence(2))
            await eventually(lambda: store.write_failures >= 2)
            with pytest.raises(StoreTroubleError, match="cannot be read"):
                await store.evidence()
            await asyncio.to_thread(running.start)
            await flushed(store)
            assert store.trouble is None
            found = await store.verify()
            assert (found.records, found.problems) == (2, ())
    assert set(errors(logs)) <= {"unreachable", "other"}
    assert len(errors(logs)) == len(set(errors(logs)))


async def test_a_server_that_is_not_there_at_the_start_is_waited_for(
    running: Server, postgresql: str, tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    await asyncio.to_thread(running.stop)
    async with Store(postgresql, tmp_path, keep=1e12, pace=pace) as store:
        assert store.write_failures == 1
        store.put(make_evidence(1))
        await asyncio.to_thread(running.start)
        await flushed(store)
        assert (await store.verify()).records == 1


async def test_a_batch_whose_commit_is_in_doubt_is_written_once(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks right after the commit, so that the writer cannot know."""
    commit = AsyncTransaction.__aexit__
    broken: list[bool] = []

    async def broken_once(self: AsyncTransaction, *error: Any) -> None:  # noqa: ANN401  its own
        await commit(self, *error)
        if not broken:
            broken.append(True)
            raise ConnectionResetError("lost after the commit")

    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        monkeypatch.setattr(AsyncTransaction, "__aexit__", broken_once)
        store.put(make_evidence(1))
        await flushed(store)
        assert store.write_failures == 1
        assert (await store.verify()).records == 1
        assert store.pending == 0


async def test_what_does_not_fit_is_dropped_and_counted(
    tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    async with Store(FILE, tmp_path, keep=1e12, pace=pace, buffer=5000) as store:
        with closing(sqlite3.connect(tmp_path / "evidence.db")) as other:
            other.execute("BEGIN EXCLUSIVE")
            for number in range(10):
                status = "success" if number % 2 else "failure"
                store.put(Run(check="a", status=status, at=number, duration=1, reach=9))
            for number in range(100):
                store.put(make_evidence(number))
            assert store.dropped.spans == 9
            assert store.dropped.evidence + store.pending == 100
            other.rollback()
        kept = store.pending
        await flushed(store)
        found = await store.verify()
        assert (found.records, found.problems) == (kept, ())
        assert (await store.evidence(limit=1))[0].at == 99


async def test_what_cannot_be_written_at_the_end_is_told(
    tmp_path: Path, make_evidence: Make
) -> None:
    hurried = Pace(linger=0.01, retry_first=0.01, closing=0.05)
    with capture_logs() as logs, closing(sqlite3.connect(tmp_path / "evidence.db")) as other:
        async with Store(FILE, tmp_path, pace=hurried) as store:
            other.execute("BEGIN EXCLUSIVE")
            store.put(make_evidence(1))
    assert logs[-1]["event"] == "records are lost: not written before the end"
    assert logs[-1]["lost"] == 1


async def test_a_password_is_in_no_log_and_no_error(
    running: Server, postgresql: str, tmp_path: Path, pace: Pace
) -> None:
    secret = postgresql.replace("tester@", "tester:swordfish@").replace("evidence-", "missing-")
    with capture_logs() as logs:
        async with Store(secret, tmp_path, pace=pace) as store:
            assert store.trouble is not None
            assert "missing-" in store.trouble
            with pytest.raises(StoreTroubleError) as caught:
                await store.state()
    assert "swordfish" not in repr([logs, store.trouble, str(caught.value)])
