"""The frame of a look over one connection: deadline, clock, judgements, and what went wrong."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator

import structlog

from evidenced.config.kinds.stream import StreamExpect
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Attempt, Fact, Failure, Judgement, Outcome, Reason, one_line
from evidenced.probes.certificate import Chain, certificate_facts, refused_chain
from evidenced.probes.course import Course
from evidenced.probes.expectations.certificate import judge_certificate
from evidenced.probes.expectations.http import judge_latency
from evidenced.probes.stream import FloodError, LeftoverError
from evidenced.probes.trouble import Peer, network_failure, overdue
from evidenced.probes.trust import TrustError

log = structlog.get_logger()

_NOT_OURS = frozenset({Reason.INTERNAL, Reason.DEPENDENCY})


class LookError(Exception):
    """What ends a look: the failure that it is."""

    def __init__(self, reason: Reason, detail: str, expectation: str = "") -> None:
        super().__init__(detail)
        self.failure = Failure(reason, expectation, one_line(detail))


class Look(ABC):
    """One look over one connection, which says at any time how far it has come.

    A kind says what is done in `prepare` (which is no time of the target's) and `run`, and may say
    more in `failure_of`. What it sees goes to `facts`, `chain` and `judgements`.
    """

    def __init__(self, peer: Peer, expect: StreamExpect) -> None:
        self.peer = peer
        self.facts: dict[str, Fact] = {}
        self.chain = Chain()
        self.judgements: list[Judgement] = []
        self.course = Course()
        self._expect = expect
        self._finished = False

    async def prepare(self) -> None:  # noqa: B027  not every kind needs something
        """What is needed before the clock starts, such as the authorities to trust."""

    def finish(self) -> None:
        """All has been seen: the clock stops, and what is still to be closed is no matter."""
        self.course.end()
        self._finished = True

    @abstractmethod
    async def run(self) -> None:
        """Do what the kind does; raises LookError, or the errors of sockets and TLS."""

    def failure_of(self, error: Exception) -> Failure | None:
        """The failure that an exception means; None where nobody has foreseen it."""
        match error:
            case LookError():
                return error.failure
            case TrustError():
                return LookError(Reason.INTERNAL, str(error)).failure
            case FloodError():
                return LookError(Reason.TOO_LARGE, f"{self.peer.peer} {error}").failure
            case LeftoverError():
                detail = f"{self.peer.peer} goes on in the clear where TLS is to begin"
                return LookError(Reason.PROTOCOL, detail).failure
        return network_failure(error, self.course, self.peer)

    def late(self, timeout: float) -> Failure:
        """The failure of a deadline that has passed."""
        if not self.course.begun:
            detail = f"the look did not begin within {format_duration(timeout)}"
            return LookError(Reason.INTERNAL, detail).failure
        return overdue(timeout, self.course, self.peer)

    async def take(self, timeout: float) -> Attempt:
        """Take the look; never raises but where it is cancelled from outside."""
        failure: Failure | None = None
        try:
            async with asyncio.timeout(timeout) as deadline:
                await self.prepare()
                with self.course:
                    await self.run()
        except Exception as error:  # noqa: BLE001  a probe never raises: one check must not end others
            if isinstance(error, TimeoutError) and deadline.expired():
                failure = None if self._finished else self.late(timeout)
            else:
                failure = self.failure_of(error) or self._unforeseen()
        if self.course.refused:
            self.chain = refused_chain(self.course.refused)
        self.judgements += self._judge(over=failure is None)
        if failure is None:
            failure = next((Failure.of(each) for each in self.judgements if not each.met), None)
        return Attempt(
            _outcome(failure),
            self.course.started,
            self.course.duration,
            failure,
            tuple(self.judgements),
            self.course.phases if self.course.begun else {},
            {**self.facts, **certificate_facts(self.chain)},
        )

    def _judge(self, *, over: bool) -> Iterator[Judgement]:
        """What is expected of every connection, as far as it was seen."""
        expect = self._expect
        if expect.certificate is not None and (over or self.chain.presented):
            yield from judge_certificate(expect.certificate, self.chain, time.time())
        if expect.latency is not None and over:
            yield judge_latency(expect.latency, self.course.duration)

    def _unforeseen(self) -> Failure:
        log.exception("probe failed in an unforeseen way", target=self.peer.peer)
        detail = "the probe failed in an unforeseen way; see the log"
        return Failure(Reason.INTERNAL, "", detail)


def _outcome(failure: Failure | None) -> Outcome:
    if failure is None:
        return Outcome.SUCCESS
    return Outcome.UNKNOWN if failure.reason in _NOT_OURS else Outcome.FAILURE
