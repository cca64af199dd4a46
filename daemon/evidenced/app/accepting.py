"""Taking over a ledger on purpose, as a restart would, without the gap."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from evidenced.config.types import Secret
from evidenced.publish.api_models import Accepted
from evidenced.publish.ledger import LedgerDoor
from evidenced.watch.board import Board


class Reload(Protocol):
    """Reads all again, and gives the problems that it met, a line each."""

    async def __call__(self, *, trusting: bool) -> tuple[str, ...]:
        """With `trusting`, a ledger is believed whatever it has lost."""


def accepting(board: Board, reload: Reload, admin_token: Callable[[], Secret | None]) -> LedgerDoor:
    """The HTTP interface that takes over the ledger by a reload that trusts it.

    It stays so over a restart, which reads the same file and asks no more of it.
    """

    async def accept() -> Accepted | str:
        before = set(board.claims)
        # Whoever asked may go away meanwhile; half a reload would be worse than none.
        problems = await asyncio.shield(reload(trusting=True))
        reading = board.reading
        if not (reading.ledger_readable and reading.ledger_believed):
            return "; ".join(problems)
        after = set(board.claims)
        return Accepted(
            claims=len(after),
            gone=tuple(sorted(before - after)),
            new=tuple(sorted(after - before)),
        )

    return LedgerDoor(admin_token, accept)
