"""Side by side with blackbox_exporter: the same targets, the same Prometheus, in turn.

    python benchmarks/probes.py [--quick] [--rounds 3] [--work '1000/10s plain new'] [--json FILE]

So many HTTP targets are each looked at every so many seconds, with a look into the body, and what
was seen can be asked of a real Prometheus. One side is blackbox_exporter, scraped once for each
target; the other is this daemon, scraped once an interval, with its store. The target is nginx on
loopback, and it is its log that says what was done and when. docs/benchmarks.md says how all of it
is measured and how to read it. Run it on a machine that does nothing else: all of it takes an hour
and a half, and --quick two minutes.

Ends with status 1 where a goal is missed.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from side_by_side import parts
from side_by_side.ceiling import ceiling
from side_by_side.goals import goal_table, goals
from side_by_side.latency import accuracy
from side_by_side.results import Results, accuracy_table, ceiling_table, work_table
from side_by_side.round import measured
from side_by_side.sides import OURS, PEER
from side_by_side.work import ALL, Work

QUICK = Work(1_000, 10)
SHORTEST = 20
"""Seconds for which a work is measured at least; the kernel counts processor in steps of 10 ms."""
FULL = 10_000 / 30
"""Probes a second at full load."""
FIRST = {PEER.name: 400.0, OURS.name: 800.0}
"""Where to begin the search for the most that a core sustains."""
PARTS = ("work", "ceiling", "latency")


async def works(results: Results, chosen: Sequence[Work], options: argparse.Namespace) -> None:
    """Every round: each work by both sides, who begins changes from round to round."""
    for number in range(options.rounds):
        seen: set[Work] = set()
        for work in chosen:
            sides = [(OURS, results.ours, work)]
            if work.of_peer not in seen:
                seen.add(work.of_peer)
                sides.insert(number % 2, (PEER, results.peer, work.of_peer))
            for side, found, its in sides:
                figures = await measured(side, its, options.seconds or max(its.interval, SHORTEST))
                found.setdefault(its, []).append(figures)
                options.tell(
                    f"round {number + 1}, {its.name}, {side.name}: "
                    f"{figures.prober * 1e3:.3f} ms a probe, {figures.job * 1e3:.3f} with "
                    f"Prometheus, {figures.done:.3f} done, 99 % within {figures.most * 1e3:.0f} ms"
                )


async def ceilings(results: Results, options: argparse.Namespace) -> None:
    """What one core sustains, of both sides in turn; later rounds begin where the first ended."""
    first = dict(FIRST)
    for _ in range(options.ceilings):
        for side in (PEER, OURS):
            found = await ceiling(side, first[side.name], options.tell)
            results.ceilings.setdefault(side.name, []).append(found)
            first[side.name] = found or first[side.name] / 4


async def latencies(results: Results, options: argparse.Namespace) -> None:
    """How true the reported latency is, of both sides in turn."""
    for load, rate in (("idle", 0.0), ("full", FULL)):
        for side in (PEER, OURS):
            seen = await accuracy(side, rate, options.latency)
            results.accuracy.setdefault(load, {})[side.name] = seen
            options.tell(f"latency, {load}, {side.name}: {seen.total.most * 1e3:.2f} ms at 99 %")


async def main(options: argparse.Namespace) -> int:
    """Run what was chosen and show it; the exit status."""
    parts.fetch()
    results, console = Results(), Console(width=120)
    if "work" in options.only:
        await works(results, options.work, options)
    if "ceiling" in options.only:
        await ceilings(results, options)
    if "latency" in options.only:
        await latencies(results, options)
    for work in results.ours:
        console.print(work_table(results, work))
    if results.ceilings:
        console.print(ceiling_table(results))
    if results.accuracy:
        console.print(accuracy_table(results))
    found = goals(results)
    console.print(goal_table(found))
    if options.json:
        options.json.write_text(results.as_json(), "utf-8")
    return int(not all(goal.kept for goal in found))


def chosen(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for; --quick is a choice for all that was not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one work, one round, no ceiling")
    parser.add_argument("--rounds", type=int, help="rounds of every work (3)")
    parser.add_argument("--ceilings", type=int, default=2, help="rounds of the ceiling (2)")
    parser.add_argument(
        "--seconds", type=float, help="measured of each work (one interval, 20 at least)"
    )
    parser.add_argument("--latency", type=float, help="seconds measured of the latency (60)")
    parser.add_argument("--work", type=Work.named, action="append", help="a work, by its name")
    parser.add_argument("--only", choices=PARTS, action="append", help="a part; all without it")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    options = parser.parse_args(arguments)
    quick = options.quick
    options.rounds = options.rounds or (1 if quick else 3)
    options.latency = options.latency or (20.0 if quick else 60.0)
    options.work = options.work or ([QUICK] if quick else ALL)
    options.only = options.only or (("work",) if quick else PARTS)
    began = time.monotonic()
    options.tell = lambda line: print(
        f"[{time.monotonic() - began:5.0f} s] {line}", file=sys.stderr, flush=True
    )
    return options


if __name__ == "__main__":
    sys.exit(asyncio.run(main(chosen(sys.argv[1:]))))
