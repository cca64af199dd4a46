"""What one daemon with so many checks costs, and how long each thing holds its loop."""

import asyncio
import math
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp

from growing import crowd
from side_by_side.accesslog import by_path
from side_by_side.parts import ROOT
from side_by_side.program import Program, free_address, program
from side_by_side.target import Target, target

LOADING = 300.0
"""Seconds that a daemon has for coming up."""
TIMES = 5
APART = 1.1
"""Seconds between two requests, so that none is answered from what was kept of the last."""
AFTER = 3.0
"""Seconds after a reload in which the daemon sees that its files have changed."""
AS_PROMETHEUS = {
    "Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "Accept-Encoding": "gzip",
}
FROM_AFAR = {**AS_PROMETHEUS, "Via": "1.1 a proxy"}
"""For another host it is packed."""
ASKED = {
    "scrape": ("/metrics", AS_PROMETHEUS),
    "scrape from afar": ("/metrics", FROM_AFAR),
    "page": ("/", AS_PROMETHEUS),
    "API of checks": ("/api/v1/checks", AS_PROMETHEUS),
    "API of claims": ("/api/v1/claims", AS_PROMETHEUS),
    "rules": ("/rules", AS_PROMETHEUS),
}
ALONE = 5.0
"""Seconds in which nothing is asked, so that it is known what looking alone costs."""


@dataclass(frozen=True, slots=True)
class Timed:
    """How long something took, how long it held the loop at most, and the processor it used.

    In seconds; the processor is what was used beyond that of looking, and NaN where that was not
    told apart.
    """

    took: float
    hold: float
    processor: float = math.nan


@dataclass(frozen=True, slots=True)
class Cost:
    """What a daemon with so many checks costs."""

    checks: int
    interval: int
    loading: float
    """Seconds from the start until it is ready."""
    cpu: float
    """Processor for one second, with one scrape each interval."""
    settled: float
    """The most memory until each check has run, in bytes."""
    peak: float
    """The most memory after all that is asked of it, and a reload."""
    alone: float
    """The longest hold while it only looks, and nothing is asked of it."""
    asked: dict[str, Timed]
    reload: Timed
    lost: int
    """Checks that missed a beat by the reload."""

    @property
    def probe(self) -> float:
        """Seconds of processor for one probe."""
        return self.cpu * self.interval / self.checks


