"""Late and skipped runs, a store that fails, shards that are missing: what goes on."""

import json
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import pytest

from evidenced.config.rulefile import RuleFile
from evidenced.publish.alerts_history import (
    QUANTILE,
    Growth,
    LateRuns,
    Sources,
    Working,
    histogram_quantile,
)
from evidenced.publish.alerts_hold import Lasting, Now, firing, lasting
from evidenced.publish.alerts_model import Labels, Sender
from evidenced.publish.metrics_daemon import BUCKETS, Lateness
from evidenced.publish.rules_model import Alert, Severity
from rule_tests import rule_tests

SENDER = Sender("evidenced", "rad-1:9321", "fra1")
RULES = RuleFile()
HELD_UP = 600.0
COUNTS = [
    (95, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0),
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0),
    (90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 7, 0),
    (9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    (100, 3, 1, 0, 0, 0, 4, 0, 0, 2, 0, 1, 0, 0, 0),
    (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
]
"""Runs in each bucket, the last one beyond all bounds."""


def test_a_quantile_is_what_prometheus_reckons(promtool: Path, tmp_path: Path) -> None:
    bounds = [*(f"{float(bound)}" for bound in BUCKETS), "+Inf"]
    series, asked = [], []
    for number, counts in enumerate(COUNTS):
        total = list(accumulate(map(float, counts)))
        series += [
            {"series": f'x_bucket{{n="{number}", le="{le}"}}', "values": f"{count}"}
            for le, count in zip(bounds, total, strict=True)
        ]
        value = histogram_quantile(QUANTILE, BUCKETS, total)
        samples = [{"labels": f'{{n="{number}"}}', "value": value}]
        expr = f'histogram_quantile(0.95, x_bucket{{n="{number}"}})'
        asked.append({"expr": expr, "eval_time": "0m", "exp_samples": samples})
    test = {"interval": "1m", "input_series": series, "promql_expr_test": asked}
    assert rule_tests(promtool, tmp_path, json.dumps({"groups": []}), [test]) == ""


def test_of_no_run_there_is_no_quantile() -> None:
    assert histogram_quantile(QUANTILE, BUCKETS, [0.0] * 15) is None
    assert histogram_quantile(QUANTILE, BUCKETS, []) is None


def test_the_counts_are_those_of_the_metric() -> None:
    lateness = Lateness({"location": "fra1"})
    for seconds in (0.002, 0.2, 0.2, 100.0):
        lateness.observe(seconds)
    counts = lateness.counts()
    assert len(counts) == len(BUCKETS) + 1
    assert (counts[0], counts[1], counts[-2], counts[-1]) == (0.0, 1.0, 3.0, 4.0)


def late(runs: Sequence[tuple[float, float]]) -> list[float | None]:
    """The quantile after each of these runs: when it began, and how late."""
    lateness, seen = Lateness({}), LateRuns()
    found = [seen.quantile(lateness.counts, 0.0, HELD_UP)]
    for at, seconds in runs:
        lateness.observe(seconds)
        found.append(seen.quantile(lateness.counts, at, HELD_UP))
    return found


def test_lateness_is_that_of_the_window() -> None:
    assert late([]) == [None]
    assert late([(60.0, 8.0)]) == [None, pytest.approx(9.75)]
    *_, found = late([(60.0 * minute, 8.0) for minute in range(1, 9)])
    assert found == pytest.approx(9.75)
    *_, found = late([(60.0, 8.0), *((60.0 * minute, 0.0) for minute in range(2, 9))])
    assert found is not None
    assert found > RULES.late, "one of eight is more than one in twenty"
    *_, found = late([(60.0, 8.0), *((60.0 * minute, 0.0) for minute in range(2, 14))])
    assert found is not None
    assert found < 0.001


@pytest.mark.parametrize(
    ("grows", "until"),
    [
        pytest.param([], [], id="never"),
        pytest.param([100.0], [699.0], id="once"),
        pytest.param([100.0, 400.0], [999.0], id="twice"),
    ],
)
def test_a_counter_that_grew_does_so_for_a_window(grows: list[float], until: list[float]) -> None:
    growth, found = Growth(), []
    for second in range(1500):
        value = 5.0 + sum(second >= at for at in grows)
        if growth.goes_on(value, float(second), HELD_UP):
            found.append(float(second))
    assert found[:1] == grows[:1]
    assert found[-1:] == until


def fired(working: Working, seconds: range, every: int) -> Iterator[tuple[str, int]]:
    """When which alert fires, looked at so often: the time that each must last is its window."""
    known: dict[Labels, Lasting] = {}
    told: set[str] = set()
    for second in seconds[::every]:
        now = Now(1.8e9 + second, float(second))
        found = (
            (one, Alert(one.name, "", Severity.WARNING, "", "", hold=HELD_UP))
            for one in working.matters(RULES, SENDER, now.ticks)
        )
        known = lasting(known, found, now)
        names = {one.name for one in firing(known, now).values()}
        yield from ((name, second) for name in sorted(names - told))
        told = names


class Counts:
    """A daemon of which a time is chosen at which something grows."""

    def __init__(self) -> None:
        self.skipped = self.failures = 0.0
        self.lateness = Lateness({})
        self.missing = 0

    def sources(self) -> Sources:
        return Sources(
            skipped=lambda: self.skipped,
            failures=lambda: self.failures,
            late=self.lateness.counts,
            missing=lambda: self.missing,
        )


@pytest.mark.parametrize("every", [1, 7])
def test_what_happens_once_is_too_short_for_an_alert(every: int) -> None:
    counts = Counts()
    working = Working(counts.sources())
    assert list(fired(working, range(100), every)) == []
    counts.skipped = counts.failures = 3.0
    counts.lateness.observe(50.0)
    assert list(fired(working, range(100, 3000), every)) == []


def test_what_goes_on_fires() -> None:
    counts = Counts()
    working, found = Working(counts.sources()), list[str]()
    known: dict[Labels, Lasting] = {}
    for second in range(0, 1000, 10):
        counts.skipped += second % 300 == 0
        counts.failures += second % 300 == 0
        counts.lateness.observe(50.0)
        now = Now(1.8e9 + second, float(second))
        matters = list(working.matters(RULES, SENDER, now.ticks))
        rules = (Alert(m.name, "", Severity.WARNING, "", "", hold=HELD_UP) for m in matters)
        known = lasting(known, zip(matters, rules, strict=True), now)
        found = [one.name for one in firing(known, now).values()]
    assert sorted(found) == [
        "EvidencedRunsSkipped",
        "EvidencedScheduleLate",
        "EvidencedStoreFailing",
    ]


def test_what_is_told() -> None:
    counts = Counts()
    working = Working(counts.sources())
    assert list(working.matters(RULES, SENDER, 0.0)) == []
    counts.skipped, counts.failures, counts.missing = 2.0, 1.0, 2
    counts.lateness.observe(50.0)
    found = {one.name.removeprefix("Evidenced"): one for one in working.matters(RULES, SENDER, 60)}
    assert set(found) == {"ScheduleLate", "RunsSkipped", "StoreFailing", "ShardMissing"}
    shard = found.pop("ShardMissing")
    assert shard.labels == {"job": "evidenced"}
    assert shard.description.startswith("Of 2 of the shards ")
    for one in found.values():
        assert one.labels == {"job": "evidenced", "instance": "rad-1:9321", "location": "fra1"}
        assert "rad-1:9321" in one.description
    assert "one run in twenty begins more than 5s late" in found["ScheduleLate"].description


def test_a_daemon_that_is_asked_nothing_has_nothing_to_tell() -> None:
    assert list(Working(Sources()).matters(RULES, SENDER, 0.0)) == []
