"""The metrics of one daemon: what its board says, and how it works itself."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

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
from evidenced.publish.metrics_family import Family, fill
from evidenced.watch.board import Board


class BoardCollector(Collector):
    """All that a board says of checks, claims, the ledger and the configuration.

    It reads the board anew at each scrape and keeps nothing, so no series outlives its subject. A
    thread may ask: statuses are frozen, and which there are is listed before the first is read.
    """

    def __init__(self, board: Board, location: str | None) -> None:
        """Read this board; a location becomes a label on everything."""
        self._board = board
        self._name = location
        self._location = _labels(location)

    def describe(self) -> Iterable[Metric]:
        """The families without samples."""
        families: tuple[Family[Any], ...] = (
            info_family(()),
            *CHECK_FAMILIES,
            *CLAIM_FAMILIES,
            *LEDGER_FAMILIES,
            *RELOAD_FAMILIES,
            *LIST_FAMILIES,
        )
        return [family.metric() for family in families]

    def collect(self) -> Iterator[Metric]:
        """The families as they are now."""
        board, location = self._board, self._location
        checks = [
            ({**check_labels(status), **_labels(status.check.location or self._name)}, status)
            for status in board.checks.values()
        ]
        claims = [({**claim_labels(claim), **location}, claim) for claim in board.claims.values()]
        info = info_family(user_labels(status for _, status in checks))
        yield from fill((info, *CHECK_FAMILIES), checks)
        yield from fill(CLAIM_FAMILIES, claims)
        yield from fill((*LEDGER_FAMILIES, *RELOAD_FAMILIES, *LIST_FAMILIES), [(location, board)])


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
    ) -> None:
        """Read the board, the runs under way and skipped so far, how heartbeats went, and how
        many writes to the store failed."""
        self._lateness = Lateness(_labels(location))
        self.registry = CollectorRegistry()
        """What a scrape collects."""
        self.registry.register(BoardCollector(board, location))
        work = Work(in_flight, skipped, heartbeat, store)
        self.registry.register(WorkCollector(work, _labels(location)))
        self.registry.register(self._lateness)
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def observe_lateness(self, seconds: float) -> None:
        """Count one run that began so many seconds later than it was due."""
        self._lateness.observe(seconds)


def _labels(location: str | None) -> dict[str, str]:
    return {} if location is None else {"location": location}
