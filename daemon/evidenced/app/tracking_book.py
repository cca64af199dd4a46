"""The outages of one daemon, as they are now and as they come back after a restart."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from evidenced.evidence.records import Saved
from evidenced.workflow.tracker import Outage, Pace, followed, is_over
from evidenced.workflow.tracker_board import Key, Matter
from evidenced.workflow.tracker_keeping import (
    outage_forgotten,
    outage_saved,
    restored_outages,
)


class Book:
    """Holds the outages, and puts each change of one into the store.

    What is seen on the board and what is learnt of the tracker come at different times: each
    changes only its own fields, and only of the outage that it is about. `put` takes what is to be
    kept, `settled` returns once that is on disk, or when that takes too long.
    """

    def __init__(
        self, put: Callable[[Saved], None], settled: Callable[[], Awaitable[object]]
    ) -> None:
        self._put = put
        self._settled = settled
        self._outages: dict[Key, Outage] = {}
        self._matters: Mapping[Key, Matter] = {}

    @property
    def outages(self) -> tuple[Outage, ...]:
        """All outages that are not over and told."""
        return tuple(self._outages.values())

    def restore(self, saved: tuple[Saved, ...]) -> None:
        """Begin with the outages from before a restart."""
        self._outages = restored_outages(saved)

    def see(self, matters: Mapping[Key, Matter], where: str, pace: Pace, now: float) -> None:
        """Take in what the board says; `where` is the tracker in force."""
        self._matters = matters
        before = self._outages
        self._outages = followed(before, matters, where, pace, now, _new_id)
        for key, outage in self._outages.items():
            if before.get(key) != outage:
                self._put(outage_saved(outage))
        for outage in self.outages:
            if outage.left is not None and is_over(outage, pace, now):
                self.forget(outage)

    def matter(self, outage: Outage) -> Matter | None:
        """What the board says of its claim; None where the ledger no longer has that."""
        return self._matters.get(outage.key)

    def now(self, outage: Outage) -> Outage:
        """The outage as it is now; as it was where it is no longer here."""
        found = self._outages.get(outage.key)
        return found if found is not None and found.id == outage.id else outage

    def learn(self, outage: Outage, **fields: Any) -> Outage:  # noqa: ANN401  the fields of Outage
        """Note what was learnt of an outage; as it is then."""
        after = replace(self.now(outage), **fields)
        here = self._outages.get(outage.key)
        if here is not None and here.id == outage.id and here != after:
            self._outages[outage.key] = after
            self._put(outage_saved(after))
        return after

    async def surely(self, outage: Outage, **fields: Any) -> Outage:  # noqa: ANN401  the fields of Outage
        """The same, and return once it is on disk."""
        after = self.learn(outage, **fields)
        await self._settled()
        return after

    def forget(self, outage: Outage) -> None:
        """Let go of an outage that is over, unless its claim is contradicted again by now."""
        here = self._outages.get(outage.key)
        if here is not None and here.id == outage.id and here.calm is not None:
            del self._outages[outage.key]
            self._put(outage_forgotten(outage.key))


def _new_id() -> str:
    return uuid.uuid4().hex[:16]
