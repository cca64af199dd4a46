"""The frame of a look at the host: deadline, clock, and what each kind of trouble amounts to."""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

import structlog

from evidenced.config.types import format_duration
from evidenced.probes.attempt import Attempt, Fact, Failure, Judgement, Outcome, Reason, one_line

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen, and what is to be said of it."""

    judgements: tuple[Judgement, ...]
    facts: Mapping[str, Fact]


class UnableError(Exception):
    """The looker itself cannot see: its text says why, and what to do about it."""


class BrokenError(Exception):
    """The target failed in a way that leaves nothing to judge."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Late:
    """What it means that the deadline has passed, and during what."""

    reason: Reason
    doing: str


_NOT_OURS = frozenset({Reason.INTERNAL, Reason.DEPENDENCY})
"""Reasons that lie with the looker, so that nothing is known of the target."""


async def look(taking: Awaitable[Sight], timeout: float, late: Late) -> Attempt:
    """The attempt that an awaitable amounts to, within its timeout in seconds; never raises.

    Only cancellation from outside is passed on. UnableError is an unknown outcome with the reason
    `dependency`, BrokenError a failure, anything unforeseen an unknown outcome, and logged.
    """
    started, began = time.time(), time.monotonic()
    sight, failure = Sight((), {}), None
    try:
        async with asyncio.timeout(timeout) as deadline:
            sight = await taking
        failure = next((Failure.of(each) for each in sight.judgements if not each.met), None)
    except UnableError as error:
        failure = _failure(Reason.DEPENDENCY, str(error))
    except BrokenError as error:
        failure = _failure(error.reason, str(error))
    except Exception as error:  # A probe never raises: one check must not end others.
        if isinstance(error, TimeoutError) and deadline.expired():
            detail = f"deadline of {format_duration(timeout)} passed while {late.doing}"
            failure = _failure(late.reason, detail)
        else:
            log.exception("probe failed in an unforeseen way")
            detail = "the probe failed in an unforeseen way; see the log"
            failure = _failure(Reason.INTERNAL, detail)
    return Attempt(
        _outcome(failure),
        started,
        time.monotonic() - began,
        failure,
        sight.judgements,
        facts=sight.facts,
    )


def _outcome(failure: Failure | None) -> Outcome:
    if failure is None:
        return Outcome.SUCCESS
    return Outcome.UNKNOWN if failure.reason in _NOT_OURS else Outcome.FAILURE


def _failure(reason: Reason, detail: str) -> Failure:
    return Failure(reason, "", one_line(detail))
