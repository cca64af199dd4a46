"""What is in force, and how it becomes another: by a reload, a changed file, a list of targets."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from evidenced.app import loading
from evidenced.app.blackbox import BlackboxFile
from evidenced.app.files import notices
from evidenced.app.listing import Key, Listing, Listings, listings, tell_lists
from evidenced.app.loading import Loaded
from evidenced.app.notify import Notifier
from evidenced.app.telling import tell_loaded
from evidenced.evidence.repeats import Repeats
from evidenced.watch.board import Change


class InForce:
    """The configuration, ledger and lists that a daemon goes by, one reading at a time.

    `adopt` takes over a reading that is another one, `listed` what is known of lists of targets,
    and `unseen` the changes of standing that no run brought about. `reloaded` is awaited while the
    service manager (`manager`) is told of a reload.
    """

    def __init__(
        self,
        path: Path,
        loaded: Loaded,
        blackbox: BlackboxFile,
        *,
        adopt: Callable[[], Awaitable[tuple[Change, ...]]],
        listed: Callable[[], None],
        unseen: Callable[[tuple[Change, ...]], None],
    ) -> None:
        self.loaded = loaded
        self.blackbox = blackbox
        self.manager = Notifier()
        self.reloaded: Callable[[Loaded], Awaitable[None]] | None = None
        self._path = path
        self._adopt, self._listed, self._unseen = adopt, listed, unseen
        self._reloading = asyncio.Lock()
        self._troubles, self._list_troubles = Repeats(), Repeats()

    def tell_lists(self, before: Listings) -> None:
        """Log what became of the lists of targets since others were in force."""
        tell_lists(before, self.loaded.listings, self._list_troubles)

    async def reload(self, *, trusting: bool = False) -> tuple[str, ...]:
        """Read the configuration and the ledger again; the problems that kept old ones in force."""
        async with self._reloading, self.manager.reloading():
            before = self.loaded
            loaded = await asyncio.to_thread(loading.again, self._path, before, trusting)
            self.loaded = await asyncio.to_thread(self.blackbox.again, loaded, before)
            changed = await self._adopt()
            if self.reloaded is not None:
                await self.reloaded(self.loaded)
        tell_loaded(before, self.loaded, self._troubles)
        self.tell_lists(before.listings)
        self._unseen(changed)
        return self.loaded.problems

    async def follow_files(self) -> None:
        """Take over what changes in files, until cancelled."""
        async for _ in notices(lambda: (*self.loaded.watched, *self.blackbox.watched)):
            if await asyncio.to_thread(self._outdated):
                await self.reload()
            else:
                await self._relist(partial(listings, self.loaded.templates))

    async def listed(self, key: Key, listing: Listing) -> None:
        """Take over what was asked for, unless it is no longer wanted."""

        def change(lists: Listings) -> Listings:
            before = lists.get(key)
            if before is None or before.source != listing.source:
                return lists
            return {**lists, key: listing.for_template(before.template)}

        await self._relist(change)

    def _outdated(self) -> bool:
        return self.loaded.outdated() or self.blackbox.outdated()

    async def _relist(self, change: Callable[[Listings], Listings]) -> None:
        """Take over other lists of targets; the checks that stay keep their beat."""
        async with self._reloading:
            before = self.loaded
            after = await asyncio.to_thread(lambda: before.with_listings(change(before.listings)))
            self.loaded = after
            changed: tuple[Change, ...] = ()
            if after.plan is not before.plan:
                changed = await self._adopt()
            self._listed()
        self.tell_lists(before.listings)
        self._unseen(changed)
