"""What several shards of the same checks cost, beside one daemon that shares with nobody.

    python benchmarks/shards.py [--checks 4000] [--interval 30] [--seconds 60] [--store URL]

The same checks (nginx on loopback, a look into the body, ten to a claim) are looked at by a daemon
that shares with nobody, then by 1, 2 and 4 shards with one store: a SQLite file, or the PostgreSQL
at URL, in whose database the tables are then made. For each are printed the processor that a shard
and all together use in one second and what of that is for a probe, memory, and the looks that nginx
saw of those that were due.

Below stand the numbers of the model in docs/scaling.md: what a daemon costs without checks, what a
shard costs beside its probes, and what a check takes of memory where it is looked at and where
another shard does. Run it on a machine that does nothing else; it takes seven minutes.

Ends with status 1 where a check missed a beat.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from growing import crowd
from growing.measure import AS_PROMETHEUS, lost
from side_by_side import parts
from side_by_side.accesslog import by_path, within
from side_by_side.program import Program, free_address, program
from side_by_side.target import Target, target

COUNTS = (0, 1, 2, 4)
"""How many shards; 0 is a daemon that shares with nobody."""
FEW = 10
"""Checks of a daemon that is measured for what it costs without any."""
LOADING = 300.0
"""Seconds in which a daemon must answer."""
RATE = 1.1
"""Intervals in which each check has been looked at once all daemons answer."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many shards cost; processor in seconds for one second, memory in bytes."""

    checks: int
    shards: int
    cpu: tuple[float, ...]
    memory: tuple[int, ...]
    done: int
    due: float
    lost: int
    """Checks that missed a beat."""
    seconds: float
    """How long was measured."""

    @property
    def total(self) -> float:
        """Processor of all together."""
        return sum(self.cpu)

    @property
    def typical(self) -> float:
        """Memory of one of them, on average."""
        return sum(self.memory) / len(self.memory)


@dataclass(frozen=True, slots=True)
class Running:
    """A daemon under way, and where it listens."""

    program: Program
    listen: str


@asynccontextmanager
async def daemons(
    count: int, folder: Path, urls: Sequence[str], arguments: argparse.Namespace
) -> AsyncIterator[list[Running]]:
    """Run so many shards, or one daemon alone, with one configuration and one store."""
    config = _lay_out(count, folder, urls, arguments)
    async with AsyncExitStack() as stack:
        started = []
        for index in range(max(count, 1)):
            listen = free_address()
            state = f"{folder / f'state-{index}'}"
            there = {"LISTEN": listen, "SHARD": f"{index}", "STATE_DIRECTORY": state}
            command = (parts.EVIDENCED, "run", "--config", config)
            log = folder / f"shard-{index}.log"
            one = await stack.enter_async_context(program(command, log, environment=there))
            started.append(Running(one, listen))
        for each in started:
            await each.program.answers(f"http://{each.listen}/-/ready", LOADING)
        yield started


