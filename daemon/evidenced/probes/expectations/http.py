"""All that an HTTP check may assert on an answer, in the order in which a failure is told."""

import math
import time
from collections.abc import Iterator
from dataclasses import replace

from evidenced.config.http_expect import HeaderComparison, HttpExpect
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Judgement, Reason, one_line
from evidenced.probes.expectations.answer import Answer, Body
from evidenced.probes.expectations.body import judge_body, judge_limit, judge_size
from evidenced.probes.expectations.certificate import judge_certificate
from evidenced.probes.expectations.compare import clauses, compare_any
from evidenced.probes.expectations.html import judge_html
from evidenced.probes.expectations.json import judge_json
from evidenced.probes.expectations.location import judge_location
from evidenced.probes.expectations.redirects import judge_redirects
from evidenced.probes.expectations.status import judge_status
from evidenced.probes.shown import PUBLIC_HEADERS


def judge(expect: HttpExpect, answer: Answer, body_limit: int | None = None) -> Iterator[Judgement]:
    """One judgement for each thing expected of the answer; pure, but costly on a large body.

    The names: `status`, `http_version`, `location`, `redirects:max`, `redirects:chain`,
    `redirects:final`, `header:NAME`, `compression`, `body:limit` (where a limit is set),
    `body:size`, `body:contains`, `body:not_contains`, `body:matches`, `body:not_matches`,
    `json:PATH`, `html:SELECTOR`, those of the certificate, `latency`. What is expected and found
    holds nothing of the body and no value of a header that could be a secret.
    """
    for judgement in _judge(expect, answer, body_limit):
        expected, found = one_line(judgement.expected), one_line(judgement.found)
        if expected != judgement.expected or found != judgement.found:
            judgement = replace(judgement, expected=expected, found=found)  # noqa: PLW2901
        yield judgement


def _judge(expect: HttpExpect, answer: Answer, body_limit: int | None) -> Iterator[Judgement]:
    yield judge_status(expected_statuses(expect), answer.status)
    if expect.http_version:
        yield judge_version(expect.http_version, answer.version)
    if expect.location is not None:
        yield judge_location(expect.location, answer)
    if expect.redirects is not None:
        yield from judge_redirects(expect.redirects, answer)
    for name, comparison in expect.header.items():
        yield judge_header(name, comparison, answer.header(name))
    if expect.compression is not None:
        yield judge_compression(expect.compression, answer.header("content-encoding"))
    yield from _judge_body(expect, answer.body, body_limit)
    if expect.certificate is not None:
        yield from judge_certificate(expect.certificate, answer.chain, time.time())
    if expect.latency is not None:
        yield judge_latency(expect.latency, answer.duration)


def _judge_body(expect: HttpExpect, body: Body, limit: int | None) -> Iterator[Judgement]:
    if limit is not None:
        yield judge_limit(limit, body)
    if expect.body is not None:
        if expect.body.size is not None:
            yield judge_size(expect.body.size, body)
        yield from judge_body(expect.body, body)
    yield from judge_json(expect.json_, body)
    yield from judge_html(expect.html, body)


def expected_statuses(expect: HttpExpect) -> tuple[str, ...]:
    """The statuses that are met: those written, else 3xx where a location is expected, else 2xx."""
    return expect.status or (("3xx",) if expect.location is not None else ("2xx",))


def judge_version(allowed: tuple[str, ...], version: str) -> Judgement:
    """Whether the answer is of a version of HTTP that is allowed."""
    # Since version 2 there is no minor one; what says 2.0 means the same.
    found = version.removesuffix(".0") if version not in {"1.0", ""} else version or "none"
    expected = f"HTTP {' or '.join(allowed)}"
    return Judgement("http_version", found in allowed, expected, found, Reason.PROTOCOL)


def judge_compression(wanted: str, encodings: list[str]) -> Judgement:
    """Whether the body came in this one encoding (RFC 9110, 8.4); `identity` for none."""
    applied = [part.strip().lower() for each in encodings for part in each.split(",")]
    # RFC 9110, 8.4.1.3: x-gzip is another name of gzip.
    found = [each.removeprefix("x-") for each in applied if each not in {"", "identity"}]
    met = found == ([] if wanted == "identity" else [wanted])
    shown = ", ".join(found) or "identity"
    return Judgement("compression", met, f"content-encoding {wanted}", shown, Reason.HEADER)


def judge_header(name: str, comparison: HeaderComparison, values: list[str]) -> Judgement:
    """Whether one of the values of a header meets the comparison; see `compare_any`."""
    if not values and comparison.allow_missing:
        expected = f"header {name} {' and '.join(map(str, clauses(comparison)))}, if at all"
        return Judgement(f"header:{name}", True, expected, "nothing", Reason.HEADER)
    verdict = compare_any(values, comparison, textual=True)
    found = verdict.found
    if len(values) == 1 and name.lower() in PUBLIC_HEADERS:
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
