"""What a daemon still knows after it was stopped, killed, or robbed of its store."""

import asyncio
import json
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.demo.shop import Shop
from evidenced.evidence.records import Evidence
from evidenced.evidence.store import Store
from evidenced.probes.attempt import Outcome
from evidenced.watch.board import ClaimStatus

WaitFor = Callable[..., Any]
CART = 'evidenced_claim_status{claim="cart",section="stable",status="contradicted"}'
WHEN = 'evidenced_claim_contradicted_timestamp_seconds{claim="cart",section="stable"}'


def address(daemon: Daemon) -> str:
    return "http://{}:{}".format(*daemon.address)


async def scrape(url: str) -> dict[str, float]:
    """The samples of /metrics by their line's left side."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as response:
        text = await response.text()
    pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


async def stands(daemon: Daemon, wait_for: WaitFor, claim: str, standing: str) -> ClaimStatus:
    async def so() -> bool:
        return daemon.board.claims[claim].standing == standing

    await wait_for(so, 30)
    return daemon.board.claims[claim]


async def settled(daemon: Daemon, wait_for: WaitFor) -> None:
    """Wait until every claim that a check speaks for was looked at."""

    async def so() -> bool:
        return all(c.standing != "unverified" for c in daemon.board.claims.values() if c.checks)

    await wait_for(so, 30)


async def records(folder: Path) -> tuple[Evidence, ...]:
    """What the store of a daemon that is down holds, the newest first."""
    async with Store("sqlite:///evidence.db", folder) as store:
        assert not (await store.verify()).problems
        return await store.evidence()


def on_disk(folder: Path) -> set[str]:
    """How the cart is said to stand in what a running daemon has written so far."""
    with closing(sqlite3.connect(f"file:{folder / 'evidence.db'}?mode=ro", uri=True)) as database:
        states = database.execute(
            "select cast(state as text) from saved where name = 'cart'"
        ).fetchall()
        changes = database.execute("select standing from evidence where claim = 'cart'").fetchall()
    return {str(value) for (value,) in (*states, *changes)}


@asynccontextmanager
async def process(config: Path, wait_for: WaitFor) -> AsyncIterator[tuple[Any, str]]:
    """`evidenced run` as a process, and its address."""
    log = config.parent / "run.log"
    with log.open("wb") as stderr:
        run = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "evidenced.cli", "run", "-c", config, stderr=stderr
        )

    def started() -> list[str]:
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        return [line["listen"] for line in lines if line["event"] == "started"]

    async def up() -> bool:
        assert run.returncode is None, log.read_text("utf-8")
        return bool(started())

    try:
        await wait_for(up, 30)
        yield run, f"http://{started()[0]}"
    finally:
        if run.returncode is None:
            run.kill()
        await run.wait()


async def test_what_was_contradicted_is_so_in_the_first_scrape_and_nothing_is_recorded(
    configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: WaitFor
) -> None:
    config = configured()
    shop[0].broken["/cart"] = "500"
    async with running(config) as daemon:
        before = await stands(daemon, wait_for, "cart", "contradicted")
        await settled(daemon, wait_for)
        claims = {name: (c.standing, c.since) for name, c in daemon.board.claims.items()}
        when = (await scrape(address(daemon)))[WHEN]
    kept = await records(config.parent)
    async with running(config) as daemon:
        samples = await scrape(address(daemon))
        assert samples[CART] == 1
        assert samples[WHEN] == when == before.contradicted
        assert {n: (c.standing, c.since) for n, c in daemon.board.claims.items()} == claims

        async def looked_again() -> bool:
            return all(
                status.runs[Outcome.SUCCESS] + status.runs[Outcome.FAILURE] >= 2
                for status in daemon.board.checks.values()
            )

        await wait_for(looked_again, 30)
        assert daemon.board.claims["cart"].since == before.since
    assert await records(config.parent) == kept


async def test_what_recovered_meanwhile_is_verified_by_its_next_run(
    configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: WaitFor
) -> None:
    config = configured()
    shop[0].broken["/cart"] = "500"
    async with running(config) as daemon:
        await stands(daemon, wait_for, "cart", "contradicted")
        await settled(daemon, wait_for)
    newest = (await records(config.parent))[0].id
    del shop[0].broken["/cart"]
    async with running(config) as daemon:
        assert daemon.board.claims["cart"].standing == "contradicted"
        await stands(daemon, wait_for, "cart", "verified")
        assert (await scrape(address(daemon)))[CART] == 0
    new = [one for one in await records(config.parent) if one.id > newest]
    assert [(r.claim, r.check, r.before, r.standing) for r in new] == [
        ("cart", "cart", "contradicted", "verified")
    ]
    assert new[0].proof["result"] == "success"


async def test_a_killed_process_comes_back_to_the_same(
    configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: WaitFor
) -> None:
    config = configured()
    shop[0].broken["/cart"] = "500"
    async with process(config, wait_for) as (run, url):

        async def contradicted() -> bool:
            return (await scrape(url))[CART] == 1

        await wait_for(contradicted, 30)
        when = (await scrape(url))[WHEN]

        async def written() -> bool:
            found = await asyncio.to_thread(on_disk, config.parent)
            states = [json.loads(state) for state in found if state.startswith("{")]
            kept = [s for s in states if "contradicted" in (s.get("confirmed"), s.get("standing"))]
            return len(kept) == 2 and "contradicted" in found

        await wait_for(written, 30)
        run.send_signal(signal.SIGKILL)
        await run.wait()
    kept = await records(config.parent)
    assert any(one.claim == "cart" and one.standing == "contradicted" for one in kept)
    async with process(config, wait_for) as (run, url):
        samples = await scrape(url)
        assert samples[CART] == 1
        assert samples[WHEN] == when
    assert [one for one in await records(config.parent) if one.claim == "cart"] == [
        one for one in kept if one.claim == "cart"
    ]


async def test_changed_settings_do_not_take_over_the_old_state(
    configured: Callable[..., Path], shop: tuple[Shop, str], wait_for: WaitFor
) -> None:
    check = {"name": "own", "claims": ["cart"], "interval": "1s", "http": {"url": "/cart"}}
    config = configured(checks=[check])
    shop[0].broken["/cart"] = "500"
    async with running(config) as daemon:
        await stands(daemon, wait_for, "cart", "contradicted")
    changed = {**check, "interval": "1h", "http": {"url": "/cart", "expect": {"status": 500}}}
    text = yaml.safe_load(config.read_text("utf-8")) | {"checks": [changed]}
    config.write_text(yaml.safe_dump(text), "utf-8")
    async with running(config) as daemon:
        assert daemon.board.checks["own"].state.contradicted is None
        assert daemon.board.checks["own"].standing == "unverified"


@pytest.mark.parametrize("broken", ["a file for a folder", "no database"])
async def test_a_store_that_cannot_be_used_stops_neither_probes_nor_metrics(
    broken: str,
    configured: Callable[..., Path],
    shop: tuple[Shop, str],
    tmp_path: Path,
    wait_for: WaitFor,
) -> None:
    lost = broken == "a file for a folder"
    if lost:
        (tmp_path / "wall").write_text("no folder\n", "utf-8")
    else:
        (tmp_path / "evidence.db").write_bytes(b"nothing of a database " * 500)
    config = configured(store={"url": f"sqlite:///{'wall/' if lost else ''}evidence.db"})
    shop[0].broken["/cart"] = "500"
    async with running(config) as daemon:
        await stands(daemon, wait_for, "cart", "contradicted")
        samples = await scrape(address(daemon))
        assert samples[CART] == 1
        assert (samples["evidenced_store_write_failures_total"] > 0) == lost
        if not lost:
            await asyncio.wait_for(daemon.keeper.store.flush(), 10)
            assert await daemon.keeper.store.evidence("cart")
            assert list(tmp_path.glob("evidence.db.corrupt*"))
