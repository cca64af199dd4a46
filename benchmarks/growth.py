"""How the cost of a daemon grows with the number of its checks.

    python benchmarks/growth.py [--sizes 100,1000,10000,30000] [--interval 30]

For each size a daemon looks at as many targets (nginx on loopback) with a look into the body, ten
checks to a claim of its ledger. Printed are the processor for a probe, memory, what a scrape, the
page, the API, the rules and a reload take, and how long each of them holds the event loop. Times
are from the request to the last byte on loopback; a hold is measured as benchmarks/store.py does.
docs/benchmarks.md says more. Run it on a machine that does nothing else; it takes a quarter of an
hour.

Ends with status 1 where something grows faster than linearly, or a goal at 10,000 checks is missed.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from growing.linear import Growth
from growing.measure import ASKED, Cost, measured
from side_by_side import parts
from side_by_side.goals import Goal, goal_table

SIZES = (100, 1_000, 10_000, 30_000)
MEASURED = 10_000
"""The size for which there are goals."""
SHORTEST = 0.002
"""Seconds below which two times are not told apart."""
COARSE = 0.010
"""Seconds of processor below which two answers are not told apart."""
SCRAPE, SCRAPE_HOLD, RELOAD_HOLD = 0.050, 0.010, 0.050


@dataclass(frozen=True, slots=True)
class Row:
    """One figure at all sizes."""

    title: str
    values: Sequence[float]
    shown: Sequence[str]
    floor: float | None = SHORTEST
    """What is too small to be told apart; None: growth of this says nothing."""


def _times(title: str, values: Sequence[float]) -> Row:
    return Row(title, values, [f"{value * 1e3:,.1f}" for value in values])


def rows(costs: Sequence[Cost]) -> Iterator[Row]:
    """The table, row by row."""
    cpu = [cost.cpu for cost in costs]
    yield Row("processor a second (s)", cpu, [f"{each:.3f}" for each in cpu], 0.01)
    probes = [cost.probe for cost in costs]
    yield Row("processor a probe (ms)", probes, [f"{each * 1e3:.3f}" for each in probes], None)
    for title, attribute in (("memory (MB)", "settled"), ("memory at most (MB)", "peak")):
        values = [getattr(cost, attribute) for cost in costs]
        yield Row(title, values, [f"{each / 1e6:,.0f}" for each in values], 1e6)
    loading = [cost.loading for cost in costs]
    yield Row("start until ready (s)", loading, [f"{each:.1f}" for each in loading])
    yield _times("hold, looking only (ms)", [cost.alone for cost in costs])
    for name in ASKED:
        yield _times(f"{name} (ms)", [cost.asked[name].took for cost in costs])
        spent = [cost.asked[name].processor for cost in costs]
        yield replace(_times(f"{name}: processor (ms)", spent), floor=COARSE)
        yield _times(f"{name}: hold (ms)", [cost.asked[name].hold for cost in costs])
    yield _times("reload (ms)", [cost.reload.took for cost in costs])
    yield _times("reload: hold (ms)", [cost.reload.hold for cost in costs])
    lost = [cost.lost for cost in costs]
    yield Row("checks that lost a beat by it", lost, [str(each) for each in lost], None)


def growth_table(costs: Sequence[Cost]) -> tuple[Table, bool]:
    """All figures at all sizes, and whether each grows no faster than linearly."""
    sizes, linear = [cost.checks for cost in costs], True
    table = Table(title="growth with the number of checks", title_justify="left")
    table.add_column("checks")
    for title in (*(f"{size:,}" for size in sizes), "exponent", "at the end", "verdict"):
        table.add_column(title, justify="right")
    for row in rows(costs):
        if row.floor is None or len(sizes) < 2:
            table.add_row(row.title, *row.shown)
            continue
        growth = Growth.of(sizes, row.values, row.floor)
        linear &= growth.linear
        verdict = "linear" if growth.linear else "faster"
        table.add_row(row.title, *row.shown, f"{growth.overall:.2f}", f"{growth.last:.2f}", verdict)
    return table, linear


def goals(cost: Cost) -> list[Goal]:
    """What is wanted of a daemon with 10,000 checks."""
    scrape = cost.asked["scrape"]
    return [
        Goal("processor of a scrape", scrape.processor * 1e3, SCRAPE * 1e3, " ms"),
        Goal("hold of the loop by a scrape", scrape.hold * 1e3, SCRAPE_HOLD * 1e3, " ms"),
        Goal("hold of the loop by a reload", cost.reload.hold * 1e3, RELOAD_HOLD * 1e3, " ms"),
        Goal("checks that lost a beat by a reload", cost.lost, 0),
    ]


async def main(options: argparse.Namespace) -> int:
    """Measure each size and show all; the exit status."""
    parts.fetch()
    began = time.monotonic()

    def tell(line: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {line}", file=sys.stderr, flush=True)

    costs = [await measured(size, options.interval, tell) for size in options.sizes]
    console = Console(width=120)
    table, kept = growth_table(costs)
    console.print(table)
    for cost in costs:
        if cost.checks == MEASURED:
            found = goals(cost)
            console.print(goal_table(found))
            kept &= all(goal.kept for goal in found)
    if options.json:
        options.json.write_text(json.dumps([asdict(cost) for cost in costs], indent=1), "utf-8")
    return int(not kept)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--interval", type=int, default=30, help="of each check, in seconds (30)")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    chosen = parser.parse_args()
    chosen.sizes = chosen.sizes or SIZES
    sys.exit(asyncio.run(main(chosen)))
