"""The daemon as an operator runs it: a process, its signals, its files, its answers."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from evidenced.app.life import running
from evidenced.demo.shop import Shop

WaitFor = Callable[..., Any]


class Process:
    """`evidenced run` as a process of its own, and what it logged."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.log = log

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = self.log.read_text("utf-8").splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [event for event in found if event["event"] == name]

    def logged(self, name: str, count: int = 1) -> Callable[[], Any]:
        async def condition() -> bool:
            assert self.process.returncode is None, self.log.read_text("utf-8")
            return len(self.events(name)) >= count

        return condition


@asynccontextmanager
async def evidenced_run(config: Path) -> AsyncIterator[Process]:
    log = config.parent / "run.log"
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "evidenced.cli", "run", "-c", config, stderr=stderr
        )
    try:
        yield Process(process, log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def scrape(address: str) -> dict[str, float]:
    """The samples of /metrics by their line's left side."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{address}/metrics") as response,
    ):
        text = await response.text()
    pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_starts_watches_and_stops_within_two_seconds(
    number: signal.Signals, configured: Callable[..., Path], wait_for: WaitFor
) -> None:
    async with evidenced_run(configured()) as run:
        await wait_for(run.logged("standing changed"), 30)
        (started,) = run.events("started")
        assert (started["claims"], started["checks"]) == (12, 12)
        began = time.monotonic()
        run.process.send_signal(number)
        assert await asyncio.wait_for(run.process.wait(), 30) == 0
        assert time.monotonic() - began < 2
        assert "Traceback" not in run.log.read_text("utf-8")
        assert "never closed" not in run.log.read_text("utf-8").lower()


async def test_a_bad_edit_keeps_the_old_configuration_until_a_good_one_comes(
    configured: Callable[..., Path], wait_for: WaitFor
) -> None:
    config = configured()
    good = config.read_text("utf-8")
    reloaded = "evidenced_config_last_reload_successful"
    async with evidenced_run(config) as run:
        await wait_for(run.logged("started"), 30)
        address = run.events("started")[0]["listen"]
        config.write_text(good.replace("interval", "intervall"), "utf-8")
        await wait_for(run.logged("not taken over, the last good one stays in force"), 30)
        problem = run.events("not taken over, the last good one stays in force")[0]["problem"]
        assert problem.startswith(f"{config}:")
        assert "interval" in problem
        samples = await scrape(address)
        assert samples[reloaded] == 0
        assert sum(name.startswith("evidenced_claim_info{") for name in samples) == 12
        config.write_text(good.replace("interval: 1s", "interval: 2s"), "utf-8")
        await wait_for(run.logged("reloaded"), 30)
        assert (await scrape(address))[reloaded] == 1


async def test_sighup_reads_again(configured: Callable[..., Path], wait_for: WaitFor) -> None:
    async with evidenced_run(configured()) as run:
        await wait_for(run.logged("started"), 30)
        for count in (1, 2):
            run.process.send_signal(signal.SIGHUP)
            await wait_for(run.logged("reloaded", count), 30)
            assert len(run.events("reloaded")) == count


@pytest.mark.parametrize(
    ("text", "readable", "believed"),
    [
        pytest.param("", 0, 1, id="empty"),
        pytest.param("# A page\n\nnothing of a ledger\n", 1, 0, id="no sections"),
        pytest.param(
            "## CLOSED\n\n## STABLE\n- **Health**: /api/health returns 200\n",
            1,
            0,
            id="most claims gone",
        ),
    ],
)
async def test_a_ledger_that_is_lost_changes_nothing(
    text: str, readable: int, believed: int, configured: Callable[..., Path], wait_for: WaitFor
) -> None:
    config = configured()
    ledger = config.parent / "STATE.md"
    async with running(config) as daemon:
        claims = set(daemon.board.claims)
        ledger.write_text(text, "utf-8")

        async def noticed() -> bool:
            reading = daemon.board.reading
            return (reading.ledger_readable, reading.ledger_believed) != (True, True)

        await wait_for(noticed, 30)
        assert set(daemon.board.claims) == claims
        samples = await scrape("{}:{}".format(*daemon.address))
        assert samples["evidenced_ledger_readable"] == readable
        assert samples["evidenced_ledger_believed"] == believed
        assert samples["evidenced_config_last_reload_successful"] == 1


async def test_a_ledger_replaced_by_a_rename_is_taken_over(
    configured: Callable[..., Path], wait_for: WaitFor
) -> None:
    config = configured()
    ledger = config.parent / "STATE.md"
    async with running(config) as daemon:
        for number in range(2):
            new = ledger.with_suffix(".new")
            line = f"- **Extra {number}**: /extra/{number} returns 200\n- **Health**:"
            new.write_text(ledger.read_text("utf-8").replace("- **Health**:", line), "utf-8")
            new.replace(ledger)

            async def taken(claim: str = f"extra-{number}") -> bool:
                return claim in daemon.board.claims and claim in daemon.board.checks

            await wait_for(taken, 30)


async def test_reload_over_http_takes_the_token(
    configured: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("open sesame\n", "utf-8")
    config = configured(tokens={"admin_file": "token"})
    async with running(config) as daemon, aiohttp.ClientSession() as session:
        url = "http://{}:{}/-/reload".format(*daemon.address)

        async def post(**headers: str) -> tuple[int, str]:
            async with session.post(url, headers=headers) as response:
                return response.status, await response.text()

        assert (await post())[0] == 401
        assert (await post(Authorization="Bearer wrong"))[0] == 401
        assert await post(Authorization="Bearer open sesame") == (200, "reloaded\n")
        config.write_text("ledger: 1\n", "utf-8")
        status, text = await post(Authorization="Bearer open sesame")
        assert status == 500
        assert f"{config}:1" in text


async def test_reload_over_http_is_off_without_a_token(configured: Callable[..., Path]) -> None:
    async with running(configured()) as daemon, aiohttp.ClientSession() as session:
        url = "http://{}:{}/-/reload".format(*daemon.address)
        async with session.post(url) as response:
            assert response.status == 403


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/", 200, "12 claims"),
        ("/-/healthy", 200, "healthy"),
        ("/-/ready", 200, "ready"),
        ("/rules", 200, "EvidencedStableClaimContradicted"),
        ("/nothing", 404, ""),
    ],
)
async def test_pages(path: str, status: int, text: str, configured: Callable[..., Path]) -> None:
    async with running(configured()) as daemon, aiohttp.ClientSession() as session:
        url = "http://{}:{}{}".format(*daemon.address, path)
        async with session.get(url) as response:
            assert response.status == status
            assert text in await response.text()
            assert response.headers["Server"] == "evidenced"


async def test_two_daemons_live_in_one_process(
    configured: Callable[..., Path], shop: tuple[Shop, str], tmp_path: Path, wait_for: WaitFor
) -> None:
    config = configured()
    other = tmp_path / "other.yaml"
    changed = yaml.safe_load(config.read_text("utf-8")) | {"location": "elsewhere"}
    other.write_text(yaml.safe_dump(changed), "utf-8")
    async with running(config) as one, running(other) as two:
        shop[0].broken["/cart"] = "500"

        async def both_see_it() -> bool:
            return all(d.board.claims["cart"].standing == "contradicted" for d in (one, two))

        await wait_for(both_see_it, 30)
        assert 'location="elsewhere"' in str(await scrape("{}:{}".format(*two.address)))
        assert "location=" not in str(await scrape("{}:{}".format(*one.address)))


# In a process of its own: what other tests opened in this one comes and goes as it likes.
ONE_AFTER_THE_OTHER = """
import asyncio, gc, json, os, sys
from pathlib import Path
from evidenced.app.life import running

def open_files():
    # A connection to the store that a stop finds at work is closed when it is collected.
    gc.collect()
    return sorted(os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink())

async def main():
    for round_ in range(4):
        async with running(Path(sys.argv[1])) as daemon:
            await daemon.in_force.reload()
        if not round_:
            before = open_files()  # threads and imports are there from now on
    tasks = [one.get_name() for one in asyncio.all_tasks() if one is not asyncio.current_task()]
    print(json.dumps({"before": before, "after": open_files(), "tasks": tasks}))

asyncio.run(main())
"""


async def test_nothing_stays_open_behind_a_daemon(configured: Callable[..., Path]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ONE_AFTER_THE_OTHER, str(configured())),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    seen = json.loads(out.splitlines()[-1])
    assert len(seen["after"]) <= len(seen["before"]), seen
    assert not seen["tasks"]
