"""The metrics of one daemon: what its board says, and how it works itself."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from evidenced.publish.metrics_alerts import Delivered
from evidenced.publish.metrics_checks import (
    CHECK_FAMILIES,
    check_labels,
    info_family,
    user_labels,
)
from evidenced.publish.metrics_claims import CLAIM_FAMILIES, LEDGER_FAMILIES, claim_labels
from evidenced.publish.metrics_daemon import (
    LIST_FAMILIES,
    RELOAD_FAMILIES,
    Lateness,
    Sent,
    Work,
    WorkCollector,
)
from evidenced.publish.metrics_drill import told_here, with_drills
from evidenced.publish.metrics_family import Family, fill, labelled
from evidenced.publish.metrics_tracker import Filed
from evidenced.publish.scrape import Scrape
from evidenced.watch.board import Board


class SubjectCollector(Collector):
    """All that a board says of checks and claims.

    It reads the board anew each time and keeps nothing, so no series outlives its subject. A scrape
    says the same in a quicker way (`scrape.Scrape`).
    """

    def __init__(self, board: Board, location: str | None) -> None:
        """Read this board; a location becomes a label on everything."""
        self._board = board
        self._name = location
        self._location = labelled(location)

    def describe(self) -> Iterable[Metric]:
        """The families without samples."""
        families: tuple[Family[Any], ...] = (info_family(()), *CHECK_FAMILIES, *CLAIM_FAMILIES)
        return [family.metric() for family in families]

    def collect(self) -> Iterator[Metric]:
        """The families as they are now."""
        board, location = self._board, self._location
        checks = [
            ({**check_labels(status), **labelled(status.check.location or self._name)}, status)
            for status in board.own_checks.values()
        ]
        claims = [
            ({**claim_labels(claim), **location}, claim) for claim in board.own_claims.values()
        ]
        info = info_family(user_labels(status for _, status in checks))
        yield from fill((info, *CHECK_FAMILIES), checks)
        claimed = fill(CLAIM_FAMILIES, claims)
        yield from with_drills(claimed, told_here(board), time.time(), location)


class BoardCollector(Collector):
    """What a board says of the ledger, of the configuration, and of itself."""

    def __init__(self, board: Board, location: str | None) -> None:
        self._subjects = [(labelled(location), board)]
        self._families = (*LEDGER_FAMILIES, *RELOAD_FAMILIES, *LIST_FAMILIES)

    def describe(self) -> Iterable[Metric]:
        """The families without samples."""
        return [family.metric() for family in self._families]

    def collect(self) -> Iterator[Metric]:
        """The families as they are now."""
        return fill(self._families, self._subjects)


class Metrics:
    """The metrics of one daemon, in a registry of its own: two daemons in a process do not mix."""

    def __init__(
        self,
        board: Board,
        location: str | None,
        in_flight: Callable[[], int],
        skipped: Callable[[], int],
        heartbeat: Callable[[], Sent] = Sent,
        store: Callable[[], int] = int,
        alerts: Callable[[], Iterable[Delivered]] = tuple,
        tracker: Callable[[], Filed] = Filed,
    ) -> None:
        """Read the board, the runs under way and skipped so far, how heartbeats went, and how
        many writes to the store failed, and how each Alertmanager was told."""
        self._lateness = Lateness(labelled(location))
        self.registry = CollectorRegistry()
        """All of them."""
        self._rest = CollectorRegistry()
        self.scrape = Scrape(board, location, self._rest)
        """What a scrape is answered with."""
        self.registry.register(SubjectCollector(board, location))
        self.register(BoardCollector(board, location))
        work = Work(in_flight, skipped, heartbeat, store, alerts, tracker)
        self.register(WorkCollector(work, labelled(location)))
        self.register(self._lateness)
        for own in (ProcessCollector, PlatformCollector, GCCollector):
            own(registry=self._rest)
            own(registry=self.registry)

    def register(self, collector: Collector) -> None:
        """Add what another part counts."""
        self.registry.register(collector)
        self._rest.register(collector)

    def observe_lateness(self, seconds: float) -> None:
        """Count one run that began so many seconds later than it was due."""
        self._lateness.observe(seconds)

    def lateness(self) -> tuple[float, ...]:
        """How many runs began at most so late, for each bucket of the histogram, and in all."""
        return self._lateness.counts()
