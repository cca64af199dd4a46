"""The drills of a daemon: begun, ended, told and kept."""

import time
from collections.abc import Callable

import structlog

from evidenced.app.keeper import Keeper
from evidenced.config.types import Secret
from evidenced.publish.drill import DrillDoor
from evidenced.watch.board import Board
from evidenced.watch.drill import Drill
from evidenced.watch.drill_keeping import drill_evidence, drill_forgotten, drill_saved
from evidenced.watch.verdict import Standing


class Drilling:
    """Leaves a marked record of each start and end, and sees to it that every drill ends."""

    def __init__(self, board: Board, keeper: Keeper, changed: Callable[[], None]) -> None:
        """`changed` is called when a drill began or ended."""
        self._board = board
        self._keeper = keeper
        self._changed = changed

    async def begin(self, drill: Drill) -> None:
        """Begin a drill, and return once it is kept; ValueError where one is on that claim."""
        # What is over but not noted yet would lose the record of its end.
        self.sweep(drill.began)
        self._board.drills.begin(drill)
        self._keep(drill)
        await self._keeper.settled()

    async def end(self, claim: str, by: str) -> None:
        """Stop the drill of this claim, if one is on, and return once that is kept."""
        over = self._board.drills.end(claim, time.time(), by)
        if over is not None:
            self._keep(over)
            await self._keeper.settled()

    def sweep(self, now: float) -> None:
        """Note the drills that have ended by now (seconds since the epoch)."""
        swept = self._board.drills.sweep(now, self._board.claims, self._board.share.has_claim)
        for over in swept.ended:
            self._keep(over)
        for claim in swept.forgotten:
            self._keeper.store.put(drill_forgotten(claim))

    def door(
        self,
        admin_token: Callable[[], Secret | None],
        elsewhere: Callable[[str], str | None],
    ) -> DrillDoor:
        """Where drills are asked for over HTTP; `elsewhere` says which other daemon has a claim."""
        return DrillDoor(self._board, admin_token, self.begin, self.end, elsewhere)

    def _keep(self, drill: Drill) -> None:
        claim = self._board.claims.get(drill.claim)
        standing = claim.standing if claim else Standing.UNVERIFIED
        self._keeper.store.put(drill_evidence(drill, standing))
        self._keeper.store.put(drill_saved(drill))
        self._changed()
        said = "drill began" if drill.ended is None else "drill ended"
        structlog.get_logger().info(
            said,
            claim=drill.claim,
            until=drill.until,
            who=drill.who,
            why=drill.why,
            ending=drill.ending and drill.ending.value,
        )
