"""What the store costs under load: bytes written to disk, and how long it holds the event loop.

    python benchmarks/store.py [--minutes 40] [--speed 20]

10,000 checks run every 60 s, and 1 % of them change standing each minute, each change with a proof
and with saved state. Time is compressed: at speed 20 a simulated minute takes 3 s, and the store's
own times are shortened alike, so it makes as many batches of the same size as in real time. Give
it 20 minutes or twice that: so often the spans under way are written.

Bytes are what the process gave to write(2) and its kind (`wchar` in /proc/self/io, see proc(5)),
the log and the copying of it into the file, until the store is closed. A hold is how late a
callback due every millisecond runs, less the time in which the kernel let another program have the
processor (the second number in schedstat, see proc(5)); waits for Python's own lock count. The same
is measured without a store and stands beside it.

Ends with status 1 where a bar is missed: less than 1 MB a minute, no hold beyond 5 ms.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

import uvloop

from evidenced.app.process import tune
from evidenced.evidence.pace import Pace
from evidenced.evidence.records import JSON, Evidence, Run, Saved
from evidenced.evidence.store import Store

CHECKS = 10_000
INTERVAL = 60.0
CHANGING = 0.01
MOST_BYTES = 1_000_000
LONGEST_HOLD = 0.005
TICK = 0.001


class Holds:
    """How late a callback due every millisecond ran, while the block lasted; in seconds."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None

    def __enter__(self) -> "Holds":
        self._arm()
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _arm(self) -> None:
        due, waited = time.perf_counter() + TICK, kept_waiting()
        self._handle = self._loop.call_later(TICK, self._fire, due, waited)

    def _fire(self, due: float, waited: float) -> None:
        late = time.perf_counter() - due
        self.late.append(max(late - (kept_waiting() - waited), 0.0))
        self._arm()

    def at(self, part: float) -> float:
        """The lateness that so large a part of the callbacks kept below."""
        return sorted(self.late)[min(int(part * len(self.late)), len(self.late) - 1)]


class Shop:
    """10,000 checks, and what becomes of them as the seconds pass."""

    def __init__(self) -> None:
        self._random = random.Random(7)  # noqa: S311  a load that is the same every time
        self._standings = dict.fromkeys(range(CHECKS), "verified")
        self._begin = time.time()

    async def live(self, store: Store | None, seconds: range, speed: float) -> None:
        """Let so many seconds pass, and tell the store of all that happens in them."""
        began = time.perf_counter() - seconds.start / speed
        share = int(CHECKS / INTERVAL)
        for second in seconds:
            for place in range(share + 1):
                check = (second * (share + 1) + place) % CHECKS
                await asyncio.sleep(0)
                if store is not None:
                    self._look(store, check, self._begin + second)
            await asyncio.sleep(max(began + (second + 1) / speed - time.perf_counter(), 0))

    def _look(self, store: Store, check: int, at: float) -> None:
        name = f"shop-page-{check:05}"
        before = self._standings[check]
        if self._random.random() < CHANGING:
            after = "contradicted" if before == "verified" else "verified"
            self._standings[check] = after
            store.put(
                Evidence(
                    at=at,
                    claim=f"page-{check:05}-is-served",
                    section="stable",
                    check=name,
                    before=before,
                    standing=after,
                    proof=self._proof(name, after),
                )
            )
            state: JSON = {"standing": after, "since": at, "failures": 2, "last_verified": at - 60}
            store.put(Saved(kind="check", name=name, state=state))
        status = "success" if self._standings[check] == "verified" else "failure"
        took = self._random.uniform(0.02, 0.4)
        store.put(Run(check=name, status=status, at=at, duration=took, reach=2.5 * INTERVAL))

    def _proof(self, name: str, standing: str) -> dict[str, JSON]:
        token = "".join(self._random.choices("0123456789abcdef", k=64))
        excerpt = f"<!doctype html><title>{name}</title><main>{token} loaves, tomatoes, tea</main>"
        phases = ("resolve", "connect", "tls", "processing", "transfer")
        attempt: JSON = {
            "outcome": "success" if standing == "verified" else "failure",
            "seconds": {phase: round(self._random.random() / 10, 6) for phase in phases},
            "address": f"192.0.2.{self._random.randrange(256)}",
            "status": 200 if standing == "verified" else 503,
            "headers": {
                "Content-Type": "text/html; charset=utf-8",
                "Date": "Tue, 24 Nov 2026 09:30:00 GMT",
                "Server": "nginx",
                "X-Request-Id": token[:32],
            },
            "body": (excerpt * 4)[:400],
            "expectations": {"status": standing == "verified", "body": True, "latency": True},
        }
        request: JSON = {"method": "GET", "url": f"https://shop.example/{name}", "headers": {}}
        return {"request": request, "attempts": [attempt, attempt]}


def kept_waiting() -> float:
    """Seconds for which a thread of ours could have run and another program did.

    All threads count, for one that has Python's lock and is kept waiting holds the loop as well.
    """
    threads = Path("/proc/self/task").glob("*/schedstat")
    return sum(int(thread.read_text("ascii").split()[1]) for thread in threads) / 1e9


def written() -> int:
    """The bytes that this process has written so far."""
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["wchar"])


async def measured(work: Awaitable[None]) -> Holds:
    """Do the work, and tell how long the loop was held meanwhile."""
    with Holds() as holds:
        await work
    return holds


async def main(minutes: int, speed: float) -> int:
    """Run the load without a store, then with one; the exit status."""
    idle = await measured(Shop().live(None, range(60), speed))
    real = Pace()
    pace = Pace(
        linger=real.linger / speed,
        spans=real.spans / speed,
        open=real.open / speed,
        prune=real.prune / speed,
    )
    shop = Shop()
    with tempfile.TemporaryDirectory() as directory:
        async with Store("sqlite:///evidence.db", Path(directory), pace=pace) as store:
            tune()
            await shop.live(store, range(120), speed)
            before = written()
            seconds = range(120, 120 + 60 * minutes)
            holds = await measured(shop.live(store, seconds, speed))
            await store.flush()
            records, failures = (await store.head()).id, store.write_failures
        each = (written() - before) / minutes
    print(f"{records} records of evidence, {failures} failed writes")
    print(f"written:  {each / 1e6:.3f} MB a minute (bar: {MOST_BYTES / 1e6:.0f} MB)")
    print(f"hold:     {holds.at(1) * 1e3:.1f} ms at most, {holds.at(0.999) * 1e3:.2f} ms at 99.9 %")
    print(f"no store: {idle.at(1) * 1e3:.1f} ms at most, {idle.at(0.999) * 1e3:.2f} ms at 99.9 %")
    return int(each >= MOST_BYTES or holds.at(1) > LONGEST_HOLD)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--minutes", type=int, default=40)
    options.add_argument("--speed", type=float, default=20.0)
    chosen = options.parse_args()
    sys.exit(uvloop.run(main(chosen.minutes, chosen.speed)))
