"""What is the matter with claims: contradicted, not freshly verified, or made so in a drill."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from evidenced.ledger.model import Section
from evidenced.probes.attempt import Reason
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.alerts_text import contradicted, found, not_verified
from evidenced.publish.metrics_claims import claim_labels
from evidenced.publish.metrics_drill import LABEL as DRILL
from evidenced.publish.rules_settings import Patience
from evidenced.watch.board import Basis, Board, CheckStatus, ClaimStatus
from evidenced.watch.verdict import Standing

CONTRADICTED: Mapping[str, str] = MappingProxyType(
    {
        Section.STABLE.value: "EvidencedStableClaimContradicted",
        Section.CLOSED.value: "EvidencedClosedClaimContradicted",
    }
)
"""The alert for a contradicted claim, by the section that it stands in."""

NOT_VERIFIED = "EvidencedClaimNotVerified"
_PUSH, _WAITS = "push", Reason.DEPENDENCY.value
_UNSURE = frozenset({Standing.STALE, Standing.UNKNOWN, Standing.UNVERIFIED})


def claim_matters(board: Board, sender: Sender, patience: Patience, now: float) -> Iterator[Matter]:
    """What is the matter with the claims of a board; the time is in seconds since the epoch."""
    for claim in list(board.own_claims.values()):
        if claim.standing is Standing.CONTRADICTED:
            yield _contradicted(claim, board, sender)
        elif _is_unsure(claim, board):
            yield _not_verified(claim, board, sender, patience)
    for drill in board.drills.active(now).values():
        if drill.claim in board.claims and board.share.has_claim(drill.claim):
            yield _contradicted(board.claims[drill.claim], board, sender, began=drill.began)


def _is_unsure(claim: ClaimStatus, board: Board) -> bool:
    """What is blind has an alert elsewhere: of the view, or of the check that it depends on.

    What only waits for its first push is contradicted once that is overdue.
    """
    if claim.standing not in _UNSURE or claim.basis is not Basis.LIVE or claim.blind is not None:
        return False
    checks = _checks(claim, board)
    others = [one for one in checks if not _waits(one)]
    return len(others) == len(checks) or any(
        one.standing not in (Standing.VERIFIED, Standing.UNVERIFIED) for one in others
    )


def _waits(status: CheckStatus) -> bool:
    """Whether it waits for its first push."""
    return status.check.kind == _PUSH and any(reason == _WAITS for reason, _ in found(status))


def _contradicted(
    claim: ClaimStatus, board: Board, sender: Sender, began: float | None = None
) -> Matter:
    """A contradicted claim; `began` is since when a drill makes it so."""
    labels = {"job": sender.job, **claim_labels(claim)}
    checks, drill = _checks(claim, board), began is not None
    return Matter(
        CONTRADICTED[claim.item.section.value],
        {**labels, DRILL: "true"} if drill else labels,
        contradicted(claim, checks, sender.location, drill=drill),
        since=began if drill else claim.since,
    )


def _not_verified(claim: ClaimStatus, board: Board, sender: Sender, patience: Patience) -> Matter:
    # Only a start leaves a claim unverified, so only this must wait for the slowest check.
    unverified = claim.standing is Standing.UNVERIFIED
    slow = unverified and patience.slowest > patience.usual
    return Matter(
        NOT_VERIFIED,
        {"job": sender.job, **claim_labels(claim)},
        not_verified(claim, _checks(claim, board), sender.location),
        since=None if unverified else claim.since,
        patience=patience.slowest if slow else 0.0,
    )


def _checks(claim: ClaimStatus, board: Board) -> list[CheckStatus]:
    return [board.checks[name] for name in claim.checks if name in board.checks]
