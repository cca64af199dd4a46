"""Reads from the store what a proof pack needs."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from evidenced.evidence.records import Evidence
from evidenced.evidence.spans import PERIODS
from evidenced.ledger.model import Item, Section
from evidenced.watch.plan import Check, Plan
from evidenced.watch.verdict import Standing
from evidenced.workflow.proof import Claimed, Kept, Proof, intact, make_proof
from evidenced.workflow.rehearsed import LONGEST

if TYPE_CHECKING:
    # It brings SQLAlchemy along, which a command needs only where it asks a store.
    from evidenced.evidence.reader import Reader

MOST = 2000
"""Records that one pack is made of: more change nothing about it, and nobody reads them."""

_PAGE = 100
_LONGEST = max(length for _, length in PERIODS)


async def collect(
    plan: Plan, claimed: Claimed, reader: "Reader", *, since: float, now: float
) -> Proof:
    """The proof pack of a claim, as of now; raises StoreTroubleError where the store is not to be
    read. Times are in seconds since the epoch."""
    checks = [check for check in plan.checks if claimed.item.id in check.claims]
    kept = await _kept(reader, claimed.item, checks, since=since, now=now)
    return make_proof(claimed, checks, kept, since=since, now=now)


async def _kept(
    reader: "Reader", item: Item, checks: list[Check], *, since: float, now: float
) -> Kept:
    """The records back to `since`, or to the closing date, the last verification, or the start of a
    drill that is on beyond it."""
    records: list[Evidence] = []
    back_to = min(since, _closing(item, since), now - LONGEST)
    verified = False
    complete = True
    async with aclosing(_newest_first(reader, item.id)) as found:
        async for record in found:
            sound = intact(record)
            if sound and verified and record.at < back_to:
                break
            if len(records) == MOST:
                complete = False
                break
            records.append(record)
            verified |= sound and record.standing == Standing.VERIFIED and not record.drill
    spans = {check.name: await reader.spans(check.name, now - _LONGEST) for check in checks}
    return Kept(tuple(records), spans, await reader.head(), complete)


def _closing(item: Item, otherwise: float) -> float:
    if item.section is not Section.CLOSED or item.closed is None:
        return otherwise
    day = item.closed
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


async def _newest_first(reader: "Reader", claim: str) -> AsyncGenerator[Evidence, None]:
    before: int | None = None
    while page := await reader.evidence(claim, before=before, limit=_PAGE):
        for record in page:
            yield record
        before = page[-1].id
