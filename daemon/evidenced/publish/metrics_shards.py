"""The families of a shard: how the work is divided, and who of the others is heard of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from evidenced.publish.metrics_family import Family, fill, given

SHARED = "with `shard` in the configuration"


@dataclass(frozen=True, slots=True)
class Sharing:
    """A shard of several: which of how many, how many of these it misses, whether it leads."""

    index: int
    count: int
    missing: int
    leads: bool


SHARD_FAMILIES: tuple[Family[Sharing], ...] = (
    Family(
        "evidenced_shard_info",
        "info",
        "Which of the shards this one is, counted from 0.",
        lambda one: [((f"{one.index}",), 1.0)],
        labels=("shard",),
        present=SHARED,
    ),
    Family(
        "evidenced_shard_count",
        "gauge",
        "By how many shards this one divides the checks.",
        lambda one: given(one.count),
        present=SHARED,
    ),
    Family(
        "evidenced_shards_missing",
        "gauge",
        "Shards of the configuration that this one does not hear of: what they have is looked at "
        "by nobody.",
        lambda one: given(one.missing),
        present=SHARED,
    ),
    Family(
        "evidenced_shard_leads",
        "gauge",
        "Whether this shard leads: it writes the report and files issues for all.",
        lambda one: given(float(one.leads)),
        present=SHARED,
    ),
)


class ShardCollector(Collector):
    """How this shard stands right now."""

    def __init__(self, now: Callable[[], Sharing], location: str | None) -> None:
        """Tell how it stands `now`; a location becomes a label."""
        self._now = now
        self._labels = {} if location is None else {"location": location}

    def describe(self) -> Iterable[Metric]:
        """The families without samples."""
        return [family.metric() for family in SHARD_FAMILIES]

    def collect(self) -> Iterable[Metric]:
        """The families as they are now."""
        return fill(SHARD_FAMILIES, [(self._labels, self._now())])
