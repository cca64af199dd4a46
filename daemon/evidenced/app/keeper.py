"""What one daemon keeps over its restarts, and how it comes back to it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from evidenced.app.telling import tell_changes
from evidenced.evidence.records import Saved
from evidenced.evidence.store import Store
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.probes.trace import Line
from evidenced.watch.board import Board, Change, CheckStatus
from evidenced.watch.drill_keeping import restored_drills
from evidenced.watch.keeping import (
    beat_of,
    ended,
    evidence_of,
    last_alive,
    lasting,
    maintenance_of,
    over,
    restored_claims,
    restored_maintenance,
    restored_states,
    run_of,
    state_of,
    stood_of,
)
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.observation import Observation
from evidenced.watch.verdict import Standing

BEAT = 15.0
"""Seconds between two notes that the daemon is alive: what a crash can make uncertain."""

PATIENCE = 2.0
"""Seconds in which what someone waits for should be on disk."""


class Keeper:
    """Puts what the board learns into the store, and brings it back after a restart.

    It keeps what is this daemon's own to tell, and notes each `every` seconds that it is alive, in
    the `word` that is made of the time and of that of the start (seconds since the epoch).
    """

    def __init__(
        self,
        store: Store,
        board: Board,
        word: Callable[[float, float], Saved] = beat_of,
        every: float = BEAT,
    ) -> None:
        self.store = store
        self._board = board
        self._word = word
        self._every = every
        self.began = time.time()
        """When it began, in seconds since the epoch."""
        self.alive: float | None = None
        """When a daemon on this store was last known to live before this one, in Unix time."""
        self._restored = self._unread = False

    @property
    def restored(self) -> bool:
        """Whether the store was read, and what was known before is known again."""
        return self._restored

    async def restore(self) -> tuple[Change, ...]:
        """Bring back standings, maintenance and drills; the claims that do not stand as they did.

        A store that cannot be read brings back nothing yet: `run` tries again. What has come to a
        standing of its own by then keeps it.
        """
        try:
            kept = await self.store.state()
        except StoreTroubleError as error:
            self._tell_unread(error)
            return ()
        saved = {(one.kind, one.name): one.state for one in kept}
        shards = {(one.kind, one.name): one.shard for one in kept}
        self._restored = True
        now = time.time()
        self.alive = last_alive(saved, self._board.share.index)
        self._board.drills.restore(restored_drills(saved))
        here = self._board.share.looks
        checks = [
            one.check
            for name, one in self._board.checks.items()
            if here(name) and _new(one.state.confirmed)
        ]
        claims = restored_claims(saved)
        changes = self._board.restore(
            restored_states(saved, checks, shards),
            {name: one for name, one in claims.items() if self._is_new(name)},
            restored_maintenance(saved, now),
            now,
        )
        for subject in over(saved, now):
            self.store.put(ended(subject))
        self.aged(changes)
        return changes

    def _is_new(self, claim: str) -> bool:
        return claim in self._board.claims and _new(self._board.claims[claim].standing)

    def _tell_unread(self, error: StoreTroubleError) -> None:
        if not self._unread:
            self._unread = True
            structlog.get_logger().error("nothing is restored from the store yet", why=str(error))

    async def run(self) -> None:
        """Note again and again that the daemon is alive, until cancelled."""
        while True:
            if not self._restored and await self.settled():
                tell_changes(self._board, await self.restore())
            if self._restored:
                # Not before: it would stand where it says when the daemon before this one lived.
                self.store.put(self._word(time.time(), self.began))
            await asyncio.sleep(self._every)

    def seen(
        self,
        observation: Observation,
        before: CheckStatus,
        changes: Sequence[Change],
        lines: Sequence[Line],
    ) -> None:
        """Keep one observation and what came of it."""
        if not self._board.share.has_check(observation.check.name):
            return
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
        for status in self._board.own_checks.values():
            if status.last is not None:
                self.store.put(state_of(status))
        self.store.put(self._word(time.time(), self.began))


def _new(standing: Standing) -> bool:
    return standing is Standing.UNVERIFIED
