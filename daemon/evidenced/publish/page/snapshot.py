"""What the board says at one moment, for a thread to read while the board goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidenced.ledger.model import Ledger
from evidenced.watch.board import Board, CheckStatus, ClaimStatus, Reading
from evidenced.watch.drill import Drill


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The board as of `now` (seconds since the epoch); statuses are frozen, so this stays as it is.

    `drills` are those that are on, `seeing` is whether the daemon has its view, `broken_rules` how
    many findings there are against the ledger, and `heard` when each other shard was heard of.
    """

    now: float
    claims: Mapping[str, ClaimStatus]
    checks: Mapping[str, CheckStatus]
    drills: Mapping[str, Drill]
    ledger: Ledger
    reading: Reading
    seeing: bool
    broken_rules: int
    heard: Mapping[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, board: Board, now: float) -> "Snapshot":
        """The board as it is now; call it on the event loop."""
        return cls(
            now=now,
            claims=dict(board.claims),
            checks=dict(board.checks),
            drills=board.drills.active(now),
            ledger=board.plan.ledger,
            reading=board.reading,
            seeing=board.view.up,
            broken_rules=len(board.linted.violations),
            heard=board.heard,
        )
