"""The families of the daemon itself."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client import Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from evidenced import __version__
from evidenced.publish.metrics_alerts import Delivered
from evidenced.publish.metrics_family import Family, fill, given
from evidenced.publish.metrics_tracker import Filed
from evidenced.watch.board import Board


@dataclass(frozen=True, slots=True)
class Sent:
    """How sending heartbeats went: None where none is configured, or none has succeeded yet."""

    failures: int | None = None
    last_success: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What the daemon does: `in_flight` runs right now, `skipped` so far, and its heartbeats."""

    in_flight: Callable[[], int]
    skipped: Callable[[], int]
    heartbeat: Callable[[], Sent]
    store_failures: Callable[[], int] = int
    alerts: Callable[[], Iterable[Delivered]] = tuple
    tracker: Callable[[], Filed] = Filed


RELOAD_FAMILIES: tuple[Family[Board], ...] = (
    Family(
        "evidenced_config_last_reload_successful",
        "gauge",
        "Whether the configuration could be read the last time; while it cannot, the last good "
        "one stays in force.",
        lambda board: given(float(board.reading.config_loaded)),
    ),
    Family(
        "evidenced_config_last_reload_success_timestamp_seconds",
        "gauge",
        "When the configuration in force was read, in Unix time.",
        lambda board: given(board.reading.config_loaded_at),
        unit="seconds",
    ),
)

TOLD = "for each address under `alertmanager`"
TRACKED = "with `tracker` in the configuration"
LISTED = "for each list under `discovery`"

LIST_FAMILIES: tuple[Family[Board], ...] = (
    Family(
        "evidenced_discovery_targets",
        "gauge",
        "Targets in the last good list, for the check that they are found for.",
        lambda board: (((each.check, each.source), each.targets) for each in board.lists),
        labels=("check", "source"),
        present=LISTED,
    ),
    Family(
        "evidenced_discovery_successful",
        "gauge",
        "Whether the list could be read the last time; while it cannot, the last good one stays in "
        "force.",
        lambda board: (((each.check, each.source), float(each.good)) for each in board.lists),
        labels=("check", "source"),
        present=LISTED,
    ),
    Family(
        "evidenced_discovery_last_success_timestamp_seconds",
        "gauge",
        "When the list was last read well, in Unix time.",
        lambda board: (
            ((each.check, each.source), each.succeeded)
            for each in board.lists
            if each.succeeded is not None
        ),
        labels=("check", "source"),
        unit="seconds",
        present="for each list that was",
    ),
)

WORK_FAMILIES: tuple[Family[Work], ...] = (
    Family(
        "evidenced_build_info",
        "info",
        "The daemon's version.",
        lambda work: [((__version__,), 1.0)],
        labels=("version",),
    ),
    Family(
        "evidenced_time_seconds",
        "gauge",
        "The daemon's clock at the scrape, in Unix time: what its timestamps are to be held "
        "against.",
        lambda _: given(time.time()),
        unit="seconds",
    ),
    Family(
        "evidenced_probes_in_flight",
        "gauge",
        "Runs that are looking right now.",
        lambda work: given(work.in_flight()),
    ),
    Family(
        "evidenced_schedule_skipped_runs_total",
        "counter",
        "Runs that were due and not begun, since the one before was still under way or the "
        "daemon was held up.",
        lambda work: given(work.skipped()),
    ),
    Family(
        "evidenced_store_write_failures_total",
        "counter",
        "Writes to the store that failed; what they held is kept in memory and made good later.",
        lambda work: given(work.store_failures()),
    ),
    Family(
        "evidenced_heartbeat_failures_total",
        "counter",
        "Heartbeats that could not be sent, or were not answered with a 2xx.",
        lambda work: given(work.heartbeat().failures),
        present="with `heartbeat` in the configuration",
    ),
    Family(
        "evidenced_heartbeat_last_success_timestamp_seconds",
        "gauge",
        "When the last heartbeat was answered well, in Unix time.",
        lambda work: given(work.heartbeat().last_success),
        unit="seconds",
        present="with `heartbeat`, once one was",
    ),
    Family(
        "evidenced_alerts_sent_total",
        "counter",
        "Alerts that this Alertmanager took, each time that they were sent.",
        lambda work: (((each.alertmanager,), each.alerts) for each in work.alerts()),
        labels=("alertmanager",),
        present=TOLD,
    ),
    Family(
        "evidenced_alerts_failures_total",
        "counter",
        "Requests to this Alertmanager that failed.",
        lambda work: (((each.alertmanager,), each.failures) for each in work.alerts()),
        labels=("alertmanager",),
        present=TOLD,
    ),
    Family(
        "evidenced_tracker_issues_opened_total",
        "counter",
        "Issues that were opened in the issue tracker.",
        lambda work: given(work.tracker().opened),
        present=TRACKED,
    ),
    Family(
        "evidenced_tracker_failures_total",
        "counter",
        "Times that the issue tracker was not to be had, or refused what it was asked for.",
        lambda work: given(work.tracker().failures),
        present=TRACKED,
    ),
    Family(
        "evidenced_tracker_outages_waiting",
        "gauge",
        "Outages that have no issue yet, since the tracker could not be told of them.",
        lambda work: given(work.tracker().waiting),
        present=TRACKED,
    ),
)

LATENESS: Family[object] = Family(
    "evidenced_schedule_lateness_seconds",
    "histogram",
    "How much later than due runs began.",
    lambda subject: (),
    unit="seconds",
)
BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Upper bounds in seconds: a beat is kept to milliseconds, too low a limit shows in seconds."""


class WorkCollector(Collector):
    """What the daemon does right now."""

    def __init__(self, work: Work, location: dict[str, str]) -> None:
        self._subjects = [(location, work)]

    def describe(self) -> Iterable[Metric]:
        """The families without samples."""
        return [family.metric() for family in WORK_FAMILIES]

    def collect(self) -> Iterable[Metric]:
        """The families as they are now."""
        return fill(WORK_FAMILIES, self._subjects)


class Lateness(Collector):
    """How late runs began, as a histogram."""

    def __init__(self, location: dict[str, str]) -> None:
        histogram = Histogram(
            LATENESS.name, LATENESS.help, tuple(location), registry=None, buckets=BUCKETS
        )
        self._all = histogram
        self._mine = histogram.labels(**location) if location else histogram

    def observe(self, seconds: float) -> None:
        """Count one run that began so many seconds later than due."""
        self._mine.observe(seconds)

    def counts(self) -> tuple[float, ...]:
        """How many runs began at most so late, for each of BUCKETS, and in all."""
        samples = (sample for family in self._all.collect() for sample in family.samples)
        return tuple(one.value for one in samples if one.name.endswith("_bucket"))

    def describe(self) -> Iterable[Metric]:
        """The family without samples."""
        return [LATENESS.metric()]

    def collect(self) -> Iterable[Metric]:
        """The family as it is now.

        Without the time of its creation: the text format would make a gauge of that.
        """
        metric = LATENESS.metric()
        metric.samples = [
            sample
            for family in self._all.collect()
            for sample in family.samples
            if not sample.name.endswith("_created")
        ]
        return [metric]
