"""How true the reported latency is: against a target that knows how long it took."""

import asyncio
import sys
import tempfile
from bisect import bisect
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from side_by_side import slow
from side_by_side.program import free_address, program
from side_by_side.prometheus import Prometheus
from side_by_side.round import first_round
from side_by_side.sides import ANYWHERE, Cores, Order, Side
from side_by_side.spread import quantile
from side_by_side.target import target
from side_by_side.work import Work

SLOW = 100
"""Targets that take their time; they are looked at beside the load."""
INTERVAL = 10
TOTAL = "probe_duration_seconds"
PROCESSING = 'probe_http_duration_seconds{phase="processing"}'
LAST = "probe_last_run_timestamp_seconds"

Samples = dict[str, dict[float, float]]
"""By path: the values by the times at which they were scraped."""
Held = dict[str, list[tuple[float, float]]]
"""By path: when a request came, and for how long its answer was held back."""


@dataclass(frozen=True, slots=True)
class Errors:
    """By how many seconds what is reported is not what was, of half and of 99 % of the probes."""

    half: float
    most: float
    counted: int

    @classmethod
    def of(cls, errors: Sequence[float]) -> Self:
        """What these differences come to, on either side of the truth."""
        sizes = [abs(error) for error in errors]
        return cls(quantile(sizes, 0.5), quantile(sizes, 0.99), len(sizes))


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of one side under one load."""

    total: Errors
    """The duration of the probe: the connection is in it, which takes some 0.1 ms here."""
    processing: Errors
    """The phase from the request to the first byte of the answer."""


def read_held(log: Path) -> Held:
    """The log of the slow target."""
    held: Held = {}
    for line in log.read_text("ascii").splitlines():
        at, seconds, path = line.split(" ", 2)
        held.setdefault(path, []).append((float(at), float(seconds)))
    return held


def samples(found: Sequence[Mapping[str, Any]]) -> Samples:
    """The answer of Prometheus to a range; ours has the address as `target`, theirs `instance`."""
    return {
        urlsplit(series["metric"].get("target") or series["metric"]["instance"]).path: {
            float(at): float(value) for at, value in series["values"]
        }
        for series in found
    }


def differences(reported: Samples, ran: Samples, held: Held) -> list[float]:
    """By how many seconds each report differs from what the target knows of that request.

    `ran` says when the run was that a sample tells of; where it does not, it was that scrape.
    """
    found: list[float] = []
    for path, values in reported.items():
        truth = sorted(held.get(path, []))
        told = {ran.get(path, {}).get(at, at): value for at, value in values.items()}
        for at, value in told.items():
            place = bisect(truth, (at, 0.0))
            near = truth[max(place - 1, 0) : place + 1]
            if not near:
                continue
            when, seconds = min(near, key=lambda one: abs(one[0] - at))
            if abs(when - at) < INTERVAL / 2:
                found.append(value - seconds)
    return found


@asynccontextmanager
async def _slow(folder: Path) -> AsyncIterator[str]:
    """Run the slow target; its address."""
    listen = free_address()
    command = (sys.executable, slow.__file__, listen, folder / "held")
    async with program(command, folder / "slow.log") as running:
        await running.answers(f"http://{listen}/", 10)
        yield f"http://{listen}"


async def accuracy(side: Side, rate: float, seconds: float, cores: Cores = ANYWHERE) -> Accuracy:
    """Look at the slow targets for so long, beside so many probes a second of quick ones."""
    work = Work(round(rate * INTERVAL), INTERVAL)
    with tempfile.TemporaryDirectory(prefix="side-by-side-") as name:
        folder = Path(name)
        async with target(folder / "nginx", cores.others) as aim, _slow(folder) as held_by:
            urls = [f"{held_by}/slow/{number}" for number in range(SLOW)]
            urls += [aim.url(number, tls=False) for number in range(1, work.targets + 1)]
            async with side.start(folder, Order(urls, INTERVAL, aim.authority), cores) as running:
                await first_round(aim.log, running, work)
                await asyncio.sleep(INTERVAL + seconds)
                return await _accuracy(running.prometheus, folder / "held", int(seconds))


async def _accuracy(prometheus: Prometheus, log: Path, seconds: int) -> Accuracy:
    ours, theirs = (
        f"{{target=~'.*/slow/.*'}}[{seconds}s]",
        f"{{instance=~'.*/slow/.*'}}[{seconds}s]",
    )

    async def told(metric: str) -> Samples:
        name, _, matchers = metric.rstrip("}").partition("{")
        more = f"{{{matchers}, " if matchers else "{"
        for where in (ours, theirs):
            if found := await prometheus.query(name + more + where[1:]):
                return samples(found)
        return {}

    held, ran = read_held(log), await told(LAST)
    return Accuracy(
        total=Errors.of(differences(await told(TOTAL), ran, held)),
        processing=Errors.of(differences(await told(PROCESSING), ran, held)),
    )
