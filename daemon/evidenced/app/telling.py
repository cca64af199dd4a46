"""What the log says of changes of standing, and of what was read."""

from collections.abc import Iterable

import structlog

from evidenced.app.loading import Loaded
from evidenced.evidence.repeats import Repeats
from evidenced.watch.board import Board, Change
from evidenced.watch.plan import Plan
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


def tell_loaded(before: Loaded, after: Loaded, repeats: Repeats) -> None:
    """Log how a reload went; a problem that each of many finds again is summed up."""
    log = structlog.get_logger()
    for problem in after.problems:
        what = "not taken over, the last good one stays in force"
        repeats.trouble(problem, log.error, what, problem=problem)
    repeats.keep(after.problems)
    for key in ("listen", "location", "concurrency"):
        if getattr(after.config, key) != getattr(before.config, key):
            log.warning("a change of this key takes a restart", key=key)
    here, there = before.config.shard, after.config.shard
    if (here is None) is not (there is None) or (here and there and here.index != there.index):
        log.warning("a change of this key takes a restart", key="shard.index")
    if not after.problems:
        log.info("reloaded", checks=len(after.plan.checks))
        tell_warnings(after)
    tell_plan(after.plan)


def tell_warnings(loaded: Loaded) -> None:
    """Log what in the configuration is to be written otherwise before the next release."""
    log = structlog.get_logger()
    for problem in loaded.warnings:
        log.warning("to be written otherwise", problem=problem)


def tell_plan(plan: Plan) -> None:
    """Log what in a plan names something that is not there."""
    log = structlog.get_logger()
    for who, name, nearest in plan.unmet:
        log.warning("named, but not there", by=who, name=name, nearest=nearest)
    for check, claim, nearest in plan.strays:
        log.warning(
            "a check names a claim that the ledger does not have",
            check=check,
            claim=claim,
            nearest=nearest,
        )
    for name in plan.doubled:
        log.warning("several lists have this target, the first one holds", check=name)
