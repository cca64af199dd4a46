import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from evidenced.publish.drill import ALERTS
from evidenced.publish.exposition import render
from evidenced.publish.metrics import Metrics
from evidenced.publish.rules import default_rules
from evidenced.watch.board import Board
from evidenced.watch.drill import Drill

Key = tuple[str, frozenset[tuple[str, str]]]
Series = dict[Key, float]
Scrape = Callable[[CollectorRegistry], Series]
CLAIM = {"claim": "stable-2", "section": "stable"}
STATUS = ("evidenced_claim_status", frozenset({**CLAIM, "status": "contradicted"}.items()))
VERIFIED = ("evidenced_claim_verified", frozenset(CLAIM.items()))


def drilled(series: Key) -> Key:
    return series[0], series[1] | {("drill", "true")}


@pytest.fixture
def drill() -> Drill:
    now = time.time()
    return Drill(
        claim="stable-2", section="stable", began=now, until=now + 300, who="ann", why="new phone"
    )


def only_added(before: Series, after: Series) -> Series:
    """What is in the second scrape only; all of claims that was in the first is as it was."""
    for key, value in before.items():
        if key[0].startswith("evidenced_claim"):
            assert after[key] == value
    return {key: value for key, value in after.items() if key not in before}


def test_a_drill_adds_two_series_and_changes_none(
    board: Board, metrics: Metrics, scrape: Scrape, drill: Drill
) -> None:
    before = scrape(metrics.registry)
    assert all("drill" not in dict(labels) for _, labels in before)
    board.drills.begin(drill)
    added = only_added(before, scrape(metrics.registry))
    assert added == {drilled(STATUS): 1, drilled(VERIFIED): 0}
    assert before[STATUS] == 0


def test_an_end_is_told_until_it_is_forgotten(
    board: Board, metrics: Metrics, scrape: Scrape, drill: Drill
) -> None:
    before = scrape(metrics.registry)
    board.drills.begin(drill)
    board.drills.end("stable-2", drill.began + 1, "ann")
    added = only_added(before, scrape(metrics.registry))
    assert added == {drilled(STATUS): 0, drilled(VERIFIED): 1}
    board.drills.sweep(drill.began + 3600, board.claims)
    assert only_added(before, scrape(metrics.registry)) == {}


def test_one_that_is_over_and_not_noted_looks_over(
    board: Board, metrics: Metrics, scrape: Scrape, drill: Drill
) -> None:
    board.drills.restore({"stable-2": replace(drill, began=1.0, until=2.0)})
    found = scrape(metrics.registry)
    assert (found[drilled(STATUS)], found[drilled(VERIFIED)]) == (0, 1)


def test_it_has_the_labels_of_the_true_series(board: Board, scrape: Scrape, drill: Drill) -> None:
    metrics = Metrics(board, location="fra1", in_flight=int, skipped=int)
    board.drills.begin(drill)
    found = scrape(metrics.registry)
    for name, labels in (STATUS, VERIFIED):
        true = (name, labels | {("location", "fra1")})
        assert {true, drilled(true)} <= set(found)


def test_openmetrics_takes_them_too(board: Board, metrics: Metrics, drill: Drill) -> None:
    board.drills.begin(drill)
    body, _ = render(metrics.registry, "application/openmetrics-text; version=1.0.0", "")
    text = body.decode()
    lines = [line for line in text.splitlines() if 'drill="true"' in line]
    assert len(lines) == 2
    assert text.count("# TYPE evidenced_claim_status gauge") == 1
    assert text.endswith("# EOF\n")


def test_the_alerts_that_are_told_are_those_of_the_rules() -> None:
    rules = default_rules()
    for section, alert in ALERTS.items():
        assert f"alert: {alert}\n" in rules
        assert f'section="{section}"' in rules
