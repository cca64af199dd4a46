"""Something that many ask for at one time, made once for all of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Asked = TypeVar("Asked", bound=Hashable)
Made = TypeVar("Made")

LASTS = 1.0
"""Seconds for which what was made is given again."""

MOST = 32
"""Different things that are kept."""


class Shared(Generic[Asked, Made]):
    """What `make` makes of each thing asked for, for a second or until it is forgotten."""

    def __init__(self, make: Callable[[Asked], Awaitable[Made]], lasts: float = LASTS) -> None:
        self._make = make
        self._lasts = lasts
        self._made: dict[Asked, tuple[float, asyncio.Task[Made]]] = {}

    async def get(self, asked: Asked) -> Made:
        """What is made of this; raises what making it raises."""
        now = time.monotonic()
        until, task = self._made.get(asked, (0.0, None))
        if task is None or (task.done() and (now > until or _failed(task))):
            task = asyncio.create_task(self._begin(asked))
            self._made.pop(asked, None)
            while len(self._made) >= MOST:
                del self._made[next(iter(self._made))]
            self._made[asked] = (now + self._lasts, task)
        # One who goes away takes it from nobody else.
        return await asyncio.shield(task)

    def forget(self) -> None:
        """Make everything anew from now on: it changed."""
        self._made.clear()

    async def _begin(self, asked: Asked) -> Made:
        return await self._make(asked)


def _failed(task: asyncio.Task[Made]) -> bool:
    return task.cancelled() or task.exception() is not None
