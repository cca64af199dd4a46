"""Whether there is new proof against something that was closed."""

from collections.abc import Iterable
from datetime import UTC, datetime

from evidenced.evidence.records import Evidence
from evidenced.evidence.spans import DAY
from evidenced.ledger.model import Item, Section
from evidenced.watch.verdict import Standing


def reopenable(item: Item, records: Iterable[Evidence]) -> Evidence | None:
    """The newest record against a closed item that is younger than its closing date, or None.

    Only a contradiction of this very claim counts, and only from the day after the closing day on
    (in UTC): what was seen on that day or before was known, or could be, when the item was closed.
    What was merely rehearsed (a drill) proves nothing, and an item without a closing date has
    nothing that a record could be younger than.
    """
    if item.section is not Section.CLOSED or item.closed is None:
        return None
    midnight = datetime(item.closed.year, item.closed.month, item.closed.day, tzinfo=UTC)
    since = midnight.timestamp() + DAY
    against = (
        record
        for record in records
        if record.claim == item.id
        and record.standing == Standing.CONTRADICTED
        and not record.drill
        and record.at >= since
    )
    return max(against, key=lambda record: (record.at, record.id), default=None)
