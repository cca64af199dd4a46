"""What is too old or too much goes, the oldest first, and the chain still verifies."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidenced.evidence.pace import Pace
from evidenced.evidence.records import Evidence, Run
from evidenced.evidence.retention import CHUNK, prune_by_age, prune_by_size, size
from evidenced.evidence.store import Store

Make = Callable[..., Evidence]


async def flushed(store: Store) -> None:
    async with asyncio.timeout(30):
        await store.flush()


async def test_lets_go_by_age(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make, make_run: Callable[..., Run]
) -> None:
    count = 2 * CHUNK + 50
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        for number in range(count):
            store.put(make_evidence(number))
        for number in range(10):
            store.put(make_run(60.0 * number, "success" if number % 2 else "failure"))
        await flushed(store)
        last = (await store.evidence(limit=1))[0]
        assert await prune_by_age(store._database, cutoff=count - 10, now=5.0) > count - 10
        found = await store.verify()
        assert (found.records, found.problems) == (10, ())
        assert (found.anchor.id, found.anchor.at) == (count - 10, 5.0)
        assert [span.start for span in await store.spans("oven")][:1] == [420.0]
        assert await prune_by_age(store._database, cutoff=1e12, now=6.0) > 0
        store.put(make_evidence(1))
        await flushed(store)
        (record,) = await store.evidence()
        assert (record.id, record.previous) == (count + 1, last.hash)
        assert (await store.verify()).problems == ()


async def test_lets_go_by_size(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make, make_run: Callable[..., Run]
) -> None:
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        for number in range(1000):
            store.put(make_evidence(number, proof={"body": f"{number * 7919:0500x}"}))
            store.put(make_run(60.0 * number, "success" if number % 2 else "failure"))
        await flushed(store)
        async with store._database.reading() as connection:
            before = await size(connection)
        assert await prune_by_size(store._database, before // 2, now=5.0) > 0
        async with store._database.reading() as connection:
            after = await size(connection)
        found = await store.verify()
    assert before // 4 < after <= before // 2
    assert found.problems == ()
    assert 0 < found.records < 1000


async def test_the_writer_lets_go_by_itself(
    address: str, tmp_path: Path, make_evidence: Make
) -> None:
    often = Pace(linger=0.0, prune=0.02)
    async with Store(address, tmp_path, keep=3600, pace=often) as store:
        store.put(make_evidence(1))
        store.put(replace(make_evidence(2), at=time.time()))
        await flushed(store)
        async with asyncio.timeout(30):
            while len(await store.evidence()) > 1:
                await asyncio.sleep(0.01)
        assert (await store.evidence())[0].id == 2
        assert (await store.verify()).anchor.id == 1


STEPS = st.lists(
    st.tuples(st.just("put"), st.integers(1, 9))
    | st.tuples(st.just("prune"), st.integers(0, 30))
    | st.tuples(st.just("reopen"), st.just(0)),
    min_size=1,
    max_size=10,
)


@settings(max_examples=25)
@given(STEPS)
def test_any_puts_prunes_and_reopenings_keep_the_chain(steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_through(steps, Path(folder)))


async def _through(steps: list[tuple[str, int]], folder: Path) -> None:
    clock, put = 0, 0
    store = Store("sqlite:///evidence.db", folder, keep=1e12, pace=Pace(linger=0.0))
    await store.__aenter__()
    for step, number in steps:
        if step == "put":
            for _ in range(number):
                clock, put = clock + 1, put + 1
                store.put(
                    Evidence(
                        at=clock, claim="a", section="stable", check="b", before="", standing=""
                    )
                )
        elif step == "prune":
            await flushed(store)
            await prune_by_age(store._database, cutoff=number, now=clock)
        else:
            await store.__aexit__(None, None, None)
            store = Store("sqlite:///evidence.db", folder, keep=1e12, pace=Pace(linger=0.0))
            await store.__aenter__()
    await flushed(store)
    found = await store.verify()
    await store.__aexit__(None, None, None)
    assert found.problems == ()
    assert found.head.id == put == found.anchor.id + found.records


@pytest.mark.parametrize("keep", [0.0, 1e12])
async def test_an_empty_store_has_nothing_to_let_go(
    address: str, tmp_path: Path, pace: Pace, keep: float
) -> None:
    async with Store(address, tmp_path, keep=keep, pace=pace) as store:
        assert await prune_by_age(store._database, 1e12, 1.0) == 0
        assert await prune_by_size(store._database, 0, 1.0) == 0
        assert (await store.verify()).records == 0
