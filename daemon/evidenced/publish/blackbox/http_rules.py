"""What an HTTP answer must be by a module: its status, version, headers and body."""

import json
from collections.abc import Sequence

from multidict import CIMultiDictProxy

from evidenced.config.blackbox.http import HeaderMatch, HttpModule
from evidenced.publish.blackbox.log import ProbeLog

CEL_LIMIT = 1024 * 1024
"""Bytes of a JSON document that expressions are evaluated over."""

_INT64 = 2**63


def is_valid_status(status: int, keys: HttpModule, log: ProbeLog) -> bool:
    """Whether the status is one that the module takes."""
    valid = status in keys.valid_status_codes if keys.valid_status_codes else 200 <= status < 300
    if not valid:
        wanted = ",".join(map(str, keys.valid_status_codes)) or "2xx"
        log.tell("Invalid HTTP response status code", status_code=status, wanted=wanted)
    return valid


def is_valid_version(version: str, keys: HttpModule, log: ProbeLog) -> bool:
    """Whether the version of HTTP is one that the module takes."""
    if not keys.valid_http_versions or version in keys.valid_http_versions:
        return True
    log.fail("Invalid HTTP version number", version=version)
    return False


def headers_match(headers: CIMultiDictProxy[str], keys: HttpModule, log: ProbeLog) -> bool:
    """Whether the headers are as the module's patterns say; `allow_missing` is for both."""
    for rule in keys.fail_if_header_matches:
        if _missing(headers, rule):
            if not rule.allow_missing:
                log.fail("Missing required header", header=rule.header)
                return False
        elif _any(headers.getall(rule.header), rule):
            log.fail("Header matched regular expression", header=rule.header, regexp=rule.regexp)
            return False
    for rule in keys.fail_if_header_not_matches:
        if _missing(headers, rule):
            if not rule.allow_missing:
                log.fail("Missing required header", header=rule.header)
                return False
        elif not _any(headers.getall(rule.header), rule):
            log.fail(
                "Header did not match regular expression", header=rule.header, regexp=rule.regexp
            )
            return False
    return True


def body_matches(body: bytes, keys: HttpModule, log: ProbeLog) -> bool:
    """Whether the body is as the module's patterns say. May take long: one for a thread."""
    text = body.decode("utf-8", "replace")
    for pattern in keys.fail_if_body_matches_regexp:
        if pattern.found_in(text):
            log.fail("Body matched regular expression", regexp=pattern)
            return False
    for pattern in keys.fail_if_body_not_matches_regexp:
        if not pattern.found_in(text):
            log.fail("Body did not match regular expression", regexp=pattern)
            return False
    return True


def json_matches(body: bytes, keys: HttpModule, log: ProbeLog) -> bool:
    """Whether the body, as JSON, is as the module's expressions say. One for a thread."""
    if len(body) > CEL_LIMIT:
        log.fail("Body is too long for CEL", bytes=len(body), limit=CEL_LIMIT)
        return False
    try:
        document = json.loads(body, parse_int=_number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        log.fail("Error unmarshalling HTTP body to JSON")
        return False
    for expression, wanted in (
        (keys.fail_if_body_json_matches_cel, False),
        (keys.fail_if_body_json_not_matches_cel, True),
    ):
        if expression is None:
            continue
        try:
            holds = expression.holds(document)
        except ValueError as error:
            log.fail("Error evaluating CEL expression", expression=expression, err=error)
            return False
        if holds is not wanted:
            said = "Body matched CEL expression" if holds else "Body did not match CEL expression"
            log.fail(said, expression=expression)
            return False
    return True


def has_cel(keys: HttpModule) -> bool:
    """Whether the module has an expression in CEL."""
    return bool(keys.fail_if_body_json_matches_cel or keys.fail_if_body_json_not_matches_cel)


def has_body_patterns(keys: HttpModule) -> bool:
    """Whether the module has patterns for bodies."""
    return bool(keys.fail_if_body_matches_regexp or keys.fail_if_body_not_matches_regexp)


def has_header_patterns(keys: HttpModule) -> bool:
    """Whether the module has patterns for headers."""
    return bool(keys.fail_if_header_matches or keys.fail_if_header_not_matches)


def _missing(headers: CIMultiDictProxy[str], rule: HeaderMatch) -> bool:
    return rule.header not in headers


def _any(values: Sequence[str], rule: HeaderMatch) -> bool:
    return any(rule.regexp.found_in(value) for value in values)


def _number(text: str) -> int | float:
    number = int(text) if len(text) < 20 else float(text)
    return number if -_INT64 <= number < _INT64 else float(number)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")
