"""What the status page costs with 10,000 claims, and what a thousand open pages cost the probes.

    python benchmarks/page.py [--pages 1000] [--seconds 60]

A real daemon looks at 10,000 files every 60 s, one for each claim of its ledger. First the page is
asked for: the first answer of all, when no history has been read, then others (another section, a
search). Server time is from the request to the last byte on loopback. Then files come and go, so
that some claims change every second, first with nobody looking and then with a thousand pages that
listen to /events in another process; how late runs were against their beat is what the daemon
itself tells in evidenced_schedule_lateness_seconds. Run it on a machine that does nothing else.

Ends with status 1 where a bar is missed: 300 ms and 200 kB for a page, stylesheet and script with
it; and while pages are open no run skipped, and 99 % of them within a second of their beat, or as
soon as without any page.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import aiohttp
import uvloop
from prometheus_client.samples import Sample

from evidenced.app.daemon import Daemon
from evidenced.app.life import running
from evidenced.app.logs import configure_logs
from evidenced.app.process import tune

CLAIMS = 10_000
INTERVAL = 60
CHANGING = 20
LONGEST = 0.3
LARGEST = 200_000
LATEST = 1.0
LATENESS = "evidenced_schedule_lateness_seconds_bucket"
SKIPPED = "evidenced_schedule_skipped_runs_total"
WEIGHTED = ("/", "/?section=stable&page=40", "/?q=hall+4711", "/?standing=contradicted")


def lay_out(folder: Path) -> Path:
    """The ledger, the configuration and the files of a very large car park; the configuration."""
    half = CLAIMS // 2
    lines = ["# State", "", "## CLOSED", ""]
    lines += [
        f"- **Hall {n}**: The lamp of hall {n} burns, and stays on. (Closed: 2026-10-02)"
        for n in range(half)
    ]
    lines += ["", "## STABLE", ""]
    lines += [f"- **Hall {n}**: The lamp of hall {n} burns." for n in range(half, CLAIMS)]
    (folder / "STATE.md").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "lamps").mkdir()
    checks = []
    for n in range(CLAIMS):
        lamp = folder / "lamps" / str(n)
        lamp.touch()
        checks.append({"name": f"lamp-{n}", "claims": [f"hall-{n}"], "file": {"path": str(lamp)}})
    settings = {
        "listen": "127.0.0.1:0",
        "ledger": {"path": "STATE.md"},
        "defaults": {
            "interval": f"{INTERVAL}s",
            "timeout": "5s",
            "retry": {"attempts": 1},
            "confirm": {"failures": 1},
        },
        "checks": checks,
    }
    path = folder / "evidenced.yaml"
    # JSON is YAML too, and quicker to read.
    path.write_text(json.dumps(settings), "utf-8")
    return path


async def asked(url: str) -> bool:
    """Ask for pages, tell how long each took and how large it was; whether all kept the bars."""
    kept = True
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        besides = 0
        for name in ("page.css", "page.js", "icon.svg"):
            async with session.get(f"{url}/static/{name}") as response:
                besides += len(await response.read())
        for path in WEIGHTED:
            times, sizes = [], []
            for packed in ("identity", "gzip", "gzip"):
                began = time.perf_counter()
                headers = {"Accept-Encoding": packed, "Accept": "text/html"}
                async with session.get(url + path, headers=headers) as response:
                    sizes.append(len(await response.read()))
                times.append(time.perf_counter() - began)
                await asyncio.sleep(1.1)
            kept &= max(times) < LONGEST and sizes[0] + besides <= LARGEST
            print(
                f"{path:<28} {times[0] * 1e3:6.0f} ms first, "
                f"{statistics.median(times) * 1e3:4.0f} ms typical, "
                f"{(sizes[0] + besides) / 1e3:4.0f} kB with its files, "
                f"{sizes[1] / 1e3:3.0f} kB packed"
            )
    return kept


async def changing(folder: Path, seconds: float) -> None:
    """Let files come and go."""
    end = time.monotonic() + seconds
    for turn in count():
        if time.monotonic() > end:
            return
        for place in range(CHANGING):
            lamp = folder / "lamps" / str((turn * 997 + place * 131) % CLAIMS)
            if lamp.exists():
                lamp.unlink()
            else:
                lamp.touch()
        await asyncio.sleep(1)


def told(daemon: Daemon, name: str) -> list[Sample]:
    """The samples of a metric; of all others none is asked, for that would hold the loop."""
    found = daemon.metrics.registry.restricted_registry([name]).collect()
    return [sample for family in found for sample in family.samples if sample.name == name]


def lateness(daemon: Daemon) -> dict[float, float]:
    """How many runs were at most so many seconds late, by those seconds, since the start."""
    return {float(one.labels["le"]): one.value for one in told(daemon, LATENESS)}


def skipped_runs(daemon: Daemon) -> float:
    """How many runs were skipped since the start."""
    return sum(one.value for one in told(daemon, SKIPPED))


async def watched(daemon: Daemon, folder: Path, seconds: float, who: str) -> float:
    """Let some time pass, and tell how late runs were in it; the bound that 99 % kept.

    A skipped run counts as one that never came.
    """
    before, skipped = lateness(daemon), skipped_runs(daemon)
    began, cpu = time.perf_counter(), time.process_time()
    await changing(folder, seconds)
    busy = (time.process_time() - cpu) / (time.perf_counter() - began)
    late = {bound: value - before[bound] for bound, value in lateness(daemon).items()}
    runs = late[float("inf")]
    latest = min(bound for bound, value in late.items() if value == runs)
    within = min(bound for bound, value in late.items() if value >= 0.99 * runs)
    more = skipped_runs(daemon) - skipped
    half = min(bound for bound, value in late.items() if value >= 0.5 * runs)
    print(
        f"{who:<28} {runs:.0f} runs: half within {half:g} s, 99 % within {within:g} s, "
        f"all within {latest:g} s, "
        f"{more:.0f} skipped, {100 * busy:.0f} % of a processor"
    )
    return float("inf") if more else within


async def listen(url: str, pages: int) -> None:
    """Be so many open pages until told to end; says on standard output what was heard."""
    heard = [0]

    async def page(session: aiohttp.ClientSession) -> None:
        async with session.get(f"{url}/events") as response:
            async for line in response.content:
                heard[0] += line.startswith(b"data:")

    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
        read_bufsize=2**20,
    )
    async with session:
        tasks = []
        for _ in range(pages):
            tasks.append(asyncio.create_task(page(session)))
            await asyncio.sleep(0.002)
        print("all there", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        gone = sum(task.done() for task in tasks)
        print(f"{heard[0] / pages:.1f} events heard by each page, {gone} pages dropped", flush=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def main(pages: int, seconds: float) -> int:
    """Run it all; the exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "log").open("w", encoding="utf-8") as log:
            configure_logs(log)
            async with running(lay_out(folder)) as daemon:
                tune()
                url = "http://{}:{}".format(*daemon.address)
                kept = await asked(url)
                alone = await watched(daemon, folder, seconds, "nobody looks")
                listeners = await asyncio.create_subprocess_exec(
                    *(sys.executable, __file__, "--listen", url, "--pages", str(pages)),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                )
                if listeners.stdout is not None:
                    await listeners.stdout.readline()
                seen = await watched(daemon, folder, seconds, f"{pages} open pages")
                kept &= seen <= max(alone, LATEST)
                heard, _ = await listeners.communicate(b"\n")
                print(heard.decode().strip())
    return int(not kept)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pages", type=int, default=1000)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--listen", metavar="URL", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.listen:
        uvloop.run(listen(chosen.listen, chosen.pages))
    else:
        sys.exit(uvloop.run(main(chosen.pages, chosen.seconds)))