def _lay_out(count: int, folder: Path, urls: Sequence[str], arguments: argparse.Namespace) -> Path:
    """Write what the daemons need; their configuration."""
    folder.mkdir()
    (folder / "STATE.md").write_text(crowd.ledger(max(len(urls) // crowd.SHARE, 1)), "utf-8")
    (folder / "admin").write_text(crowd.TOKEN, "utf-8")
    (folder / "admin").chmod(0o600)
    written = crowd.configuration(urls, arguments.interval, "${LISTEN}", "9s")
    settings = json.loads(written) | {
        "store": {"url": arguments.store or f"sqlite:///{folder / 'evidence.db'}"}
    }
    if count:
        settings["shard"] = {"index": "${SHARD}", "count": count}
    config = folder / "evidenced.yaml"
    config.write_text(json.dumps(settings), "utf-8")
    for index in range(max(count, 1)):
        (folder / f"state-{index}").mkdir()
    return config


async def measured(
    count: int, checks: int, aim: Target, folder: Path, arguments: argparse.Namespace
) -> Cost:
    """What so many shards of so many checks cost."""
    urls = [aim.url(number, tls=False) for number in range(1, checks + 1)]
    interval = float(arguments.interval)
    async with daemons(count, folder, urls, arguments) as all_:
        await asyncio.sleep(RATE * interval)
        began, before = time.time(), [one.program.cpu() for one in all_]
        end = began + arguments.seconds
        while time.time() < end:
            await asyncio.gather(*(scrape(one) for one in all_))
            await asyncio.sleep(min(interval, max(end - time.time(), 0)))
        used = tuple(
            (one.program.cpu() - was) / arguments.seconds
            for one, was in zip(all_, before, strict=True)
        )
        memory = tuple(one.program.peak() for one in all_)
    aim.log.follow()
    seen = within(aim.log.accesses, began - interval, end)
    done = len(within(seen, began, end))
    due = checks * arguments.seconds / interval
    missed = lost(by_path(seen), interval, began)
    return Cost(checks, count, used, memory, done, due, missed, arguments.seconds)


async def scrape(one: Running) -> None:
    """Scrape as Prometheus does, once each interval."""
    async with (
        aiohttp.ClientSession(auto_decompress=False, headers=AS_PROMETHEUS) as session,
        session.get(f"http://{one.listen}/metrics") as response,
    ):
        await response.read()


def table(costs: Sequence[Cost]) -> Table:
    """What was measured, a row for each number of shards."""
    shown = Table(title=f"{costs[0].checks:,} checks, divided", title_justify="left")
    for name in ("shards", "cpu each (ms/s)", "cpu all", "a probe (ms)", "memory each (MB)"):
        shown.add_column(name, justify="right")
    shown.add_column("looked at / due", justify="right")
    shown.add_column("missed a beat", justify="right")
    for cost in costs:
        shown.add_row(
            f"{cost.shards}" if cost.shards else "alone",
            " ".join(f"{1e3 * each:.0f}" for each in cost.cpu),
            f"{1e3 * cost.total:.0f}",
            f"{1e3 * cost.total * cost.seconds / cost.done:.3f}" if cost.done else "-",
            " ".join(f"{each / 1e6:.0f}" for each in cost.memory),
            f"{cost.done:,} / {cost.due:,.0f}",
            f"{cost.lost}",
        )
    return shown


def model(few: Cost, costs: Sequence[Cost]) -> Table:
    """The numbers of the model, and what it says of two shards beside what they cost."""
    by_count = {cost.shards: cost for cost in costs}
    checks = costs[0].checks
    one, two, four = by_count[1], by_count[2], by_count[4]
    more = (four.total - one.total) / 3
    own = (one.typical - few.typical) / checks
    others = (four.typical - few.typical - own * checks / 4) / (checks * 3 / 4)
    said = few.typical + (own + others) * checks / 2
    shown = Table(title="the model of docs/scaling.md", title_justify="left")
    shown.add_column("number")
    shown.add_column("measured", justify="right")
    for name, value in (
        ("m0, memory of a daemon without checks (MB)", few.typical / 1e6),
        ("m1, memory of a check that it looks at (kB)", own / 1e3),
        ("m2, memory of a check that another shard looks at (kB)", others / 1e3),
        ("c0, processor of a daemon without checks (ms/s)", 1e3 * few.total),
        ("c1, processor of a probe (ms)", 1e3 * (one.total - few.total) * one.seconds / one.done),
        ("c2, processor of one more shard (ms/s)", 1e3 * more),
        ("two shards: processor by the model (ms/s)", 1e3 * (one.total + more)),
        ("two shards: processor as measured (ms/s)", 1e3 * two.total),
        ("two shards: memory of each by the model (MB)", said / 1e6),
        ("two shards: memory of each as measured (MB)", two.typical / 1e6),
    ):
        shown.add_row(name, f"{value:,.2f}")
    return shown


async def compared(arguments: argparse.Namespace) -> tuple[Cost, list[Cost]]:
    """A daemon with a few checks, and the same checks with each number of shards."""
    costs = []
    with tempfile.TemporaryDirectory(prefix="shards-") as name:
        for count, checks in ((0, FEW), *((count, arguments.checks) for count in COUNTS)):
            folder = Path(name) / f"{count}-{checks}"
            folder.mkdir()
            async with target(folder / "nginx") as aim:
                costs.append(await measured(count, checks, aim, folder / "all", arguments))
    return costs[0], costs[1:]


def main() -> int:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checks", type=int, default=4000)
    parser.add_argument("--interval", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--store", default="")
    arguments = parser.parse_args()
    parts.fetch()
    few, costs = asyncio.run(compared(arguments))
    console = Console(width=140)
    console.print(table(costs))
    console.print(model(few, costs))
    return 1 if any(cost.lost for cost in costs) else 0


if __name__ == "__main__":
    sys.exit(main())
