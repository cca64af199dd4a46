"""One side at one work for a while, and all that is measured meanwhile."""

import asyncio
import math
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from side_by_side.accesslog import FirstRound, Log, by_path, drift, interval_errors, within
from side_by_side.sides import ANYWHERE, Cores, Order, Running, Side
from side_by_side.spread import quantile
from side_by_side.target import Target, target
from side_by_side.work import Work

CALM = 10.0
"""Seconds that a side has for finding its step after its first round."""
FLUSHED = 0.5
"""Seconds after which nginx has written down what it saw."""
RUNS = re.compile(rb"^probe_runs_total\{.*\} ([0-9.e+]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one side at one work came to; seconds and bytes."""

    prober: float
    """Processor for one probe, of the prober alone."""
    job: float
    """Processor for one probe, of the prober and Prometheus."""
    memory: float
    """The most memory of the prober."""
    prometheus_memory: float
    """The most memory of Prometheus."""
    done: float
    """Probes seen at the target, by those due."""
    half: float
    """Interval error: half of all looks kept it."""
    most: float
    """Interval error: 99 % of all looks kept it."""
    worst: float
    """Interval error: all looks kept it."""
    drift: float
    """By how much the looks fell behind their beat meanwhile, on average."""
    scrape: float
    """One scrape, as Prometheus has it."""
    scraping: float
    """All scrapes of one interval, as Prometheus has it."""
    loading: float
    """From the start to the first look."""
    first_round: float
    """From the first look until every target had been looked at."""
    densest: float
    """The part of the first looks in the fullest tenth of an interval."""
    kept: float
    """The part of the requests on a connection kept from an earlier one."""
    resumed: float
    """The part of the requests on a connection that took up an earlier TLS session."""
    queryable: float
    """Targets of which Prometheus has a success at the end, by all targets."""
    told: float
    """Runs that the prober tells of, by the requests that the target saw; NaN: it does not tell."""


async def measured(side: Side, work: Work, seconds: float, cores: Cores = ANYWHERE) -> Figures:
    """Have the side do the work and measure it for so long, once every target was looked at."""
    with tempfile.TemporaryDirectory(prefix="side-by-side-") as name:
        folder = Path(name)
        async with target(folder / "nginx", cores.others) as aim:
            urls = [aim.url(number, tls=work.tls) for number in range(1, work.targets + 1)]
            order = Order(urls, work.interval, aim.authority, work.kept)
            start = time.time()
            async with side.start(folder, order, cores) as running:
                await first_round(aim.log, running, work)
                return await _window(aim, running, work, seconds, start)


async def first_round(log: Log, running: Running, work: Work) -> None:
    """Wait until every target was looked at and Prometheus knows of it, and then some.

    What is measured then is what goes on for ever, and no first times. Who has not come so far
    within three intervals, twice, is measured as it is.
    """
    end = time.monotonic() + 3 * work.interval + 10
    while log.seen <= work.targets and time.monotonic() < end:
        await asyncio.sleep(0.5)
        running.prober.alive()
        log.follow()
    end = time.monotonic() + 3 * work.interval
    while time.monotonic() < end:
        if await running.prometheus.number("sum(probe_success)") >= work.targets:
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(calm(work.interval))


def calm(interval: int) -> float:
    """Seconds from the scrape of a first round on until it is measured: at least 10, and one
    interval more, for how well one was kept is seen from its beginning on.

    They are a third of an interval more than whole ones, so that a scrape of all checks, once an
    interval, does not lie on the edge of the window.
    """
    whole = math.ceil((CALM - interval / 3) / interval)
    return (whole + 4 / 3) * interval


async def _window(
    aim: Target, running: Running, work: Work, seconds: float, start: float
) -> Figures:
    begin = time.time()
    prober, beside = running.prober.cpu(), running.prometheus.program.cpu()
    await asyncio.sleep(seconds)
    end = time.time()
    prober = running.prober.cpu() - prober
    beside = running.prometheus.program.cpu() - beside
    memory, other_memory = running.prober.peak(), running.prometheus.program.peak()
    await asyncio.sleep(FLUSHED)
    aim.log.follow()
    # The first request was the benchmark's own.
    accesses = [access for access in aim.log.accesses if access.path != "/t/0"]
    times = by_path(accesses)
    inside = within(accesses, begin, end)
    done = max(len(inside), 1)
    errors = interval_errors(times, work.interval, begin, end)
    first = FirstRound.of(times, work.targets, work.interval, start)
    query = running.prometheus.number
    return Figures(
        prober=prober / done,
        job=(prober + beside) / done,
        memory=memory,
        prometheus_memory=other_memory,
        done=len(inside) / (work.rate * (end - begin)),
        half=quantile(errors, 0.5),
        most=quantile(errors, 0.99),
        worst=max(errors, default=math.nan),
        drift=drift(times, work.interval, begin, end),
        scrape=await query("quantile(0.5, scrape_duration_seconds)"),
        scraping=await query("sum(scrape_duration_seconds)"),
        loading=first.loading,
        first_round=first.took,
        densest=first.densest,
        kept=sum(access.kept for access in inside) / done,
        resumed=sum(access.resumed for access in inside) / done,
        queryable=await query("sum(probe_success)") / work.targets,
        told=await _told(running, aim.log),
    )


async def _told(running: Running, log: Log) -> float:
    """How many runs the prober tells of, by the requests that there were by then."""
    if running.metrics is None:
        return math.nan
    limit = aiohttp.ClientTimeout(total=30)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.get(running.metrics) as response,
        ):
            at = time.time()
            told = sum(map(float, RUNS.findall(await response.read())))
    except TimeoutError:
        return math.nan
    await asyncio.sleep(FLUSHED)
    log.follow()
    return told / len(within(log.accesses, 0, at))
