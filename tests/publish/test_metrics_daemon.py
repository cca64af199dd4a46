import time
from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY, CollectorRegistry

from evidenced import __version__
from evidenced.publish.metrics import BoardCollector, Metrics, SubjectCollector
from evidenced.watch.board import Board, Reading

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]
SeriesOf = Callable[..., dict[tuple[str, ...], float]]


def test_the_daemon_tells_of_itself(series: SeriesOf) -> None:
    assert series("evidenced_build_info", "version") == {(__version__,): 1}
    assert series("evidenced_probes_in_flight") == {(): 3}
    assert series("evidenced_schedule_skipped_runs_total") == {(): 4}


def test_the_clock_is_told(series: SeriesOf) -> None:
    before = time.time()
    assert before <= series("evidenced_time_seconds")[()] <= time.time()


def test_reloads_are_told(series: SeriesOf, board: Board) -> None:
    assert series("evidenced_config_last_reload_successful") == {(): 1}
    board.reading = Reading(config_loaded=False, config_loaded_at=12.5)
    assert series("evidenced_config_last_reload_successful") == {(): 0}
    assert series("evidenced_config_last_reload_success_timestamp_seconds") == {(): 12.5}


def test_lateness_is_a_histogram(metrics: Metrics, series: SeriesOf) -> None:
    for seconds in (0.0004, 0.002, 0.002, 7.0, 100.0):
        metrics.observe_lateness(seconds)
    buckets = series("evidenced_schedule_lateness_seconds_bucket", "le")
    assert [buckets[bound,] for bound in ("0.001", "0.005", "5.0", "10.0", "60.0", "+Inf")] == [
        1,
        3,
        3,
        4,
        4,
        5,
    ]
    assert series("evidenced_schedule_lateness_seconds_count") == {(): 5}
    assert series("evidenced_schedule_lateness_seconds_sum")[()] > 107
    assert series("evidenced_schedule_lateness_seconds_created") == {}


def test_the_process_and_python_are_told_of(series: SeriesOf) -> None:
    assert series("process_open_fds")[()] > 0
    assert series("python_info", "implementation") == {("CPython",): 1}
    assert set(series("python_gc_collections_total", "generation")) == {("0",), ("1",), ("2",)}


def test_a_location_is_a_label_on_everything_of_ours(
    board: Board, scrape: Callable[[CollectorRegistry], Series]
) -> None:
    metrics = Metrics(board, location="fra1", in_flight=lambda: 0, skipped=lambda: 0)
    metrics.observe_lateness(0.1)
    ours = [
        dict(labels).get("location")
        for name, labels in scrape(metrics.registry)
        if not name.startswith(("process_", "python_"))
    ]
    assert len(ours) > 27 * 5
    assert set(ours) == {"fra1"}


def test_without_a_location_there_is_no_such_label(
    metrics: Metrics, scrape: Callable[[CollectorRegistry], Series]
) -> None:
    assert not [name for name, labels in scrape(metrics.registry) if "location" in dict(labels)]


def test_two_daemons_in_a_process_do_not_mix(
    board: Board, metrics: Metrics, scrape: Callable[[CollectorRegistry], Series]
) -> None:
    other = Metrics(board, location=None, in_flight=lambda: 9, skipped=lambda: 9)
    other.observe_lateness(1.0)
    lateness = ("evidenced_schedule_lateness_seconds_count", frozenset[tuple[str, str]]())
    assert scrape(metrics.registry)[lateness] == 0
    assert scrape(other.registry)[lateness] == 1
    assert not [
        family.name for family in REGISTRY.collect() if family.name.startswith("evidenced_")
    ]


def test_all_series_of_a_family_have_the_same_labels(metrics: Metrics) -> None:
    for family in metrics.registry.collect():
        names: dict[str, set[frozenset[str]]] = {}
        for sample in family.samples:
            names.setdefault(sample.name, set()).add(frozenset(sample.labels))
        for name, sets in names.items():
            assert len(sets) == 1, f"{name} has {sets}"


@pytest.mark.parametrize(
    ("make", "some"),
    [
        (SubjectCollector, {"probe_success", "probe_failure", "evidenced_claim_verified"}),
        (BoardCollector, {"evidenced_vantage_up", "evidenced_ledger_updated_timestamp_seconds"}),
    ],
)
def test_a_collector_describes_all_that_it_can_collect(
    make: type[SubjectCollector | BoardCollector], some: set[str], board: Board
) -> None:
    collector = make(board, None)
    described = {family.name for family in collector.describe()}
    assert {family.name for family in collector.collect()} <= described
    assert some <= described
