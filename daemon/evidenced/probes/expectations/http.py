"""All that an HTTP check may assert on an answer, in the order in which a failure is told."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from evidenced.config.expect import Comparison, HttpExpect
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Judgement, Reason, one_line
from evidenced.probes.expectations.answer import Answer
from evidenced.probes.expectations.body import judge_body, judge_limit
from evidenced.probes.expectations.compare import compare_any
from evidenced.probes.expectations.json import judge_json
from evidenced.probes.expectations.location import judge_location

_PUBLIC_HEADERS = frozenset(
    {
        "accept-ranges", "access-control-allow-credentials", "access-control-allow-headers",
        "access-control-allow-methods", "access-control-allow-origin", "age", "allow",
        "cache-control", "connection", "content-encoding", "content-language", "content-length",
        "content-type", "date", "expires", "last-modified", "pragma", "referrer-policy",
        "retry-after", "server", "strict-transport-security", "transfer-encoding", "vary",
        "x-content-type-options", "x-frame-options", "x-powered-by",
    }
)  # fmt: skip
"""Headers whose values may be shown: none of them carries a credential."""


def judge(expect: HttpExpect, answer: Answer, body_limit: int | None = None) -> Iterator[Judgement]:
    """One judgement for each thing expected of the answer; pure, but costly on a large body.

    The names: `status`, `location`, `header:NAME`, `body:limit` (where a limit is set),
    `body:contains`, `body:not_contains`, `body:matches`, `body:not_matches`, `json:PATH`,
    `latency`. What is expected and found holds nothing of the body and no value of a header that
    could be a secret.
    """
    for judgement in _judge(expect, answer, body_limit):
        yield replace(
            judgement, expected=one_line(judgement.expected), found=one_line(judgement.found)
        )


def _judge(expect: HttpExpect, answer: Answer, body_limit: int | None) -> Iterator[Judgement]:
    yield judge_status(expected_statuses(expect), answer.status)
    if expect.location is not None:
        yield judge_location(expect.location, answer)
    for name, comparison in expect.header.items():
        yield judge_header(name, comparison, answer.header(name))
    if body_limit is not None:
        yield judge_limit(body_limit, answer.body)
    if expect.body is not None:
        yield from judge_body(expect.body, answer.body)
    yield from judge_json(expect.json_, answer.body)
    if expect.latency is not None:
        yield judge_latency(expect.latency, answer.duration)


def expected_statuses(expect: HttpExpect) -> tuple[str, ...]:
    """The statuses that are met: those written, else 3xx where a location is expected, else 2xx."""
    return expect.status or (("3xx",) if expect.location is not None else ("2xx",))


def is_status(status: int, allowed: Iterable[str]) -> bool:
    """Whether a status is allowed, each of those a number such as 200 or a class such as 2xx."""
    return any(each in (str(status), f"{status // 100}xx") for each in allowed)


def judge_status(allowed: tuple[str, ...], status: int) -> Judgement:
    """Whether the status is one of those allowed."""
    met = is_status(status, allowed)
    return Judgement("status", met, f"status {' or '.join(allowed)}", str(status), Reason.STATUS)


def judge_header(name: str, comparison: Comparison, values: list[str]) -> Judgement:
    """Whether one of the values of a header meets the comparison; see `compare_any`."""
    verdict = compare_any(values, comparison, textual=True)
    found = verdict.found
    if len(values) == 1 and name.lower() in _PUBLIC_HEADERS:
        found = f'"{values[0]}"'
    return Judgement(
        f"header:{name}", verdict.met, f"header {name} {verdict.expected}", found, Reason.HEADER
    )


def judge_latency(longest: float, duration: float) -> Judgement:
    """Whether the attempt, from name resolution to the last byte, took no longer than this."""
    expected = f"an answer within {format_duration(longest)}"
    # Rounded up, so that what is too late by a hair does not look as if it were in time.
    found = format_duration(math.ceil(duration * 1000) / 1000)
    return Judgement("latency", duration <= longest, expected, found, Reason.LATENCY)
