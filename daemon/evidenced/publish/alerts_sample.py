"""How good the subject of an SLO is right now, read off the board: the samples of `slo_samples`."""

from evidenced.probes.attempt import Outcome, Reason
from evidenced.publish.alerts_minutes import Sample
from evidenced.publish.alerts_text import found
from evidenced.publish.slo import Objective
from evidenced.watch.board import Board, CheckStatus
from evidenced.watch.verdict import Standing

_KNOWN = (Standing.VERIFIED, Standing.CONTRADICTED)
_TOLD = (Outcome.SUCCESS, Outcome.FAILURE)


def sample(objective: Objective, board: Board) -> Sample:
    """Whether it is good; None where nobody can tell, or what there is says nothing of it.

    A drill changes nothing of what the board says, so it is left out by itself.
    """
    if not board.view.up:
        return None
    if objective.kind == "claim":
        return _of_claim(objective, board)
    return _of_check(objective, board)


def has(objective: Objective, board: Board) -> bool:
    """Whether this daemon is the one, of several that share the work, to tell of its subject."""
    share = board.share
    if objective.kind == "claim":
        return share.has_claim(objective.name)
    return share.has_check(objective.name)


def _of_check(objective: Objective, board: Board) -> Sample:
    status = board.checks.get(objective.name)
    if status is None or status.last is None or status.maintenance is not None:
        return None
    if status.last.result not in _TOLD or _waits(status):
        return None
    quick = _within(status.last.last.duration, objective.slo.latency)
    return quick and status.last.result is Outcome.SUCCESS


def _of_claim(objective: Objective, board: Board) -> Sample:
    claim = board.claims.get(objective.name)
    if claim is None or claim.standing not in _KNOWN:
        return None
    checks = [board.checks[name] for name in claim.checks if name in board.checks]
    if any(one.maintenance is not None for one in checks):
        return None
    good = claim.standing is Standing.VERIFIED
    if objective.slo.latency is None:
        return good
    took = [one.last.last.duration for one in checks if one.last is not None]
    return good and _within(max(took), objective.slo.latency) if took else None


def _waits(status: CheckStatus) -> bool:
    """Whether it fails because what it depends on does."""
    return any(reason == Reason.DEPENDENCY.value for reason, _ in found(status))


def _within(seconds: float, latency: float | None) -> bool:
    return latency is None or seconds <= latency
