"""Asking the gate: what it needs of the ledger and of the store, and its verdict."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from evidenced.evidence.records import Evidence
from evidenced.evidence.spans import DAY
from evidenced.evidence.trouble import NewerStoreError, NoStoreError, StoreError
from evidenced.ledger.model import Item, Section
from evidenced.watch.plan import Plan
from evidenced.workflow.collect import collect
from evidenced.workflow.gate import Known, Places, Verdict, judge, to_prove
from evidenced.workflow.matching import match
from evidenced.workflow.newproof import reopenable
from evidenced.workflow.proof import Claimed, Proof, intact

if TYPE_CHECKING:
    # It brings SQLAlchemy along, which a gate needs only where it asks a store.
    from evidenced.evidence.reader import Reader

LONGEST = 1000
"""Characters of the longest topic."""

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about: the plan with its ledger, where that stands, and the limit for WIP."""

    plan: Plan
    places: Places
    repository: Path
    limit: int = 1


Prove = Callable[[tuple[Item, ...]], Awaitable[Mapping[str, Proof]]]
"""Gives the proof packs of claims by their ids; raises StoreError where it cannot."""


async def ask_gate(topic: str, asked: Asked, prove: Prove) -> Verdict:
    """What the gate says of a topic. The store is asked only where the answer turns on it.

    Raises NewerStoreError, for then another program is to be asked.
    """
    ledger = asked.plan.ledger
    items = [item for section in ledger.sections.values() for item in section]
    # A long ledger takes a while, which the loop must not wait for.
    matching = await asyncio.to_thread(match, topic, items)
    known = Known()
    if wanted := to_prove(matching):
        try:
            known = Known(await prove(wanted))
        except NoStoreError:
            known = Known()  # Nothing was ever seen: there is no new proof.
        except NewerStoreError:
            raise
        except StoreError as error:
            known = Known(trouble=str(error))
    return judge(matching, ledger, known, limit=asked.limit)


async def proofs(
    items: Iterable[Item], asked: Asked, reader: "Reader", now: float | None = None
) -> dict[str, Proof]:
    """The proof packs of claims as of now, by their ids; raises StoreTroubleError."""
    at = time.time() if now is None else now
    found = {}
    for item in items:
        claimed = Claimed(item, asked.places.ledger, asked.repository)
        found[item.id] = await collect(asked.plan, claimed, reader, since=at, now=at)
    return found


async def new_proofs(items: Iterable[Item], reader: "Reader") -> dict[str, Evidence]:
    """The new proof against each closed item that has any, by its id; raises StoreTroubleError."""
    found = {}
    for item in items:
        if item.section is Section.CLOSED and item.closed is not None:
            midnight = datetime.combine(item.closed, datetime.min.time(), UTC).timestamp()
            record = await _newest_against(item, reader, midnight + DAY)
            if record is not None:
                found[item.id] = record
    return found


async def _newest_against(item: Item, reader: "Reader", since: float) -> Evidence | None:
    before: int | None = None
    while page := await reader.evidence(item.id, since=since, before=before, limit=_PAGE):
        if record := reopenable(item, filter(intact, page)):
            return record
        before = page[-1].id
    return None