class Loop:
    """The other end of the socket of a hosted daemon."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def held(self, work: Callable[[], Awaitable[object]]) -> float:
        """The longest hold while something is done; RuntimeError where nothing was measured."""
        await self._say(b"begin\n")
        await work()
        count, longest = (await self._say(b"end\n")).split()
        if int(count) == 0:
            raise RuntimeError("no hold was measured")
        return float(longest)

    async def _say(self, line: bytes) -> bytes:
        self._writer.write(line)
        return await self._reader.readline()


@dataclass(frozen=True, slots=True)
class Subject:
    """A daemon under way, and all that it is measured by."""

    program: Program
    loop: Loop
    session: aiohttp.ClientSession
    aim: Target
    checks: int
    interval: int
    loading: float
    again: Callable[[], None]
    """Write the configuration with another first check."""

    async def ask(self, name: str) -> float:
        """Seconds until the last byte of an answer."""
        path, headers = ASKED[name]
        began = time.perf_counter()
        async with self.session.get(path, headers=headers) as response:
            response.raise_for_status()
            await response.read()
        return time.perf_counter() - began

    async def looking(self) -> float:
        """Seconds of processor for a second in which nothing is asked."""
        before = self.program.cpu()
        await asyncio.sleep(ALONE)
        return (self.program.cpu() - before) / ALONE

    async def asked(self, name: str, looking: float) -> Timed:
        """What an answer typically takes, the longest hold of several, the processor of one.

        That is told apart from `looking`, while no holds are measured: these cost far more.
        """
        times: list[float] = []

        async def several() -> None:
            for _ in range(TIMES):
                times.append(await self.ask(name))
                await asyncio.sleep(APART)

        began, before = time.perf_counter(), self.program.cpu()
        await several()
        looked = looking * (time.perf_counter() - began)
        spent = (self.program.cpu() - before - looked) / TIMES
        return Timed(statistics.median(times), await self.loop.held(several), spent)

    async def reload(self) -> Timed:
        """What it takes to read a configuration again in which one check has changed."""
        took: list[float] = []

        async def once() -> None:
            self.again()
            began = time.perf_counter()
            token = {"Authorization": f"Bearer {crowd.TOKEN}"}
            async with self.session.post("/-/reload", headers=token) as response:
                response.raise_for_status()
            took.append(time.perf_counter() - began)
            await asyncio.sleep(AFTER)

        hold = await self.loop.held(once)
        return Timed(took[0], hold)


@asynccontextmanager
async def _subject(checks: int, interval: int) -> AsyncIterator[Subject]:
    listen = free_address()
    with tempfile.TemporaryDirectory(prefix="growing-") as name:
        folder, control = Path(name), f"{name}/control"
        async with target(folder / "nginx") as aim:
            urls = [aim.url(number, tls=False) for number in range(1, checks + 1)]
            _lay_out(folder, urls, interval, listen)
            command = (sys.executable, "-m", "growing.hosted", folder / "evidenced.yaml", control)
            there = {"PYTHONPATH": str(ROOT / "benchmarks")}
            began = time.monotonic()
            async with (
                program(command, folder / "evidenced.log", environment=there) as hosted,
                aiohttp.ClientSession(
                    f"http://{listen}",
                    auto_decompress=False,
                    timeout=aiohttp.ClientTimeout(total=LOADING),
                ) as session,
            ):
                await hosted.answers(f"http://{listen}/-/ready", LOADING)
                loading = time.monotonic() - began
                reader, writer = await asyncio.open_unix_connection(control)
                yield Subject(
                    hosted,
                    Loop(reader, writer),
                    session,
                    aim,
                    checks,
                    interval,
                    loading,
                    lambda: _write(folder, urls, interval, listen, "8s"),
                )
                writer.close()


def _lay_out(folder: Path, urls: Sequence[str], interval: int, listen: str) -> None:
    (folder / "STATE.md").write_text(crowd.ledger(len(urls) // crowd.SHARE), "utf-8")
    (folder / "admin").write_text(crowd.TOKEN, "utf-8")
    (folder / "admin").chmod(0o600)
    _write(folder, urls, interval, listen, "9s")


def _write(folder: Path, urls: Sequence[str], interval: int, listen: str, latency: str) -> None:
    settings = crowd.configuration(urls, interval, listen, latency)
    (folder / "evidenced.yaml").write_text(settings, "utf-8")


async def _all_seen(subject: Subject) -> None:
    """Wait until each check has run once, or three intervals have passed."""
    end = time.monotonic() + 3 * subject.interval
    while subject.aim.log.seen <= subject.checks and time.monotonic() < end:
        await asyncio.sleep(0.5)
        subject.program.alive()
        subject.aim.log.follow()


async def _cpu(subject: Subject) -> float:
    """Processor for one second, over one interval with one scrape in it."""
    began, before = time.monotonic(), subject.program.cpu()
    await asyncio.sleep(subject.interval / 2)
    await subject.ask("scrape")
    await asyncio.sleep(max(began + subject.interval - time.monotonic(), 0))
    return (subject.program.cpu() - before) / (time.monotonic() - began)


def lost(times: dict[str, list[float]], interval: float, since: float) -> int:
    """How many addresses were not looked at for more than one and a half intervals since then."""
    return sum(
        any(b - a > 1.5 * interval and b > since for a, b in pairwise(each))
        for each in times.values()
    )


async def measured(checks: int, interval: int, tell: Callable[[str], None]) -> Cost:
    """All that one daemon with so many checks costs."""
    async with _subject(checks, interval) as subject:
        tell(f"{checks} checks: ready after {subject.loading:.1f} s")
        await _all_seen(subject)
        settled = subject.program.peak()
        cpu = await _cpu(subject)
        tell(f"{checks} checks: {cpu:.3f} s of processor a second, {settled / 1e6:.0f} MB")
        alone = await subject.loop.held(lambda: asyncio.sleep(ALONE))
        looking, asked = await subject.looking(), {}
        for name in ASKED:
            asked[name] = timed = await subject.asked(name, looking)
            tell(
                f"{checks} checks, {name}: {timed.took * 1e3:.0f} ms, "
                f"{timed.processor * 1e3:.0f} of processor, hold {timed.hold * 1e3:.1f}"
            )
        since = time.time()
        reload = await subject.reload()
        await asyncio.sleep(1.5 * interval)
        subject.aim.log.follow()
        missed = lost(by_path(subject.aim.log.accesses), interval, since)
        tell(f"{checks} checks, reload: {reload.took:.2f} s, hold {reload.hold * 1e3:.1f} ms")
        peak = subject.program.peak()
        return Cost(
            *(checks, interval, subject.loading, cpu, settled, peak),
            *(alone, asked, reload, missed),
        )
