"""What metrics tell of the issue tracker."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry

from evidenced.publish.metrics import Metrics
from evidenced.watch.board import Board

SeriesOf = Callable[..., dict[tuple[str, ...], float]]
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def test_how_it_went_with_the_tracker(series: SeriesOf) -> None:
    assert series("evidenced_tracker_issues_opened_total") == {(): 5}
    assert series("evidenced_tracker_failures_total") == {(): 2}
    assert series("evidenced_tracker_outages_waiting") == {(): 1}


def test_without_one_nothing_is_told(
    board: Board, scrape: Callable[[CollectorRegistry], Series]
) -> None:
    metrics = Metrics(board, location=None, in_flight=int, skipped=int)
    assert not [name for name, _ in scrape(metrics.registry) if "tracker" in name]
