"""What the log says of changes of standing."""

from collections.abc import Iterable

import structlog

from evidenced.watch.board import Board, Change
from evidenced.watch.verdict import Standing


def tell_changes(board: Board, changed: Iterable[Change]) -> None:
    """Log each change, with the failure that brought it about where one did."""
    log = structlog.get_logger()
    for change in changed:
        claim = change.claim
        state = board.checks[change.check].state if change.check else None
        failure = state.failure if state else None
        proof = (
            {"reason": failure.reason.value, "detail": failure.detail}
            if failure and claim.standing is Standing.CONTRADICTED
            else {}
        )
        say = log.info if claim.standing is Standing.VERIFIED else log.warning
        say(
            "standing changed",
            claim=claim.item.id,
            section=claim.item.section.value,
            before=change.before.value,
            standing=claim.standing.value,
            check=change.check,
            **proof,
        )
