"""Maintenance by hand: begun, ended, told and kept."""

import time
from collections.abc import Callable

import structlog

from evidenced.app.keeper import Keeper
from evidenced.config.types import Secret
from evidenced.publish.maintenance import MaintenanceDoor
from evidenced.watch.board import Board, Change
from evidenced.watch.maintenance import Maintenance


class Maintaining:
    """Begins and ends maintenance, and keeps that and what it changes."""

    def __init__(
        self, board: Board, keeper: Keeper, unseen: Callable[[tuple[Change, ...]], None]
    ) -> None:
        """`unseen` is told of the changes of standing that come of it."""
        self._board = board
        self._keeper = keeper
        self._unseen = unseen

    async def begin(self, one: Maintenance) -> None:
        """Begin maintenance, and return once it is kept."""
        changed = self._board.begin(one, time.time())
        structlog.get_logger().info(
            "maintenance began", subject=one.subject, until=one.until, why=one.why
        )
        self._keeper.maintained(one)
        await self._keep(changed)

    async def end(self, subject: str) -> None:
        """End the maintenance of this subject, and return once that is kept."""
        changed = self._board.end(subject, time.time())
        structlog.get_logger().info("maintenance ended", subject=subject)
        self._keeper.ended(subject)
        await self._keep(changed)

    def door(self, admin_token: Callable[[], Secret | None]) -> MaintenanceDoor:
        """Where maintenance is asked for over HTTP."""
        return MaintenanceDoor(self._board, admin_token, begin=self.begin, end=self.end)

    async def _keep(self, changed: tuple[Change, ...]) -> None:
        self._unseen(changed)
        await self._keeper.settled()
