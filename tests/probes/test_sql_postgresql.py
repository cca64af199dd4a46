"""The probe on a real PostgreSQL server."""

import time
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from evidenced.config.kinds.sql import SqlSettings
from evidenced.probes import sql as kind
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resources import Resources
from postgresql_server import Server

Ask = Callable[..., Coroutine[Any, Any, Attempt]]


@pytest.fixture
async def database(server: Server) -> str:
    """The address of a database with two orders in it."""
    name = f"orders-{time.monotonic_ns()}"
    await server.create(name)
    connection = await asyncpg.connect(
        host="127.0.0.1", port=server.port, user="tester", database=name
    )
    try:
        await connection.execute("create table orders (id int, state text, price numeric(9, 2))")
        await connection.execute("insert into orders values (1, 'baking', 2.50), (2, 'sold', null)")
    finally:
        await connection.close()
    return f"postgresql://tester@127.0.0.1:{server.port}/{name}"


@pytest.fixture
def ask(database: str, resources: Resources) -> Ask:
    async def take(query: str, timeout: float = 10.0, /, **settings: object) -> Attempt:
        settings = {"url": database, "query": query, **settings}
        return await kind.probe(SqlSettings.model_validate(settings), timeout, resources)

    return take


@pytest.mark.parametrize(
    ("query", "expect", "met"),
    [
        ("select count(*) from orders", {"value": {"gt": 0}}, True),
        ("select count(*) from orders", {"value": {"gt": 2}}, False),
        ("select price from orders order by id", {"value": 2.5}, True),
        ("select price from orders where id = 2", {"value": None}, True),
        ("select state from orders where state like '%ak%'", {"value": {"matches": "^bak"}}, True),
        ("select now() - interval '1 hour' < now()", {"value": True}, True),
        ("select id from orders", {"rows": 2}, True),
        ("select id from orders where id = 9", {"rows": 0}, True),
    ],
)
async def test_a_value_is_held_to_what_is_expected(
    ask: Ask, query: str, expect: dict[str, object], met: bool
) -> None:
    attempt = await ask(query, expect=expect)
    assert attempt.outcome is (Outcome.SUCCESS if met else Outcome.FAILURE), attempt


async def test_nothing_is_ever_written(ask: Ask) -> None:
    attempt = await ask("delete from orders returning id")
    assert attempt.outcome is Outcome.FAILURE
    assert (
        await ask("select count(*) from orders", expect={"value": 2})
    ).outcome is Outcome.SUCCESS


async def test_a_query_that_takes_too_long_is_given_up_at_the_server_too(ask: Ask) -> None:
    begun = time.monotonic()
    attempt = await ask("select pg_sleep(60)", 1.0)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert time.monotonic() - begun < 10
    sleeping = "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)'"
    async_left = await ask(sleeping + " and state = 'active'", expect={"value": 0})
    assert async_left.outcome is Outcome.SUCCESS


async def test_a_mistake_in_the_query_is_told_by_its_code(ask: Ask) -> None:
    attempt = await ask("select count(*) from loaves")
    assert attempt.failure is not None
    assert attempt.failure.detail.endswith("refuses the query: 42P01")


async def test_a_server_that_is_not_there_is_told(server: Server, resources: Resources) -> None:
    settings = SqlSettings.model_validate(
        {"url": "postgresql://tester:hunter2@127.0.0.1:1/shop", "query": "select 1"}
    )
    attempt = await kind.probe(settings, 5.0, resources)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert "hunter2" not in repr(attempt)
