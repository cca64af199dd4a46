"""What the checks of each shard saw last, for the one that writes the report of all."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from evidenced.evidence.store import Store
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.watch.board import Board
from evidenced.workflow.report import CheckFacts, Earlier, facts_of
from evidenced.workflow.report_facts import (
    FACTS,
    REPORT,
    Told,
    facts_saved,
    report_saved,
    restored_told,
)

EVERY = 30.0
"""Seconds between two looks at whether facts differ, beside one after each change of standing."""

SOON = 0.5
"""Seconds in which changes are gathered."""

AT_ONCE = 100
"""Checks that are gone through before the event loop has its turn: a millisecond or two."""


class Facts:
    """Keeps the facts of this shard's own checks in the store, and reads those of the others.

    They are such as last while production does not change, so little is written. `wanted` says
    whether there is a report to be made of them.
    """

    def __init__(self, board: Board, store: Store, wanted: Callable[[], bool]) -> None:
        self._board = board
        self._store = store
        self._wanted = wanted
        self._changed = asyncio.Event()
        self._kept: dict[str, CheckFacts] = {}

    def changed(self) -> None:
        """A standing changed: what was seen is to be kept soon."""
        self._changed.set()

    async def run(self) -> None:
        """Keep them until cancelled."""
        while True:
            self._changed.clear()
            if self._wanted():
                await self._keep()
            # Not wait_for: in Python 3.11 it may lose a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._changed.wait()
                    await asyncio.sleep(SOON)

    async def told(self) -> Told:
        """What others tell of their checks and of the last report; nothing without a store."""
        try:
            told = restored_told(await self._store.state(FACTS, REPORT))
        except StoreTroubleError:
            return Told()
        ours = self._board.share.has_check
        return Told({name: one for name, one in told.facts.items() if not ours(name)}, told.last)

    def reported(self, last: Earlier) -> None:
        """Keep what the next report is held against, whoever makes it."""
        self._store.put(report_saved(last))

    async def _keep(self) -> None:
        own = self._board.own_checks
        self._kept = {name: kept for name, kept in self._kept.items() if name in own}
        for place, (name, status) in enumerate(own.items(), 1):
            if status.last is not None:
                before = self._kept.get(name)
                facts = facts_of(status, before.within if before else None)
                if facts != before:
                    self._kept[name] = facts
                    self._store.put(facts_saved(facts))
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
