"""Rules on claims: what is closed has a day and evidence, what is stable has a check."""

from collections.abc import Iterator

from evidenced.ledger.lint.model import Broken, Subject
from evidenced.ledger.model import Section, Timestamp


def closed_without_date(subject: Subject) -> Iterator[Broken]:
    """Each item of CLOSED without a closing date, but for those whose date is none."""
    told = {one.line for one in subject.ledger.findings if one.rule == "closed-date-invalid"}
    for item in subject.ledger.sections.get(Section.CLOSED, ()):
        if item.closed is None and item.line not in told:
            yield item.line, f"{item.title!r} does not say when it was closed"


def closed_without_evidence(subject: Subject) -> Iterator[Broken]:
    """Each item of CLOSED that cites nothing; a moment alone is no evidence."""
    for item in subject.ledger.sections.get(Section.CLOSED, ()):
        if all(isinstance(reference, Timestamp) for reference in item.references):
            yield item.line, f"{item.title!r} cites no evidence"


def stable_without_check(subject: Subject) -> Iterator[Broken]:
    """Each item of STABLE that no check speaks for."""
    for item in subject.ledger.sections.get(Section.STABLE, ()):
        if item.id in (subject.silent or ()):
            yield item.line, f"no check speaks for {item.title!r}"


def document_missing(subject: Subject) -> Iterator[Broken]:
    """Each document that a claim cites and the repository lacks."""
    for item in subject.ledger.claims:
        for path in (subject.missing or {}).get(item.id, ()):
            yield item.line, f"{item.title!r} cites {path}, which is not in the repository"
