"""What is wanted of the comparison, and whether it was reached."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table

from side_by_side.results import Results
from side_by_side.spread import Spread, ratio
from side_by_side.work import Work

OURS, PEER = "evidenced", "blackbox_exporter"
LARGE = 10_000
JOB = 0.25
PROBER = 0.35
CEILING = 3.0
INTERVAL_ERROR = 0.020
RESOLUTION = 0.001
"""Seconds that the log of the target tells apart."""
MEMORY = 120e6
DENSEST = 0.12
ROUND = 0.5
"""Seconds within which the end of a first round is seen."""
IDLE, LOADED = 1e-3, 5e-3


def shown(value: float) -> str:
    """A number to three digits, and large ones whole."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing wanted: a figure that must be at most, or at least, its bar."""

    what: str
    measured: float
    bar: float
    unit: str = ""
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether it was reached; what could not be measured was not."""
        if self.at_least:
            return self.measured >= self.bar
        return self.measured <= self.bar

    @property
    def verdict(self) -> str:
        """That it was kept, or by how much it was missed."""
        if self.kept:
            return "kept"
        if math.isnan(self.measured):
            return "missed: not measured"
        return f"missed by {shown(abs(self.measured - self.bar))}{self.unit}"


def _of_work(results: Results, work: Work) -> Iterator[Goal]:
    name = work.name
    for figure, bar, what in (
        ("job", JOB, "processor with Prometheus, by the peer's"),
        ("prober", PROBER, "processor of the prober, by the peer's"),
    ):
        yield Goal(f"{name}: {what}", ratio(*results.pairs(work, figure)).median, bar)
    ours, theirs = (Spread.of(each).median * 1e3 for each in results.pairs(work, "most"))
    what = f"{name}: 99 % of interval errors, at most the peer's"
    yield Goal(what, ours, theirs + RESOLUTION * 1e3, " ms")
    if work.targets < LARGE:
        return
    yield Goal(f"{name}: 99 % of interval errors", ours, INTERVAL_ERROR * 1e3, " ms")

    def middle(figure: str) -> float:
        return Spread.of(results.pairs(work, figure)[0]).median

    yield Goal(f"{name}: peak memory", middle("memory") / 1e6, MEMORY / 1e6, " MB")
    yield Goal(f"{name}: first round", middle("first_round"), work.interval + ROUND, " s")
    yield Goal(f"{name}: fullest tenth of it", middle("densest"), DENSEST)


def goals(results: Results) -> list[Goal]:
    """All that is wanted of what was measured."""
    found = [goal for work in results.ours for goal in _of_work(results, work)]
    if len(results.ceilings) > 1:
        by = ratio(results.ceilings[OURS], results.ceilings[PEER]).median
        found.append(Goal("most probes a second, by the peer's", by, CEILING, at_least=True))
    for load, bar in (("idle", IDLE), ("full", LOADED)):
        if load in results.accuracy:
            error = results.accuracy[load][OURS].total.most
            what = f"99 % of errors of the latency, {load} load"
            found.append(Goal(what, error * 1e3, bar * 1e3, " ms"))
    return found


def goal_table(found: Sequence[Goal]) -> Table:
    """What was wanted, what was measured, and the verdict."""
    table = Table(title="goals", title_justify="left")
    table.add_column("goal")
    for title in ("measured", "wanted", "verdict"):
        table.add_column(title, justify="right")
    for goal in found:
        sign = "≥" if goal.at_least else "≤"
        wanted = f"{sign} {shown(goal.bar)}{goal.unit}"
        table.add_row(goal.what, f"{shown(goal.measured)}{goal.unit}", wanted, goal.verdict)
    return table
