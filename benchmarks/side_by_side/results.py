"""All that was measured, and how it is shown."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from rich.table import Table

from side_by_side.latency import Accuracy
from side_by_side.round import Figures
from side_by_side.spread import Spread, ratio
from side_by_side.work import Work


@dataclass(slots=True)
class Results:
    """What was measured so far: ours, and the peer's, round by round."""

    ours: dict[Work, list[Figures]] = field(default_factory=dict)
    peer: dict[Work, list[Figures]] = field(default_factory=dict)
    ceilings: dict[str, list[float]] = field(default_factory=dict)
    """By side: the most probes a second."""
    accuracy: dict[str, dict[str, Accuracy]] = field(default_factory=dict)
    """By load, then by side."""

    def pairs(self, work: Work, figure: str) -> tuple[list[float], list[float]]:
        """One figure of both sides, round by round."""
        return (
            [getattr(each, figure) for each in self.ours[work]],
            [getattr(each, figure) for each in self.peer[work.of_peer]],
        )

    def as_json(self) -> str:
        """All of it, for a machine."""
        sides = {"evidenced": self.ours, "blackbox_exporter": self.peer}
        rounds = {
            side: {work.name: [asdict(each) for each in found] for work, found in by.items()}
            for side, by in sides.items()
        }
        accuracy = {
            load: {side: asdict(each) for side, each in seen.items()}
            for load, seen in self.accuracy.items()
        }
        return json.dumps(
            {"rounds": rounds, "ceilings": self.ceilings, "accuracy": accuracy}, indent=1
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One figure in the table of a work."""

    figure: str
    title: str
    scale: float = 1.0
    digits: int = 2
    compared: bool = False
    """Whether ours by theirs says anything."""


ROWS = (
    Row("prober", "processor a probe, prober alone (ms)", 1e3, 3, compared=True),
    Row("job", "processor a probe, with Prometheus (ms)", 1e3, 3, compared=True),
    Row("memory", "peak memory, prober (MB)", 1e-6, 0, compared=True),
    Row("prometheus_memory", "peak memory, Prometheus (MB)", 1e-6, 0),
    Row("done", "probes done by probes due", 1, 3),
    Row("half", "interval error, 50 % within (ms)", 1e3, 0),
    Row("most", "interval error, 99 % within (ms)", 1e3, 0, compared=True),
    Row("worst", "interval error, all within (ms)", 1e3, 0),
    Row("scrape", "one scrape, by Prometheus (ms)", 1e3, 1),
    Row("scraping", "all scrapes of an interval (s)", 1, 2, compared=True),
    Row("loading", "start until the first look (s)", 1, 1),
    Row("first_round", "first look until all were looked at (s)", 1, 1),
    Row("densest", "first looks in the fullest tenth (%)", 1e2, 1),
    Row("kept", "requests on a kept connection (%)", 1e2, 1),
    Row("resumed", "requests on a resumed TLS session (%)", 1e2, 1),
    Row("queryable", "targets successful in Prometheus (%)", 1e2, 1),
    Row("told", "runs told of by requests seen", 1, 3),
)


def _shown(values: Sequence[float], row: Row) -> str:
    if any(map(math.isnan, values)):
        return "-"
    return Spread.of([value * row.scale for value in values]).text(row.digits)


def work_table(results: Results, work: Work) -> Table:
    """What both sides came to at one work: medians, with the least and the most of the rounds."""
    rounds = len(results.ours[work])
    note = ", the peer with new ones" if work.kept else ""
    table = Table(title=f"{work.name}{note}: {rounds} round(s)", title_justify="left")
    table.add_column("")
    for title in ("evidenced", "blackbox_exporter", "ratio"):
        table.add_column(title, justify="right")
    for row in ROWS:
        ours, theirs = results.pairs(work, row.figure)
        compared = row.compared and all(theirs)
        table.add_row(
            row.title,
            _shown(ours, row),
            _shown(theirs, row),
            ratio(ours, theirs).text() if compared else "",
        )
    return table


def ceiling_table(results: Results) -> Table:
    """What one core sustains."""
    table = Table(title="most probes a second, prober on one core", title_justify="left")
    for title in ("", "probes/s"):
        table.add_column(title, justify="right")
    for side, found in results.ceilings.items():
        table.add_row(side, Spread.of(found).text(0))
    return table


def accuracy_table(results: Results) -> Table:
    """How true the reported latency is."""
    table = Table(title="reported latency less the true one (ms)", title_justify="left")
    for title in ("load", "side", "duration 50 %", "99 %", "processing 50 %", "99 %", "probes"):
        table.add_column(title, justify="right")
    for load, sides in results.accuracy.items():
        for side, seen in sides.items():
            errors = (seen.total.half, seen.total.most, seen.processing.half, seen.processing.most)
            cells = (f"{error * 1e3:.2f}" for error in errors)
            table.add_row(load, side, *cells, str(seen.total.counted))
    return table
