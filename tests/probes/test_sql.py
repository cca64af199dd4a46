"""The probe on real files of SQLite."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evidenced.config.kinds.sql import SqlSettings
from evidenced.probes import sql as kind
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources
from stopwatch import Stopwatch

Ask = Callable[..., Coroutine[Any, Any, Attempt]]

ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "odd name?#%.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table orders (id integer, state text, price, photo blob)")
        connection.executemany(
            "insert into orders values (?, ?, ?, ?)",
            [(1, "baking", 2.5, b"x"), (2, "sold", None, b""), (3, "sold", 4, b"")],
        )
    return path


@pytest.fixture
def ask(database: Path, resources: Resources) -> Ask:
    async def take(query: str, timeout: float = 30.0, /, **settings: object) -> Attempt:
        url = f"sqlite:///{database}".replace("%", "%25").replace("?", "%3F")
        settings = {"url": url, "query": query, **settings}
        return await kind.probe(SqlSettings.model_validate(settings), timeout, resources)

    return take


@pytest.mark.parametrize(
    ("query", "expect", "met"),
    [
        ("select count(*) from orders", {"value": {"gt": 0}}, True),
        ("select count(*) from orders;", {"value": 3}, True),
        ("select count(*) from orders", {"value": {"lt": 3}}, False),
        ("select price from orders order by id", {"value": 2.5}, True),
        ("select price from orders where id = 2", {"value": None}, True),
        ("select state from orders where id = 1", {"value": {"matches": "^bak"}}, True),
        ("select photo from orders where id = 1", {"value": "x"}, True),
        ("select id from orders where id = 9", {"value": {"ge": 0}}, False),
        ("select id from orders where id = 9", {"value": {"exists": False}}, True),
        ("select id from orders where state like '%:id%'", {"rows": 0}, True),
        ("select id from orders", {"rows": 3, "value": {"exists": True}}, True),
        ("select id from orders", {"rows": {"min": 4}}, False),
        ("select id from orders -- done; really\n", {}, True),
        ("/* one; two */ select ';'", {"value": ";"}, True),
    ],
)
async def test_what_a_query_gives(ask: Ask, query: str, expect: object, met: bool) -> None:
    attempt = await ask(query, expect=expect)
    assert (attempt.outcome is Outcome.SUCCESS) is met, attempt.failure
    if not met:
        assert attempt.failure
        assert attempt.failure.reason is Reason.BODY


async def test_facts_and_phases(ask: Ask) -> None:
    attempt = await ask("select id from orders", expect={"rows": 3})
    assert attempt.facts == {"rows": 3, "value": 1.0}
    assert set(attempt.phases) == {"connect", "processing"}
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)
    unmet = await ask("select id from orders", expect={"value": {"gt": 1}, "rows": 2})
    assert [(each.name, each.met) for each in unmet.judgements] == [
        ("value", False),
        ("rows", False),
    ]
    assert unmet.failure
    assert unmet.failure.detail == "expected value to be more than 1, found 1"


async def test_nothing_of_the_data_is_shown(ask: Ask) -> None:
    attempt = await ask("select 'swordfish'", expect={"value": {"contains": "bread"}})
    assert attempt.failure
    assert attempt.failure.detail == 'expected value to contain "bread", found a text of length 9'
    assert "swordfish" not in repr(attempt)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select * from cakes", "no such table: cakes"),
        ("selct 1", 'near "selct": syntax error'),
        ("delete from orders", "attempt to write a readonly database"),
        ("create table x (y)", "attempt to write a readonly database"),
        ("drop table orders", "attempt to write a readonly database"),
    ],
)
async def test_a_query_that_is_refused(ask: Ask, query: str, said: str) -> None:
    attempt = await ask(query)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert attempt.failure.reason is Reason.STATUS
    assert said in attempt.failure.detail or attempt.failure.detail.endswith("…")
    left = await ask("select count(*) from orders", expect={"value": 3})
    assert left.failure is None


async def test_a_statement_that_gives_no_rows(ask: Ask) -> None:
    attempt = await ask("pragma foreign_keys = on")
    assert attempt.failure
    assert attempt.failure.detail == "the query gives no rows, as a select would"


async def test_a_file_that_is_not_there_is_not_made(ask: Ask, tmp_path: Path) -> None:
    attempt = await ask("select 1", url=f"sqlite:///{tmp_path}/none.db")
    assert attempt.failure
    assert attempt.failure.reason is Reason.CONNECT
    assert not (tmp_path / "none.db").exists()


async def test_a_file_that_is_no_database(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("sourdough " * 1000)
    attempt = await ask("select * from sqlite_schema", url=f"sqlite:///{tmp_path}/x.db")
    assert attempt.failure
    assert attempt.failure.reason is Reason.STATUS
    assert "file is not a database" in attempt.failure.detail


async def test_an_endless_query_ends_at_the_deadline(ask: Ask) -> None:
    watch = Stopwatch()
    attempt = await ask(ENDLESS, 0.3)
    assert watch.own() < 0.3 + 0.2
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.detail.startswith("deadline of 300ms passed")


async def test_a_locked_database_ends_at_the_deadline(ask: Ask, database: Path) -> None:
    with closing(sqlite3.connect(database)) as other:
        other.execute("begin exclusive")
        watch = Stopwatch()
        attempt = await ask("select count(*) from orders", 0.3)
        assert watch.own() < 0.3 + 0.2
        assert attempt.failure
        assert attempt.failure.reason is Reason.TIMEOUT


async def test_endless_rows_are_not_counted_for_ever(ask: Ask) -> None:
    rows = "with recursive c(x) as (select 1 union all select x + 1 from c) select x from c"
    first = await ask(rows, expect={"value": 1})
    assert first.failure is None
    counted = await ask(rows, 30.0, expect={"rows": {"min": 1}})
    assert counted.failure
    assert counted.failure.reason is Reason.TOO_LARGE


async def test_a_database_in_use_is_read_beside_its_writer(ask: Ask, database: Path) -> None:
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("pragma journal_mode = wal")
        writer.execute("begin immediate")
        writer.execute("delete from orders")
        attempt = await ask("select count(*) from orders", expect={"value": 3})
    assert attempt.failure is None


async def test_a_missing_driver_is_not_the_database_s_fault(ask: Ask) -> None:
    attempt = await ask("select 1", url="postgresql://baker:swordfish@127.0.0.1:1/shop")
    assert attempt.failure
    assert "swordfish" not in repr(attempt)
    if attempt.failure.reason is Reason.DEPENDENCY:  # Without the extra `postgres`.
        assert attempt.outcome is Outcome.UNKNOWN
        assert "psycopg" in attempt.failure.detail
    else:
        assert attempt.failure.reason is Reason.CONNECT


async def test_cancelling_goes_through(ask: Ask) -> None:
    task = asyncio.create_task(ask(ENDLESS, 0.5))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_many_at_once(ask: Ask) -> None:
    attempts = await asyncio.gather(
        *(ask("select 1", 20.0, expect={"value": 1}) for _ in range(100))
    )
    assert {attempt.outcome for attempt in attempts} == {Outcome.SUCCESS}
