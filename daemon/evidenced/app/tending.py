"""What the service manager hears of a daemon that runs: how it stands, and that it keeps time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from evidenced.app.notify import Notifier
from evidenced.config.words import counted
from evidenced.watch.board import Board
from evidenced.watch.verdict import Standing

PACE = 1.0
"""Seconds between two looks at what is to be told; a short watchdog is fed more often."""

MORE = 30.0
"""Seconds that are asked for, again and again, while the store cannot be read at the start."""

_ORDER = (
    Standing.CONTRADICTED,
    Standing.STALE,
    Standing.UNKNOWN,
    Standing.UNVERIFIED,
    Standing.VERIFIED,
)


def status_line(board: Board) -> str:
    """The claims by their standing, the worst first, and what else stands in the way; one line."""
    counts = Counter(claim.standing for claim in board.claims.values())
    said = ", ".join(f"{counts[one]} {one.value}" for one in _ORDER if counts[one])
    claims = counted(len(board.claims), "claim")
    parts = [f"{claims}: {said}" if said else claims, counted(len(board.checks), "check")]
    reading = board.reading
    if not reading.config_loaded:
        parts.append("the configuration cannot be used, an older one is in force")
    if not reading.ledger_readable:
        parts.append("the ledger cannot be read, an older one is in force")
    elif not reading.ledger_believed:
        parts.append("the ledger lost too much to be believed, an older one is in force")
    return "; ".join(parts)


class Tending:
    """Tells the manager that the daemon is ready once its store stands, and then how it goes.

    `restored` says whether the store was read, `behind` by how many seconds the schedule is late.
    The watchdog is fed from the loop, so that one which is stuck is found out; and only as long as
    no run is later than the watchdog's own time, so that a schedule which is stuck is too.
    """

    def __init__(
        self,
        manager: Notifier,
        board: Board,
        restored: Callable[[], bool],
        behind: Callable[[], float],
    ) -> None:
        self._manager = manager
        self._board = board
        self._restored = restored
        self._behind = behind
        self._in_time = True

    async def run(self) -> None:
        """Tell until cancelled."""
        while not self._restored():
            self._manager.starting(MORE)
            self._manager.status("waiting for the store, and looking meanwhile")
            await asyncio.sleep(PACE)
        self._manager.ready(status_line(self._board))
        watchdog = self._manager.watchdog
        pace = PACE if watchdog is None else min(PACE, watchdog / 4)
        while True:
            if watchdog is not None:
                self._feed(watchdog)
            self._manager.status(status_line(self._board))
            await asyncio.sleep(pace)

    def _feed(self, watchdog: float) -> None:
        behind = self._behind()
        if behind <= watchdog:
            self._manager.alive()
        elif self._in_time:
            structlog.get_logger().error(
                "the watchdog is not fed: the schedule does not keep time",
                behind_seconds=round(behind),
            )
        self._in_time = behind <= watchdog


@asynccontextmanager
async def tended(tending: Tending, manager: Notifier) -> AsyncIterator[None]:
    """Tend while the block lasts, and say at its end that the daemon is stopping."""
    task = asyncio.create_task(tending.run(), name="service manager")
    try:
        yield
    finally:
        task.cancel()
        manager.stopping()
        await asyncio.gather(task, return_exceptions=True)
