"""One costly look at the host, shared by all who ask for it at the same time."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from evidenced.probes.threads import in_thread

T = TypeVar("T")


class Shared(Generic[T]):
    """A blocking call that is made at most once at a time, in a thread.

    Who asks while it is under way waits for the next one, together with all others who do, so an
    answer is never older than the question.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._running: asyncio.Task[T] | None = None
        self._next: asyncio.Task[T] | None = None

    async def get(self) -> T:
        """What the call returns or raises, begun after this was asked."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
        return await asyncio.shield(self._next)

    async def _after(self, before: asyncio.Task[T] | None) -> T:
        if before is not None:
            with suppress(Exception):
                await asyncio.shield(before)
        # From here on the question comes too late for this answer.
        self._running, self._next = self._next, None
        return await in_thread(self._call)

    async def close(self) -> None:
        """Forget about the call; one that is under way ends by itself, unheard."""
        tasks = [task for task in (self._running, self._next) if task is not None]
        self._running = self._next = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
