"""How the daemon itself kept the beat and its records of late: what its own rules look back at.

Times are those of a clock that nobody sets (monotonic), in seconds.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evidenced.config.rulefile import RuleFile
from evidenced.config.types import shown_duration
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.metrics_daemon import BUCKETS

QUANTILE = 0.95
"""The part of the runs that the rule on late ones asks about: all but one in twenty."""

STEPS = 20
"""Looks at the buckets of lateness within a window."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a daemon counts how it works, since its start.

    `skipped` runs and `failures` of writing to the store; `late` is how many runs began at most so
    late, for each of BUCKETS and for any time; `missing` is how many shards nobody hears of.
    """

    skipped: Callable[[], float] = float
    failures: Callable[[], float] = float
    late: Callable[[], Sequence[float]] = tuple
    missing: Callable[[], int] = int


class Working:
    """Sees how the daemon works, and what is the matter with it."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._skipped, self._failures = Growth(), Growth()
        self._late = LateRuns()

    def matters(self, rules: RuleFile, sender: Sender, ticks: float) -> Iterator[Matter]:
        """What is the matter now; it is to be asked again and again, about once a second."""
        who = sender.instance
        late = self._late.quantile(self._sources.late, ticks, rules.held_up)
        if late is not None and late > rules.late:
            yield Matter(
                "EvidencedScheduleLate",
                sender.own,
                f"At {who} one run in twenty begins more than {shown_duration(rules.late)} late: "
                "the host is short of processor time, or `concurrency` is too low.",
            )
        if self._skipped.goes_on(self._sources.skipped(), ticks, rules.held_up):
            yield Matter(
                "EvidencedRunsSkipped",
                sender.own,
                f"{who} goes on skipping runs that are due: the one before is still under way, or "
                "the daemon is held up.",
            )
        if self._failures.goes_on(self._sources.failures(), ticks, rules.store):
            yield Matter(
                "EvidencedStoreFailing",
                sender.own,
                f"Writes of {who} to its store go on failing. What they hold is kept in memory and "
                "lost with the daemon; its log says why the store refuses.",
            )
        if missing := self._sources.missing():
            yield Matter(
                "EvidencedShardMissing",
                {"job": sender.job},
                f"Of {missing} of the shards among which the checks are divided the others do not "
                "hear: nobody looks at what they have.",
            )


class Growth:
    """When a counter last grew, which says whether it did within a window."""

    def __init__(self) -> None:
        self._value: float | None = None
        self._grew: float | None = None

    def goes_on(self, value: float, ticks: float, window: float) -> bool:
        """Take in the counter as it is now; whether it grew in the last so many seconds."""
        if self._value is not None and value > self._value:
            self._grew = ticks
        self._value = value
        return self._grew is not None and ticks - self._grew < window


class LateRuns:
    """The buckets of lateness as they were at some moments of a window."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, tuple[float, ...]]] = deque()
        self._found: float | None = None

    def quantile(
        self, counts: Callable[[], Sequence[float]], ticks: float, window: float
    ) -> float | None:
        """How late all but one in twenty of the runs of a window began at most, in seconds.

        None where there were no runs. The counts are only asked for where some time has passed.
        """
        if not self._seen or ticks - self._seen[-1][0] >= window / STEPS:
            self._seen.append((ticks, tuple(counts())))
            while self._seen[0][0] <= ticks - window:
                self._seen.popleft()
            first, last = self._seen[0][1], self._seen[-1][1]
            grown = [after - before for before, after in zip(first, last, strict=True)]
            self._found = histogram_quantile(QUANTILE, BUCKETS, grown)
        return self._found


def histogram_quantile(q: float, bounds: Sequence[float], counts: Sequence[float]) -> float | None:
    """The value that a part `q` of what was counted does not exceed, as PromQL reckons it.

    `counts` are those up to each bound, and in all. Within a bucket all lies evenly; above the last
    bound nothing is known, so that bound is the answer. None where nothing was counted.
    """
    if not counts or not counts[-1]:
        return None
    rank = q * counts[-1]
    place = next(place for place, count in enumerate(counts) if count >= rank)
    if place == len(bounds):
        return bounds[-1]
    low, before = (bounds[place - 1], counts[place - 1]) if place else (0.0, 0.0)
    share = (rank - before) / (counts[place] - before)
    return low + (bounds[place] - low) * share
