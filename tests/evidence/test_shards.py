"""Several daemons on one store: one chain, what each reads of the others, and one that leads."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from evidenced.evidence.address import located
from evidenced.evidence.lead import lead_of
from evidenced.evidence.pace import Pace
from evidenced.evidence.records import Evidence, Saved
from evidenced.evidence.store import Store
from postgresql_server import Server

Make = Callable[..., Evidence]
SHARDS, RECORDS = 3, 40

HOLDER = """
import asyncio, pathlib, sys
from evidenced.evidence.address import located
from evidenced.evidence.lead import lead_of
async def hold():
    lead = lead_of(located(sys.argv[1], pathlib.Path(sys.argv[2])))
    print(await lead.take(), flush=True)
    await asyncio.sleep(60)
asyncio.run(hold())
"""


def saved(name: str, state: str, kind: str = "check") -> Saved:
    return Saved(kind=kind, name=name, state=state)


async def test_what_several_write_at_the_same_time_is_one_whole_chain(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    halfway = asyncio.Barrier(SHARDS)

    async def write(shard: int) -> None:
        async with Store(address, tmp_path, keep=1e12, pace=pace, shard=shard) as store:
            for number in range(RECORDS):
                store.put(make_evidence(number, claim=f"loaf {shard} {number}"))
                store.put(saved(f"oven {shard}", f"{number}"))
                await asyncio.sleep(0.002)
                if number == RECORDS // 2:
                    # On a slow disk each may write all that it has at once: so all have begun
                    # when any of them goes on.
                    await store.flush()
                    await halfway.wait()

    async with Store(address, tmp_path, pace=pace):
        pass  # there are tables now
    await asyncio.gather(*map(write, range(SHARDS)))
    async with Store(address, tmp_path, keep=1e12, pace=pace) as store:
        verified = await store.verify()
        assert (verified.records, verified.problems) == (SHARDS * RECORDS, ())
        shards = {one.name: one.shard for one in await store.state()}
        assert shards == {f"oven {shard}": shard for shard in range(SHARDS)}
        records = await store.evidence(limit=SHARDS * RECORDS)
        by_shard = [one.claim.split()[1] for one in records]
        assert sorted(by_shard) != by_shard, "they took turns"


async def test_a_change_that_two_saw_is_in_the_chain_once(
    address: str, tmp_path: Path, pace: Pace, make_evidence: Make
) -> None:
    async with (
        Store(address, tmp_path, keep=1e12, pace=pace, shard=0) as one,
        Store(address, tmp_path, keep=1e12, pace=pace, shard=1) as other,
    ):
        for store in (one, other):
            store.put(make_evidence(1))
            await store.flush()
        rehearsed = make_evidence(2)
        object.__setattr__(rehearsed, "drill", True)
        other.put(rehearsed)
        other.put(make_evidence(3))
        await other.flush()
        assert [(r.id, r.at, r.drill) for r in await one.evidence()] == [
            (2, 2.0, True),
            (1, 1.0, False),
        ]
        assert (await one.verify()).problems == ()


async def test_each_reads_what_the_others_saved_since(
    address: str, tmp_path: Path, pace: Pace
) -> None:
    async with Store(address, tmp_path, pace=pace) as alone:
        alone.put(saved("rye", "of one that was alone"))
    async with (
        Store(address, tmp_path, pace=pace, shard=1) as one,
        Store(address, tmp_path, pace=pace, shard=2) as other,
    ):
        for name in ("wheat", "spelt"):
            other.put(saved(name, "baked"))
        other.put(saved("note", "of another kind", kind="tracker"))
        one.put(saved("own", "seen here"))
        await one.flush()
        await other.flush()
        found = await one.saved_since({0: -1, 2: -1}, "check")
        assert {(s.name, s.shard) for s in found} == {("rye", 0), ("wheat", 2), ("spelt", 2)}
        known = {s.shard: max(f.serial for f in found if f.shard == s.shard) for s in found}
        assert await one.saved_since(known, "check") == ()
        assert await one.saved_since({}, "check") == ()
        other.put(saved("wheat", "sold"))
        await other.flush()
        (wheat,) = await one.saved_since(known, "check")
        assert (wheat.state, wheat.shard) == ("sold", 2)
    async with Store(address, tmp_path, pace=pace, shard=2) as again:
        again.put(saved("spelt", "sold after a restart"))
        await again.flush()
        (spelt,) = await again.saved_since({**known, 2: wheat.serial}, "check")
        assert (spelt.name, spelt.serial) == ("spelt", wheat.serial + 1)


async def test_the_lead_is_one_and_goes_on_when_its_holder_is_killed(
    address: str, tmp_path: Path
) -> None:
    first = lead_of(located(address, tmp_path))
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, address, tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        assert await holder.stdout.readline() == b"True\n"
        assert not await first.take()
        holder.send_signal(signal.SIGKILL)
        async with asyncio.timeout(30):
            while not await first.take():
                await asyncio.sleep(0.02)
    finally:
        if holder.returncode is None:
            holder.kill()
        await holder.wait()
    second = lead_of(located(address, tmp_path))
    assert await first.take()
    assert not await second.take()
    await first.leave()
    assert await second.take()
    await second.leave()


@pytest.mark.usefixtures("running")
async def test_who_loses_the_server_leads_no_more_and_may_again(
    postgresql: str, tmp_path: Path, server: Server, eventually: Callable[..., Awaitable[None]]
) -> None:
    lead = lead_of(located(postgresql, tmp_path))
    assert await lead.take()
    server.stop()
    assert not await lead.take()
    server.start()
    assert await lead.take()
    await lead.leave()
