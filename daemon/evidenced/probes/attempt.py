"""What one look gives: an attempt with its outcome, the facts seen, and why it failed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

DETAIL_LIMIT = 160
"""Characters of a failure's detail, so that it fits a page and a label."""

Fact = str | int | float | bool


class Outcome(StrEnum):
    """How an attempt or a run ended; unknown where the looker, not the target, is at fault."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why an attempt failed: a fixed list, in the order in which a look gets there."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    STATUS = "status"
    REDIRECT = "redirect"
    HEADER = "header"
    BODY = "body"
    JSON = "json"
    HTML = "html"
    LATENCY = "latency"
    CERTIFICATE = "certificate"
    TOO_LARGE = "too_large"
    PROTOCOL = "protocol"
    DEPENDENCY = "dependency"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One expectation held against what was seen.

    `name` is the expectation's name in `probe_expectation_met`, such as `status` or
    `json:$.database`. `expected` and `found` are short and hold nothing of a body.
    """

    name: str
    met: bool
    expected: str
    found: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed: the reason, the expectation that was not met (or ""), one line."""

    reason: Reason
    expectation: str
    detail: str

    @classmethod
    def of(cls, judgement: Judgement) -> "Failure":
        """The failure that an unmet expectation is."""
        detail = f"expected {judgement.expected}, found {judgement.found}"
        return cls(judgement.reason, judgement.name, one_line(detail))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a probe.

    `started` is in seconds since the epoch, `duration` in seconds by the monotonic clock, `phases`
    are parts of it by name. What `facts` there are is up to the kind; a fact that could not be
    seen is absent.
    """

    outcome: Outcome
    started: float
    duration: float
    failure: Failure | None = None
    judgements: tuple[Judgement, ...] = ()
    phases: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)


def one_line(text: str) -> str:
    """The text on one line, control characters gone, at most DETAIL_LIMIT characters."""
    if len(text) <= DETAIL_LIMIT and text.isprintable() and " ".join(text.split()) == text:
        return text
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= DETAIL_LIMIT else line[: DETAIL_LIMIT - 1] + "…"
