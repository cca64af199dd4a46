"""What the other shards say of checks and claims, taken over onto the board of this one."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice

from evidenced.evidence.records import JSON, Saved
from evidenced.watch.board import Blind, Board, ClaimStatus, Stood
from evidenced.watch.keeping import CHECK, holding, restored_claims, restored_states
from evidenced.watch.maintenance import Maintenance, in_maintenance, under_way
from evidenced.watch.shards import Cover, Roll
from evidenced.watch.verdict import Standing

AT_ONCE = 200
"""Checks or claims that are gone through before the event loop has its turn: a millisecond."""


class Hearing:
    """Writes onto a board what stands in the store of checks and claims that others have.

    A claim whose shard is not heard of is unknown, but what is contradicted stays so. A check keeps
    what it was last known to be.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._stood: dict[str, Stood] = {}
        self._holding: set[str] = set()

    def forget(self) -> None:
        """Begin anew, as when the work is divided otherwise: all is to be taken again."""
        self._stood.clear()
        self._holding.clear()

    async def take(self, kept: Iterable[Saved]) -> None:
        """Take in states and standings that others kept since."""
        board, share = self._board, self._board.share
        saved: dict[tuple[str, str], JSON] = {(one.kind, one.name): one.state for one in kept}
        theirs = {
            name: board.checks[name].check
            for kind, name in saved
            if kind == CHECK and name in board.checks and not share.looks(name)
        }
        # A thread, for at the start there are as many as there are checks.
        states = await asyncio.to_thread(restored_states, saved, theirs.values())
        for some in _chunks(states):
            for name in some:
                status = board.checks.get(name)
                if board.share is share and status is not None and status.check is theirs[name]:
                    board.checks[name] = replace(status, state=states[name])
                    (self._holding.add if holding(saved, name) else self._holding.discard)(name)
            await asyncio.sleep(0)
        self._stood.update(restored_claims(saved))

    async def tell(self, roll: Roll, now: float) -> bool:
        """Bring the board up to date; whether a standing became another one.

        `now` is in seconds since the epoch.
        """
        board, share = self._board, self._board.share
        cover, worked_on, changed = Cover(share, roll.alive), self._worked_on(now), False
        for some in _chunks(self._holding):
            if board.share is share:
                self._still_hold(some, cover)
            await asyncio.sleep(0)
        for some in _chunks(board.claims):
            # Another division may have come meanwhile; it is told of the next time.
            for claim in some if board.share is share else ():
                changed |= self._retell(claim, cover, worked_on)
            await asyncio.sleep(0)
        return changed

    def _worked_on(self, now: float) -> Mapping[str, Maintenance]:
        """The checks of others that are in maintenance."""
        board = self._board
        if not (board.plan.windows or board.begun):
            return {}
        theirs = (
            (name, status.check.claims)
            for name, status in board.checks.items()
            if not board.share.looks(name)
        )
        return in_maintenance(theirs, under_way(board.plan.windows, board.begun, now))

    def _still_hold(self, names: Iterable[str], cover: Cover) -> None:
        """What held goes on holding as long as the shard lives: else it would have said so."""
        for name in names:
            status, shard = self._board.checks.get(name), cover.of(name)
            if status is None or shard is None or self._board.share.looks(name):
                continue
            alive = shard.at - status.check.timing.interval
            if alive >= max(shard.began, status.state.last_verified or 0.0):
                state = replace(status.state, last_verified=alive)
                self._board.checks[name] = replace(status, state=state)

    def _retell(self, claim: str, cover: Cover, worked_on: Mapping[str, Maintenance]) -> bool:
        before = self._board.claims.get(claim)
        if before is None or before.shard is None:
            return False
        after = self._told(before, cover, worked_on)
        if after != before:
            self._board.claims[claim] = after
        return after.standing is not before.standing

    def _told(
        self, before: ClaimStatus, cover: Cover, worked_on: Mapping[str, Maintenance]
    ) -> ClaimStatus:
        states = [self._board.checks[name].state for name in before.checks]
        verified = [state.last_verified for state in states]
        seen = [when for when in verified if when is not None]
        stood = self._stood.get(before.item.id, Stood(Standing.UNVERIFIED, None, None))
        standing, since, blind = stood.standing, stood.since, None
        shard = cover.of(before.checks[0]) if before.checks else None
        if shard is None and before.checks and standing is not Standing.CONTRADICTED:
            standing, blind = Standing.UNKNOWN, Blind.SHARD
            since = self._board.heard.get(before.shard or 0, since)
        return replace(
            before,
            standing=standing,
            since=since,
            last_verified=min(seen) if seen and len(seen) == len(verified) else None,
            contradicted=stood.contradicted,
            blind=blind,
            maintenance=next((worked_on[n] for n in before.checks if n in worked_on), None),
            shard=self._board.share.other(before.item.id) if shard is None else shard.index,
        )


def _chunks(items: Iterable[str]) -> Iterable[tuple[str, ...]]:
    rest = iter(tuple(items))
    while some := tuple(islice(rest, AT_ONCE)):
        yield some
