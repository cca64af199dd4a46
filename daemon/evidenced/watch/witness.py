"""Before a failure counts: a fresh look at what else may be the matter."""

import asyncio
from contextlib import suppress

from evidenced.probes.attempt import Outcome
from evidenced.watch.board import Board
from evidenced.watch.observation import Observation
from evidenced.watch.schedule import Schedule
from evidenced.watch.verdict import Standing


async def ask_witnesses(observation: Observation, board: Board, schedule: Schedule) -> None:
    """Let the sentinels and the checks that this one depends on look again, if it failed.

    A failure that is recorded before they noticed the same outage would be held against its own
    target. What is contradicted already needs no witness, and none is waited for longer than the
    interval of the check.
    """
    check = observation.check
    status = board.checks.get(check.name)
    if (
        observation.result is not Outcome.FAILURE
        or status is None
        or status.state.standing is Standing.CONTRADICTED
        or check.name in board.plan.sentinels
    ):
        return
    names = {*board.plan.sentinels, *check.depends_on} & set(board.checks)
    if names:
        with suppress(TimeoutError):
            async with asyncio.timeout(check.timing.interval):
                await asyncio.gather(*(schedule.fresh(name) for name in names))
