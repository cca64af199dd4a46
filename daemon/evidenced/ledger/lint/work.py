"""Rules on the work: what is in progress, and what is next."""

from collections.abc import Iterator

from evidenced.ledger.lint.model import Broken, Subject
from evidenced.ledger.model import Section


def wip_limit(subject: Subject) -> Iterator[Broken]:
    """Each item in progress beyond the limit."""
    yield from _beyond(subject, Section.IN_PROGRESS, subject.limits.in_progress)


def next_limit(subject: Subject) -> Iterator[Broken]:
    """Each item of NEXT beyond the limit."""
    yield from _beyond(subject, Section.NEXT, subject.limits.next)


def next_without_done_when(subject: Subject) -> Iterator[Broken]:
    """Each item of NEXT that does not say when it is done."""
    for item in subject.ledger.sections.get(Section.NEXT, ()):
        if not item.done_when:
            yield item.line, f"{item.title!r} does not say when it is done"


def _beyond(subject: Subject, section: Section, limit: int) -> Iterator[Broken]:
    items = subject.ledger.sections.get(section, ())
    name = section.value.replace("_", " ").upper()
    for item in items[limit:]:
        yield item.line, f"{item.title!r} is beyond the limit of {limit} for {name} ({len(items)})"
