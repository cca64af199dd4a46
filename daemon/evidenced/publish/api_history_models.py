"""What the API tells of the past: records of evidence, and runs of checks."""

import json
from datetime import datetime
from typing import Self

from pydantic import JsonValue

from evidenced.evidence.canonical import canonical
from evidenced.evidence.records import Evidence, Span
from evidenced.evidence.spans import Uptime
from evidenced.publish.api_models import Answer, at_utc
from evidenced.workflow.edits import excerpt
from evidenced.workflow.proof import intact


class EvidenceAnswer(Answer):
    """A change of a claim's standing: `check` and `location` are null where none brought it about.

    `why` is why the check failed ("" where it did not); a `drill` is a change only rehearsed.
    `hash` is that of the whole record, and `previous` that of the record before it.
    """

    id: int
    at: datetime
    claim: str
    section: str
    before: str
    standing: str
    check: str | None
    location: str | None
    why: str
    drill: bool
    hash: str
    previous: str

    @classmethod
    def of(cls, record: Evidence) -> Self:
        """The answer about one."""
        return cls(
            id=record.id,
            at=at_utc(record.at),
            claim=record.claim,
            section=record.section,
            before=record.before,
            standing=record.standing,
            check=record.check or None,
            location=record.location or None,
            why=excerpt(record),
            drill=record.drill,
            hash=record.hash,
            previous=record.previous,
        )


class EvidenceDetail(EvidenceAnswer):
    """A change of standing with its proof: what was asked, and what came back, secrets left out.

    `intact` is false where the record does not have the hash that it carries.
    """

    intact: bool
    proof: JsonValue

    @classmethod
    def about(cls, record: Evidence) -> Self:
        """The answer about one."""
        # A number that JSON has no word for is written as the hash has it.
        proof = json.loads(canonical(record.proof))
        return cls(**dict(EvidenceAnswer.of(record)), intact=intact(record), proof=proof)


class EvidenceList(Answer):
    """Records, the newest first; `next` is the cursor of the next page, null on the last one."""

    evidence: tuple[EvidenceAnswer, ...]
    next: str | None


class UptimeAnswer(Answer):
    """How a period went, in seconds; `ratio` is the part of the time seen that was up, or null."""

    up: float
    down: float
    unseen: float
    ratio: float | None

    @classmethod
    def of(cls, one: Uptime) -> Self:
        """The answer about one."""
        return cls(up=one.up, down=one.down, unseen=one.unseen, ratio=one.ratio)


class SpanAnswer(Answer):
    """Runs in a row that ended alike: from when until when, how many, and how long they took.

    `shortest`, `mean` and `longest` are the seconds of one run.
    """

    status: str
    start: datetime
    end: datetime
    runs: int
    shortest: float
    mean: float
    longest: float
    location: str | None

    @classmethod
    def of(cls, span: Span) -> Self:
        """The answer about one."""
        return cls(
            status=span.status,
            start=at_utc(span.start),
            end=at_utc(span.end),
            runs=span.count,
            shortest=span.shortest,
            mean=span.mean,
            longest=span.longest,
            location=span.location or None,
        )


class CheckHistory(Answer):
    """How a check went in a period: its uptime, and its runs, the newest first.

    `next` is the cursor of the next page, null on the last one.
    """

    name: str
    since: datetime
    until: datetime
    uptime: UptimeAnswer
    spans: tuple[SpanAnswer, ...]
    next: str | None
