"""Rules on days and moments; all of them are in UTC."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from evidenced.ledger.lint.model import Broken, Subject
from evidenced.ledger.model import Item, Timestamp

SKEW = timedelta(minutes=5)
"""How far the clock of whoever writes may be ahead."""


def date_in_future(subject: Subject) -> Iterator[Broken]:
    """The last update, and each claim that is closed or cites a moment, after now."""
    now, today = subject.now + SKEW, subject.now.astimezone(UTC).date()
    updated = subject.ledger.updated
    if updated and updated > now:
        yield subject.ledger.updated_line, f"the last update is in the future: {_written(updated)}"
    for item in subject.ledger.claims:
        if item.closed and item.closed > today:
            yield item.line, f"{item.title!r} is closed in the future: {item.closed}"
        for at in _moments(item):
            if at > now:
                yield item.line, f"{item.title!r} cites a moment in the future: {_written(at)}"


def updated_older_than_items(subject: Subject) -> Iterator[Broken]:
    """The last update, where a claim is of a later day: the newest one is named."""
    updated = subject.ledger.updated
    if updated is None:
        return
    days = [(day, item) for item in subject.ledger.claims for day in _days(item)]
    if not days:
        return
    day, newest = max(days, key=lambda found: found[0])
    if day > updated.date():
        message = f"the last update is of {updated.date()}, but {newest.title!r} is of {day}"
        yield subject.ledger.updated_line, message


def _days(item: Item) -> Iterator[date]:
    if item.closed:
        yield item.closed
    yield from (at.date() for at in _moments(item))


def _moments(item: Item) -> Iterator[datetime]:
    for reference in item.references:
        if isinstance(reference, Timestamp):
            yield reference.at


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
