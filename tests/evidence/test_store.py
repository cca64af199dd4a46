"""What is put into a store comes back out of it, on both databases."""

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from evidenced.evidence.chain import Flaw
from evidenced.evidence.pace import Pace
from evidenced.evidence.prepare import MIGRATIONS
from evidenced.evidence.records import Evidence, Head, Run, Saved
from evidenced.evidence.revision import newest
from evidenced.evidence.schema import evidence
from evidenced.evidence.store import Store
from evidenced.evidence.trouble import StoreError

Make = Callable[..., Evidence]
MakeRun = Callable[..., Run]


async def flushed(store: Store) -> None:
    async with asyncio.timeout(30):
        await store.flush()


async def test_keeps_evidence_in_a_chain(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        assert await store.head() == Head()
        for number in range(1, 24):
            store.put(make_evidence(number, claim=f"claim-{number % 3}"))
        await flushed(store)
        newest = await store.evidence(limit=5)
        assert [record.id for record in newest] == [23, 22, 21, 20, 19]
        assert newest[0].previous == newest[1].hash
        assert newest[0].proof == {"status": 503, "number": 23}
        assert (newest[0].location, newest[0].drill) == ("fra1", False)
        assert await store.head() == Head(23, newest[0].hash)
        assert await store.record(21) == newest[2]
        assert await store.record(99) is None
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        store.put(make_evidence(24))
        await flushed(store)
        found = await store.verify()
    assert (found.records, found.problems, found.head.id) == (24, (), 24)


async def test_finds_evidence_by_claim_time_and_page(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        for number in range(1, 13):
            store.put(make_evidence(number, claim="even" if number % 2 == 0 else "odd"))
        await flushed(store)
        assert [one.id for one in await store.evidence("even", limit=2)] == [12, 10]
        assert [one.id for one in await store.evidence("even", before=10)] == [8, 6, 4, 2]
        assert [one.id for one in await store.evidence("odd", since=9.0)] == [11, 9]
        assert await store.evidence("none") == ()


async def test_saves_the_latest_state_of_each_name(
    address: str, tmp_path: Path, pace: Pace
) -> None:
    async with Store(address, tmp_path, pace=pace) as store:
        store.put(Saved(kind="standing", name="a", state={"since": 1.5}))
        store.put(Saved(kind="standing", name="b", state=[1, None, "é"]))
        await flushed(store)
        store.put(Saved(kind="standing", name="a", state={"since": 2}))
        store.put(Saved(kind="standing", name="b", state=None))
        store.put(Saved(kind="maintenance", name="a", state="why"))
        await flushed(store)
    async with Store(address, tmp_path, pace=pace) as store:
        assert await store.state() == (
            Saved(kind="maintenance", name="a", state="why"),
            Saved(kind="standing", name="a", state={"since": 2}),
        )


async def test_shows_spans_before_and_after_they_are_written(
    address: str, tmp_path: Path, pace: Pace, make_run: MakeRun
) -> None:
    now = time.time()
    async with Store(address, tmp_path, pace=pace) as store:
        for minute, status in enumerate(["success", "success", "failure", "success"]):
            store.put(make_run(now + 60 * minute, status))
        store.put(make_run(now, check="other"))
        early = await store.spans("oven")
        await flushed(store)
        assert await store.spans("oven") == early
        assert [(span.status, span.count) for span in early] == [
            ("success", 2),
            ("failure", 1),
            ("success", 1),
        ]
        assert await store.spans("oven", since=now + 150) == early[1:]
    async with Store(address, tmp_path, pace=pace) as store:
        # The open one came back too, and what follows it is a span of its own.
        assert await store.spans("oven") == early
        store.put(make_run(now + 240))
        assert len(await store.spans("oven")) == 4


async def test_an_open_span_written_in_stages_is_one(
    address: str, tmp_path: Path, make_run: MakeRun
) -> None:
    now = time.time()
    often = Pace(linger=0.0, spans=0.01, open=0.01)
    async with Store(address, tmp_path, pace=often) as store:
        for minute in range(4):
            store.put(make_run(now + 60 * minute))
            await flushed(store)
        store.put(make_run(now + 240, "failure"))
        await flushed(store)
    async with Store(address, tmp_path, pace=often) as store:
        found = await store.spans("oven")
    assert [(span.status, span.count, span.end) for span in found] == [
        ("success", 4, now + 240),
        ("failure", 1, now + 240.5),
    ]


@pytest.mark.parametrize("what", ["changed", "dropped", "tail", "head"])
async def test_verify_finds_what_was_done_in_the_database(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make, what: str
) -> None:
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        for number in range(1, 121):
            store.put(make_evidence(number))
        await flushed(store)
        url = store._database.url
        engine = create_async_engine(url)
        statements: dict[str, Any] = {
            "changed": evidence.update().where(evidence.c.id == 70).values(standing="verified"),
            "dropped": delete(evidence).where(evidence.c.id.between(60, 62)),
            "tail": delete(evidence).where(evidence.c.id > 110),
            "head": text("DELETE FROM chain"),
        }
        async with engine.begin() as connection:
            await connection.execute(statements[what])
        await engine.dispose()
        found = [(problem.flaw, problem.id) for problem in (await store.verify()).problems]
    expected = {
        "changed": (Flaw.CHANGED, 70),
        "dropped": (Flaw.DROPPED, 63),
        "tail": (Flaw.DROPPED, 120),
        "head": (Flaw.DROPPED, 0),
    }
    assert found == [expected[what]]


async def test_goes_on_when_the_head_of_the_chain_is_gone(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        store.put(make_evidence(1))
        await flushed(store)
        async with store._database.writing() as connection:
            await connection.execute(text("DELETE FROM chain"))
        store.put(make_evidence(2))
        await flushed(store)
        found = await store.verify()
    assert (found.records, found.problems) == (2, ())


async def test_hostile_texts_are_kept(address: str, tmp_path: Path, pace: Pace) -> None:
    hostile = "a\0b\ud800é𝄞" + "x" * 5000
    record = Evidence(
        at=1.0,
        claim=hostile,
        section=hostile,
        check=hostile,
        location=hostile,
        before=hostile,
        standing=hostile,
        proof={hostile: [hostile, float("nan"), float("inf"), 2**70]},
    )
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        store.put(record)
        store.put(Run(check=hostile, status="a", at=1e12, duration=1, reach=1, location=hostile))
        store.put(Saved(kind=hostile, name=hostile, state=hostile))
        await flushed(store)
        (kept,) = await store.evidence(hostile)
        assert kept.claim.startswith("a\ufffdb\ufffdé𝄞xx")
        assert list(kept.proof.values()) == [
            ["a\0b\ufffdé𝄞" + "x" * 5000, "NaN", "Infinity", 2**70]
        ]
        assert (await store.verify()).problems == ()
        assert store.write_failures == 0


def test_a_time_that_is_no_number_is_refused(tmp_path: Path, make_evidence: Make) -> None:
    store = Store("sqlite:///evidence.db", tmp_path)
    with pytest.raises(ValueError, match="finite"):
        store.put(Run(check="a", status="success", at=float("nan"), duration=1, reach=1))
    assert store.pending == 0


async def test_what_is_put_may_be_changed_afterwards(
    tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    proof: dict[str, Any] = {"headers": ["a"]}
    async with Store("sqlite:///evidence.db", tmp_path, keep=1e12, pace=pace) as store:
        store.put(make_evidence(1, proof=proof))
        proof["headers"].append("b")
        await flushed(store)
        assert (await store.evidence())[0].proof == {"headers": ["a"]}


async def test_two_daemons_make_one_chain(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    async with (
        Store(address, tmp_path, keep=1e12, pace=pace) as one,
        Store(address, tmp_path, keep=1e12, pace=pace) as two,
    ):
        for number in range(40):
            (one if number % 2 else two).put(make_evidence(number))
            await asyncio.sleep(0.002)
        await flushed(one)
        await flushed(two)
        found = await one.verify()
    assert (found.records, found.problems) == (40, ())


async def test_a_store_of_a_newer_program_is_refused(
    address: str, tmp_path: Path, pace: Pace
) -> None:
    async with (
        Store(address, tmp_path, pace=pace) as store,
        store._database.writing() as connection,
    ):
        await connection.execute(text("UPDATE evidence_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=f"newer evidenced.*9999.*{newest(MIGRATIONS)}") as caught:
        async with Store(address, tmp_path, pace=pace):
            pass
    assert "\n" not in str(caught.value)


async def test_an_older_store_is_migrated_with_a_copy_beside_it(
    tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    async with Store("sqlite:///evidence.db", tmp_path, keep=1e12, pace=pace) as store:
        store.put(make_evidence(1))
    later = tmp_path / "later"
    shutil.copytree(MIGRATIONS, later, ignore=shutil.ignore_patterns("__pycache__"))
    (later / "versions" / "latest.py").write_text(
        "from alembic import op\n"
        f"revision, down_revision = '9998', '{newest(MIGRATIONS)}'\n"
        "def upgrade() -> None:\n"
        "    op.execute('CREATE TABLE later (id INTEGER)')\n"
    )
    store = Store("sqlite:///evidence.db", tmp_path, keep=1e12, pace=pace, migrations=later)
    async with store, store._database.reading() as connection:
        assert (await connection.execute(text("SELECT * FROM later"))).all() == []
        assert (await store.verify()).records == 1
    copy = Store("sqlite:///evidence.db.before-9998", tmp_path, keep=1e12, pace=pace)
    async with copy, copy._database.reading() as connection:
        assert (await connection.execute(select(evidence.c.id))).all() == [(1,)]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "evidence.db",
        "mysql://tester:swordfish@db/x",
        "sqlite://",
        "sqlite:///:memory:",
        "a:b:c",
    ],
)
def test_an_address_of_nothing_known_is_refused(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="store: expected") as caught:
        Store(wrong, tmp_path)
    assert "swordfish" not in str(caught.value)
