"""Error budgets over the minutes that this daemon saw: taken, weighed, and kept over a restart."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import chain

from evidenced.evidence.store import Store
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.publish.alerts_budget import Scales
from evidenced.publish.alerts_hold import Now
from evidenced.publish.alerts_kept import (
    SAMPLES,
    TAKEN,
    Key,
    minute_of,
    name_of,
    restored_samples,
    samples_forgotten,
    samples_saved,
    strangers,
    taken_saved,
)
from evidenced.publish.alerts_minutes import Minutes, joined
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.alerts_rules import RuleBook
from evidenced.publish.alerts_sample import has, sample
from evidenced.publish.slo import QUICK, SLOW, Objective
from evidenced.publish.slo_tiers import MINUTE
from evidenced.watch.board import Board

AT_ONCE = 200
"""Budgets that are gone through before the event loop has its turn: about a millisecond."""

MANY = 100
"""Runs of minutes from which on those of a subject are kept less often: each time all are written
that are not over for longer than the longest window."""


class Budgets:
    """Takes a sample a minute of each SLO that is this daemon's to tell of.

    `book` is that of the rules in force. What is kept in the `store` are the samples themselves, so
    that what was left out of them stays so; with None they are gone with the process. A store that
    cannot be read is asked again with the next sample, and nothing is kept until then.
    """

    def __init__(self, board: Board, book: Callable[[], RuleBook], store: Store | None) -> None:
        self._board = board
        self._book = book
        self._store = store
        self._of: tuple[object, object] = (None, None)
        self._own: tuple[Objective, ...] = ()
        self._minutes: dict[Key, Minutes] = {}
        self._burning: dict[tuple[Key, float], tuple[Matter, ...]] = {}
        self._scales = Scales()
        self._unread: set[Key] = set()
        self._unkept: set[Key] = set()
        self._taken: int | None = None

    def matters(self) -> Iterator[Matter]:
        """The budgets that burn too fast, as of the last samples."""
        return chain.from_iterable(list(self._burning.values()))

    async def take(self, now: Now) -> None:
        """Take the samples of this minute, unless they were taken."""
        minute = minute_of(now.ticks)
        if minute == self._taken:
            return
        book = self._book()
        self._take_over(book)
        if self._unread:
            await self._read(book, now)
        for place, objective in enumerate(self._own, 1):
            self._sample(objective, minute, book.sender)
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._taken = minute
        await self._keep(minute, now)

    def _take_over(self, book: RuleBook) -> None:
        """Go by the SLOs in force, and by what this daemon has of them."""
        share = self._board.share
        if self._of[0] is book and self._of[1] is share:
            return
        self._of = (book, share)
        self._own = tuple(one for one in book.objectives if has(one, self._board))
        own = {_key(one) for one in self._own}
        every = {_key(one) for one in book.objectives}
        for key in self._minutes.keys() - own:
            del self._minutes[key]
            self._unkept.discard(key)
            if key not in every:
                self._forget(name_of(key))
        self._burning = {one: told for one, told in self._burning.items() if one[0] in own}
        # Another shard may have had what is new here, until just now.
        self._unread = (self._unread & own) | (own - self._minutes.keys())

    async def _read(self, book: RuleBook, now: Now) -> None:
        """Bring back the samples of what is new here; those taken since come behind them."""
        if self._store is None:
            self._unread.clear()
            return
        try:
            kept = await self._store.state(SAMPLES, TAKEN)
        except StoreTroubleError:
            # Whoever writes to the store tells of it.
            return
        wanted, known = frozenset(self._unread), tuple(map(_key, book.objectives))
        found = await asyncio.to_thread(restored_samples, kept, wanted, now)
        for place, (key, older) in enumerate(found.items(), 1):
            newer = self._minutes.get(key)
            self._minutes[key] = joined(older, newer) if newer else older
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._unkept |= self._unread
        self._unread.clear()
        for name in await asyncio.to_thread(strangers, kept, known):
            self._forget(name)

    def _forget(self, name: str) -> None:
        """Keep no samples of what has no SLO any more: it would go on as it was then."""
        if self._store is not None:
            self._store.put(samples_forgotten(name))

    def _sample(self, objective: Objective, minute: int, sender: Sender) -> None:
        key = _key(objective)
        minutes = self._minutes.get(key)
        if minutes is None:
            minutes = self._minutes[key] = Minutes()
        if minutes.note(minute, sample(objective, self._board)):
            self._unkept.add(key)
        for every in (QUICK, SLOW):
            if self._taken is None or minute % int(every // MINUTE) == 0:
                told = self._scales.matters(objective, minutes, every, self._board, sender)
                if told:
                    self._burning[key, every] = told
                else:
                    self._burning.pop((key, every), None)

    def leave(self, now: Now) -> None:
        """Keep what waits for it, as the last samples were taken."""
        if self._store is not None:
            for key in (self._unkept - self._unread) & self._minutes.keys():
                self._store.put(samples_saved(key, self._minutes[key], now))

    async def _keep(self, minute: int, now: Now) -> None:
        if self._store is None or not self._own:
            return
        seldom = minute % int(SLOW // MINUTE) == 0
        ready = {
            key for key in self._unkept - self._unread if seldom or len(self._minutes[key]) < MANY
        }
        for place, key in enumerate(ready, 1):
            self._store.put(samples_saved(key, self._minutes[key], now))
            if place % AT_ONCE == 0:
                await asyncio.sleep(0)
        self._unkept -= ready
        if not self._unread:
            self._store.put(taken_saved(self._board.share.index, now))


def _key(objective: Objective) -> Key:
    return objective.kind, objective.name
