"""What alerts look back at: how the daemon worked, how long answers took, what budgets are left."""

import asyncio
import time
from collections.abc import Callable, Iterator

from evidenced.app.alerts_budgets import Budgets
from evidenced.evidence.store import Store
from evidenced.publish.alerts_history import Sources, Working
from evidenced.publish.alerts_hold import Now
from evidenced.publish.alerts_model import Matter
from evidenced.publish.alerts_rules import RuleBook
from evidenced.publish.alerts_slow import Slowness
from evidenced.watch.board import Board

PACE = 15.0
"""Seconds between two looks at all checks, as a Prometheus would scrape them."""

AT_ONCE = 200
"""Checks that are looked at before the event loop has its turn: less than a millisecond."""


class Past:
    """Remembers what the board does not, for as long as there is somebody to be told of it.

    `book` is that of the rules in force, `sources` are the daemon's counts, and in `store` samples
    are kept over a restart (None: they are not).
    """

    def __init__(
        self,
        board: Board,
        book: Callable[[], RuleBook],
        sources: Sources,
        store: Store | None,
    ) -> None:
        self._board = board
        self._book = book
        self._working = Working(sources)
        self._slowness = Slowness()
        self._slow: dict[str, Matter] = {}
        self._budgets = Budgets(board, book, store)

    def matters(self, ticks: float) -> Iterator[Matter]:
        """What is the matter by all that (monotonic, in seconds); asked about once a second."""
        book = self._book()
        yield from self._working.matters(book.settings.file, book.sender, ticks)
        yield from list(self._slow.values())
        yield from self._budgets.matters()

    async def run(self) -> None:
        """Look until cancelled."""
        try:
            while True:
                await self._budgets.take(_now())
                await self._look(time.monotonic())
                await asyncio.sleep(PACE - time.monotonic() % PACE)
        finally:
            self._budgets.leave(_now())

    async def _look(self, ticks: float) -> None:
        """See which checks are slow."""
        board, book = self._board, self._book()
        own = board.own_checks
        for place, (name, status) in enumerate(list(own.items()), 1):
            found = self._slowness.seen(status, book.settings.file, book.sender, ticks)
            if found is not None:
                self._slow[name] = found
            elif self._slow:
                self._slow.pop(name, None)
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._slowness.forget(own)
        self._slow = {name: found for name, found in self._slow.items() if name in own}


def _now() -> Now:
    return Now(time.time(), time.monotonic())
