"""What a drill adds to the metrics: series that look failed, beside the true ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client.metrics_core import Metric

from evidenced.publish.metrics_family import encodable
from evidenced.watch.board import Board
from evidenced.watch.drill import Drill
from evidenced.watch.verdict import Standing

LABEL = "drill"
"""The label that only the series of a drill have; its value is "true"."""

STATUS, VERIFIED = "evidenced_claim_status", "evidenced_claim_verified"
"""The families in which a claim looks failed."""


def told_here(board: Board) -> tuple[Drill, ...]:
    """The drills that are still told of, of claims that this daemon answers for."""
    return tuple(one for one in board.drills.told() if board.share.has_claim(one.claim))


def with_drills(
    metrics: Iterable[Metric], drills: Sequence[Drill], now: float, location: Mapping[str, str]
) -> Iterator[Metric]:
    """The metrics, with the drills' own series beside the true ones of each claim.

    Once a drill is over its series say so for as long as it is told of, so that what looks back at
    the last sample sees the end of it.
    """
    for metric in metrics:
        if metric.name in (STATUS, VERIFIED):
            for drill in drills:
                _add(metric, drill, now, location)
        yield metric


def _add(metric: Metric, drill: Drill, now: float, location: Mapping[str, str]) -> None:
    on = drill.on(now)
    labels = {
        "claim": encodable(drill.claim),
        "section": drill.section,
        **location,
        LABEL: "true",
    }
    if metric.name == STATUS:
        labels["status"] = Standing.CONTRADICTED.value
    metric.add_sample(metric.name, labels, float(on if metric.name == STATUS else not on))
