"""The other daemons that share this one's plan: heard through the store, and told through it."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable, Mapping

import structlog

from evidenced.app.keeper import Keeper
from evidenced.config.shard import ShardSettings
from evidenced.evidence.records import JSON, Saved
from evidenced.evidence.repeats import Repeats
from evidenced.evidence.store import Store
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.publish.metrics_shards import Sharing
from evidenced.watch.board import Board, Change
from evidenced.watch.drill_keeping import DRILL, restored_drills
from evidenced.watch.hearing import Hearing
from evidenced.watch.keeping import CHECK, CLAIM, DAEMON, MAINTENANCE, restored_maintenance
from evidenced.watch.shards import SILENT, Roll, Shard, missing, word_of, words

HEAR = 2.0
"""Seconds between two looks at what others say."""

AGES = 15.0
"""Seconds after which what others have is told anew though nothing changed: it goes on holding."""

BEAT = 5.0
"""Seconds between two words of a shard: it may miss some before it counts as silent."""

WHILE_BOTH = 3 * BEAT
"""Seconds after a start in which the word of the daemon before may still come in."""


class Shards:
    """Hears the others, and has what they see on the board.

    `settings` are those in force (None: nobody shares), `listen` is the address listened on.
    `unseen` is told of changes of standing that maintenance begun elsewhere brings about, `news` is
    called when a standing that others have became another one. `leads` is whether this one does.
    """

    def __init__(
        self,
        board: Board,
        store: Store,
        settings: Callable[[], ShardSettings | None],
        listen: Callable[[], tuple[str, int]],
        unseen: Callable[[tuple[Change, ...]], None],
        news: Callable[[], None],
        leads: Callable[[], bool],
    ) -> None:
        self._board = board
        self.keeper = Keeper(store, board, self.word, BEAT)
        """What keeps this shard's part."""
        self._settings = settings
        self._listen = listen
        self._unseen = unseen
        self._news = news
        self._leads = leads
        self._hearing = Hearing(board)
        self._roll = Roll(board.share.index, SILENT)
        self._share: object = None
        self._serials: dict[int, int] | None = None
        self._told = 0.0
        self._repeats = Repeats()
        self._log = structlog.get_logger()

    @property
    def known(self) -> tuple[tuple[Shard, bool], ...]:
        """All shards that are known, this one too, each with whether it is heard of."""
        me = self._me(time.time(), self.keeper.began)
        alive = self._roll.alive
        others = [(shard, index in alive) for index, shard in self._roll.known.items()]
        return tuple(sorted([(me, True), *others], key=lambda one: one[0].index))

    @property
    def missing(self) -> int:
        """How many of the shards of the configuration are not heard of."""
        settings = self._settings()
        return missing(self._board.share, settings.count, self._roll.alive) if settings else 0

    def standing(self) -> Sharing:
        """How this shard stands among the others; a thread may ask."""
        share = self._board.share
        return Sharing(share.index, share.count, self.missing, self._leads())

    def word(self, now: float, began: float) -> Saved:
        """What this shard tells of itself."""
        return word_of(self._me(now, began))

    def elsewhere(self, shard: int | None) -> str | None:
        """Who else has something to be asked for there: which shard, and where; None for us."""
        if shard is None or shard == self._board.share.index:
            return None
        known = self._roll.known.get(shard)
        return f"shard {shard}" + (f" at {known.address}" if known else "")

    def leave(self) -> None:
        """Where this shard was taken away, let nobody wait for it."""
        settings, index = self._settings(), self._board.share.index
        if settings is not None and index >= settings.count:
            gone = self.word(time.time(), self.keeper.began)
            self.keeper.store.put(Saved(kind=gone.kind, name=gone.name, state=None))

    async def run(self) -> None:
        """Hear until cancelled."""
        while True:
            changed = False
            try:
                changed = await self._hear()
            except StoreTroubleError:
                # Whoever writes to the store tells of it. Nobody is heard of meanwhile.
                self._call(self._roll.known)
                changed = await self._hearing.tell(self._roll, time.time())
            if changed:
                self._news()
            await asyncio.sleep(HEAR)

    async def _hear(self) -> bool:
        board, share = self._board, self._board.share
        if share is not self._share:
            self._share = share
            self._serials = None
            self._hearing.forget()
        store, begun = self.keeper.store, board.begun
        # What is begun here is in the store first, or it would look ended.
        settled = await self.keeper.settled()
        rest = await store.state(DAEMON, MAINTENANCE, DRILL)
        found = words(rest)
        if self._serials is None:
            kept = await store.state(CHECK, CLAIM)
        else:
            known = {index: self._serials.get(index, -1) for index in (*self._serials, *found)}
            known.pop(share.index, None)
            kept = await store.saved_since(known, CHECK, CLAIM)
        if board.share is not share:
            return False
        self._note(kept)
        await self._hearing.take(kept)
        news = bool(kept) | self._call(found)
        if settled and begun == board.begun:
            news |= self._take_work(rest)
        if not news and time.monotonic() - self._told < AGES:
            return False
        self._told = time.monotonic()
        return await self._hearing.tell(self._roll, time.time())

    def _note(self, kept: Iterable[Saved]) -> None:
        serials = self._serials = self._serials or {}
        for one in kept:
            serials[one.shard] = max(serials.get(one.shard, 0), one.serial)

    def _take_work(self, rest: Iterable[Saved]) -> bool:
        """Take over maintenance and drills that were begun elsewhere; whether there are others."""
        board, now = self._board, time.time()
        saved: dict[tuple[str, str], JSON] = {(one.kind, one.name): one.state for one in rest}
        board.drills.hear(restored_drills(saved), board.share.has_claim)
        found = restored_maintenance(saved, now)
        if set(found) == set(board.begun):
            return False
        self._unseen(board.work_on(found, now))
        return True

    def _call(self, found: Mapping[int, Shard]) -> bool:
        """See who is heard of; whether there are others than before."""
        before = self._roll.alive
        self._roll.call(found, time.time(), time.monotonic())
        self._tell_double(found)
        after = self._roll.alive
        self._board.heard = {index: shard.at for index, shard in self._roll.known.items()}
        for index in sorted(before.keys() - after.keys()):
            self._log.warning("a shard is not heard of any more", shard=index)
        for index in sorted(after.keys() - before.keys()):
            self._log.info("a shard is heard of", shard=index, address=after[index].address)
        known = {index: shard.count for index, shard in before.items()}
        return known != {index: shard.count for index, shard in after.items()}

    def _tell_double(self, found: Mapping[int, Shard]) -> None:
        mine, began = found.get(self._board.share.index), self.keeper.began
        if mine is not None and mine.began != began and mine.at > began + WHILE_BOTH:
            what = "another daemon says that it is this shard: each looks at the same"
            self._repeats.trouble(
                mine.index, self._log.error, what, shard=mine.index, address=mine.address
            )

    def _me(self, now: float, began: float) -> Shard:
        share, settings = self._board.share, self._settings()
        address = settings.address if settings else None
        return Shard(share.index, share.count, address or reached_at(self._listen()), now, began)


def reached_at(listen: tuple[str, int]) -> str:
    """HOST:PORT for others, of what is listened on: the host's own name for all addresses."""
    host, port = listen
    if host in ("", "0.0.0.0", "::"):  # noqa: S104  compared, not listened on
        host = socket.gethostname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
