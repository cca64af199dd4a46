"""The frame of one attempt of kind http: deadline, clock, judgements, and what went wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from time import time

import structlog

from evidenced.config.kinds.http import HttpSettings
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Attempt, Fact, Failure, Judgement, Outcome, Reason, one_line
from evidenced.probes.certificate import certificate_facts, refused_chain
from evidenced.probes.course import Course
from evidenced.probes.exchange import Exchange, RouteError
from evidenced.probes.expectations.answer import Answer
from evidenced.probes.expectations.certificate import judge_certificate
from evidenced.probes.expectations.http import judge
from evidenced.probes.filecache import FileError
from evidenced.probes.plain import First
from evidenced.probes.proxied import proxy_failure
from evidenced.probes.request import Request
from evidenced.probes.resources import Resources
from evidenced.probes.route import FAMILIES, Route
from evidenced.probes.trouble import failure_of, network_failure, overdue
from evidenced.probes.trust import TrustError
from evidenced.probes.visitor import Visitor

_JUDGED_APART = 64 * 1024
"""Bytes of a body above which it is judged in a thread: parsing or searching more would keep the
event loop, and so every other check, waiting for milliseconds."""

_NOT_OURS = frozenset({Reason.INTERNAL, Reason.DEPENDENCY})

log = structlog.get_logger()


class Visit:
    """One attempt under way: one request, or several in a row with cookies in common.

    `take` runs what is to be done, which asks with `ask`; what was seen gathers here meanwhile.
    `after` is a course that has ended and that this one goes on from.
    """

    def __init__(
        self,
        settings: HttpSettings,
        resources: Resources,
        route: Route | None = None,
        after: Course | None = None,
    ) -> None:
        self.settings = settings
        self.resources = resources
        self.judgements: list[Judgement] = []
        self.course = Course(
            keep=settings.reuse_connection,
            route=route or Route(FAMILIES[settings.ip]),
            after=after,
        )
        self._exchange: Exchange | None = None
        self._asked: HttpSettings = settings
        self._answer: Answer | None = None
        self._step = self._last_step = ""
        self._reading = ""

    @property
    def unmet(self) -> Judgement | None:
        """The first expectation that was not met, or None."""
        return next((each for each in self.judgements if not each.met), None)

    async def ask(self, visitor: Visitor, settings: HttpSettings, step: str = "") -> Answer:
        """Ask once, over redirects, and judge the answer; the clock stands still while judging.

        `step` is put before the names of the expectations. Raises what `Exchange.run` raises,
        ValueError where there is no address to ask, and FileError.
        """
        self._asked, self._answer = settings, None
        self._step = self._last_step = step
        first = await self._first(settings, step)
        self.course.resume()
        begun = self.course.duration if step else 0.0
        self._exchange = Exchange(settings, self.course, first, begun)
        self._answer = await self._exchange.run(visitor, self.resources)
        # What is found in an answer may be what it was asked with.
        spared = self._exchange.unrepeated
        judged = await self._judgements(settings, self._answer)
        self.judge(
            *(each if each.met else replace(each, found=spared(each.found)) for each in judged)
        )
        return self._answer

    async def _first(self, settings: HttpSettings, step: str) -> First:
        if settings.body_file:
            body = await self.resources.file(settings.body_file)
            return First(Request.first(settings, body), None)
        # The settings of a step are made for it anew, and what it is answered it may have to keep.
        return First(Request.first(settings), None) if step else self.resources.first.of(settings)

    def refuse(self, step: str, judgement: Judgement) -> None:
        """Add the judgement of a step that cannot be asked."""
        self._step = self._last_step = step
        self.judge(judgement)

    def over(self) -> None:
        """From here on it is about the attempt as a whole, not about a step of it."""
        self._step = ""

    def judge(self, *judgements: Judgement) -> None:
        """Add judgements, each under the name of the step that it belongs to."""
        if self._step:
            self.judgements += [
                replace(each, name=f"{self._step}/{each.name}") for each in judgements
            ]
        else:
            self.judgements += judgements

    async def take(self, timeout: float, run: Callable[[Visitor], Awaitable[None]]) -> Attempt:
        """Run it and say how it ended; never raises but where it is cancelled from outside."""
        failure: Failure | None = None
        try:
            async with asyncio.timeout(timeout - self.course.duration) as deadline:
                await self._prepare()
                with self.course:
                    keep = self.settings.reuse_connection
                    async with Visitor(self.resources, keep=keep) as visitor:
                        await run(visitor)
        except Exception as error:  # noqa: BLE001  a probe never raises: one check must not end others
            if isinstance(error, TimeoutError) and deadline.expired():
                failure = self._overdue(timeout)
            else:
                failure = self._failure_of(error)
        self._judge_refused()
        return Attempt(
            _outcome(failure := failure or self._unmet()),
            self.course.started,
            self.course.duration,
            failure and self._named(failure),
            tuple(self.judgements),
            self.course.phases if self.course.begun else {},
            self._facts(),
        )

    async def _prepare(self) -> None:
        """What is read before the clock starts: it is no time of the target's."""
        addresses = [self.settings.url, *(step.url for step in self.settings.steps)]
        if any(address.lower().startswith("https:") for address in addresses):
            self._reading = "the authorities to trust were"
            await self.resources.trust(self.settings.tls)
        files = [self.settings.body_file, *(step.body_file for step in self.settings.steps)]
        self._reading = "the body to send was"
        for file in filter(None, files):
            await self.resources.file(file)

    async def _judgements(self, settings: HttpSettings, answer: Answer) -> tuple[Judgement, ...]:
        expect = settings.expect
        judging = partial(_judge, settings, answer)
        reads_it = expect.body or expect.json_ or expect.html
        if len(answer.body.data) > _JUDGED_APART and reads_it:
            return await self.resources.apart(judging)
        return judging()

    def _judge_refused(self) -> None:
        """Judge the certificate of a handshake that ended because it was not trusted."""
        expect = self._asked.expect.certificate
        if self.course.refused and expect is not None:
            self.judge(*judge_certificate(expect, refused_chain(self.course.refused), time()))

    def _unmet(self) -> Failure | None:
        return Failure.of(self.unmet) if self.unmet else None

    def _named(self, failure: Failure) -> Failure:
        if not self._step:
            return failure
        return replace(failure, detail=one_line(f"step {self._step}: {failure.detail}"))

    def _facts(self) -> Mapping[str, Fact]:
        facts = self._exchange.facts if self._exchange else {}
        if self._last_step:
            facts["step"] = self._last_step
        return {**facts, **certificate_facts(refused_chain(self.course.refused))}

    def _failure_of(self, error: Exception) -> Failure:
        if isinstance(error, FileError | TrustError):
            return Failure(Reason.INTERNAL, "", one_line(str(error)))
        if isinstance(error, RouteError):
            return Failure(Reason.DNS, "", one_line(str(error)))
        if self._exchange is None:
            if isinstance(error, ValueError):
                detail = one_line(f"nothing that can be asked: {error}")
                return Failure(Reason.INTERNAL, "", detail)
            found = None
        else:
            asked = self._exchange.address
            found = proxy_failure(error, self.settings.proxy, asked)
            found = found or failure_of(error, self.course, asked)
            found = found or network_failure(error, self.course, asked)
        return found or self._unforeseen()

    def _overdue(self, timeout: float) -> Failure:
        """The failure of a deadline that has passed: the target's, unless it is ours to hurry."""
        if self._exchange is not None and self._answer is None:
            return overdue(timeout, self.course, self._exchange.address)
        late = "the answer was not judged" if self._answer else f"{self._reading} not read"
        return Failure(Reason.INTERNAL, "", f"{late} within {format_duration(timeout)}")

    def _unforeseen(self) -> Failure:
        target = self._exchange.address.shown if self._exchange else self.settings.target
        log.exception("probe failed in an unforeseen way", target=target)
        return Failure(Reason.INTERNAL, "", "the probe failed in an unforeseen way; see the log")


def _judge(settings: HttpSettings, answer: Answer) -> tuple[Judgement, ...]:
    return tuple(judge(settings.expect, answer, settings.body_limit))


def _outcome(failure: Failure | None) -> Outcome:
    if failure is None:
        return Outcome.SUCCESS
    return Outcome.UNKNOWN if failure.reason in _NOT_OURS else Outcome.FAILURE
