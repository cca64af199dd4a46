"""What one daemon keeps over its restarts, and how it comes back to it."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog

from evidenced.evidence.store import Store
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.probes.trace import Line
from evidenced.watch.board import Board, Change, CheckStatus
from evidenced.watch.keeping import (
    beat_of,
    ended,
    evidence_of,
    lasting,
    maintenance_of,
    restored_claims,
    restored_maintenance,
    restored_states,
    run_of,
    state_of,
    stood_of,
)
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.observation import Observation

BEAT = 15.0
"""Seconds between two notes that the daemon is alive: what a crash can make uncertain."""

PATIENCE = 2.0
"""Seconds in which what someone waits for should be on disk."""


class Keeper:
    """Puts what the board learns into the store, and brings it back after a restart."""

    def __init__(self, store: Store, board: Board) -> None:
        self.store = store
        self._board = board
        self._began = time.time()

    async def restore(self) -> tuple[Change, ...]:
        """Bring back standings and maintenance; the claims that do not stand as they did.

        A store that cannot be read brings back nothing.
        """
        try:
            saved = {(one.kind, one.name): one.state for one in await self.store.state()}
        except StoreTroubleError as error:
            structlog.get_logger().error("nothing is restored from the store", why=str(error))
            return ()
        checks = [status.check for status in self._board.checks.values()]
        now = time.time()
        begun = restored_maintenance(saved, now)
        changes = self._board.restore(
            restored_states(saved, checks), restored_claims(saved), begun, now
        )
        self.aged(changes)
        return changes

    async def run(self) -> None:
        """Note again and again that the daemon is alive, until cancelled."""
        while True:
            self.store.put(beat_of(time.time(), self._began))
            await asyncio.sleep(BEAT)

    def seen(
        self,
        observation: Observation,
        before: CheckStatus,
        changes: Sequence[Change],
        lines: Sequence[Line],
    ) -> None:
        """Keep one observation and what came of it."""
        self.store.put(run_of(observation))
        status = self._board.checks.get(observation.check.name)
        if status is not None and lasting(before, status):
            self.store.put(state_of(status))
        for change in changes:
            self.store.put(evidence_of(change, observation, lines))
            self.store.put(stood_of(change.claim))

    def aged(self, changes: Sequence[Change]) -> None:
        """Keep changes that no run made: time, a new plan, or maintenance did."""
        for change in changes:
            self.store.put(evidence_of(change, None, ()))
            self.store.put(stood_of(change.claim))

    def maintained(self, one: Maintenance) -> None:
        """Keep maintenance that was begun by hand."""
        self.store.put(maintenance_of(one))

    def ended(self, subject: str) -> None:
        """Keep that the maintenance on this subject is over."""
        self.store.put(ended(subject))

    async def settled(self) -> bool:
        """Wait until what was put so far is on disk; whether it is, after at most PATIENCE."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.store.flush()
                return True
        return False

    def leave(self) -> None:
        """Keep all states as they are when the daemon stops in order."""
        for status in self._board.checks.values():
            if status.last is not None:
                self.store.put(state_of(status))
        self.store.put(beat_of(time.time(), self._began))
