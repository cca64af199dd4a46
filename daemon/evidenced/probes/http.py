"""The look at one HTTP address: ask, follow, read, judge, all within one deadline."""

import asyncio
from functools import partial

import structlog

from evidenced.config.kinds.http import HttpSettings
from evidenced.config.types import format_duration
from evidenced.probes.address import Address
from evidenced.probes.attempt import Attempt, Failure, Judgement, Outcome, Reason, one_line
from evidenced.probes.course import Course
from evidenced.probes.exchange import Exchange
from evidenced.probes.expectations.answer import Answer
from evidenced.probes.expectations.http import judge
from evidenced.probes.resources import Resources
from evidenced.probes.trouble import failure_of, overdue
from evidenced.probes.trust import earliest_expiry

_JUDGED_APART = 64 * 1024
"""Bytes of a body above which it is judged in a thread: parsing or searching more would keep the
event loop, and so every other check, waiting for milliseconds."""

log = structlog.get_logger()


async def probe(settings: HttpSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at an HTTP address; see `Probe` for what holds for all kinds.

    Facts: `status_code`, `redirects` (followed), `content_length` (-1 where the answer does not
    say), `body_bytes` (decompressed, as far as read), `ssl`, `version`, `ip_protocol`, `address`,
    `final_url`, `location` (the last one seen), `last_modified` and `cert_expiry` (the first of the
    certificates shown, trusted or not; both in Unix time). Addresses are without user information
    and query. Judgements are there where there was an answer to judge.
    """
    course = Course(keep=settings.reuse_connection)
    try:
        exchange = Exchange(settings, course)
    except ValueError as error:
        amiss = Failure(Reason.INTERNAL, "", one_line(f"nothing that can be asked: {error}"))
        return Attempt(Outcome.UNKNOWN, course.started, course.duration, amiss)
    failure: Failure | None = None
    answer: Answer | None = None
    judgements: tuple[Judgement, ...] = ()
    try:
        async with asyncio.timeout(timeout) as deadline:
            if exchange.address.scheme == "https":
                # Before the clock starts: reading authorities is no time of the target's.
                await resources.trust(settings.tls)
            with course:
                answer = await exchange.run(resources)
            judgements = await _judgements(settings, answer, resources)
        failure = next((Failure.of(each) for each in judgements if not each.met), None)
    except Exception as error:  # noqa: BLE001  a probe never raises: one check must not end others
        if isinstance(error, TimeoutError) and deadline.expired():
            failure = _overdue(timeout, course, exchange.address, answer)
        else:
            failure = failure_of(error, course, exchange.address) or _unforeseen(exchange.address)
    facts = exchange.facts
    if (expiry := earliest_expiry(course.refused)) is not None:
        facts["cert_expiry"] = expiry
    return Attempt(
        _outcome(failure),
        course.started,
        course.duration,
        failure,
        judgements,
        course.phases,
        facts,
    )


async def _judgements(
    settings: HttpSettings, answer: Answer, resources: Resources
) -> tuple[Judgement, ...]:
    expect = settings.expect
    judging = partial(_judge, settings, answer)
    if len(answer.body.data) > _JUDGED_APART and (expect.body or expect.json_):
        return await resources.apart(judging)
    return judging()


def _judge(settings: HttpSettings, answer: Answer) -> tuple[Judgement, ...]:
    return tuple(judge(settings.expect, answer, settings.body_limit))


def _outcome(failure: Failure | None) -> Outcome:
    if failure is None:
        return Outcome.SUCCESS
    return Outcome.UNKNOWN if failure.reason is Reason.INTERNAL else Outcome.FAILURE


def _overdue(timeout: float, course: Course, address: Address, answer: Answer | None) -> Failure:
    """The failure of a deadline that has passed: the target's, unless it is ours to hurry."""
    if course.begun and answer is None:
        return overdue(timeout, course, address)
    late = "the answer was not judged" if answer else "the authorities to trust were not read"
    return Failure(Reason.INTERNAL, "", f"{late} within {format_duration(timeout)}")


def _unforeseen(address: Address) -> Failure:
    log.exception("probe failed in an unforeseen way", target=address.shown)
    return Failure(Reason.INTERNAL, "", "the probe failed in an unforeseen way; see the log")
