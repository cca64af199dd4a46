"""What only one of several daemons does, as long as that one leads."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from evidenced.evidence.lead import Lead

LOOK = 2.0
"""Seconds between two looks at who leads."""


class Leading:
    """Whether this daemon leads; one that shares with nobody (`lead` is None) always does."""

    def __init__(self, lead: Lead | None, look: float = LOOK) -> None:
        self._lead = lead
        self._look = look
        self._gained, self._lost = asyncio.Event(), asyncio.Event()
        (self._lost if lead else self._gained).set()

    @property
    def leads(self) -> bool:
        """Whether it does, as of the last look."""
        return self._gained.is_set()

    async def run(self) -> None:
        """Look until cancelled."""
        log = structlog.get_logger()
        while self._lead is not None:
            leads = await self._lead.take()
            if leads != self.leads:
                log.info("this shard leads" if leads else "this shard leads no more")
                on, off = (self._gained, self._lost) if leads else (self._lost, self._gained)
                on.set()
                off.clear()
            await asyncio.sleep(self._look)

    async def while_leading(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do this work whenever the daemon leads, begun anew each time, until cancelled."""
        if self._lead is None:
            await work()
            return
        while True:
            await self._gained.wait()
            async with asyncio.TaskGroup() as group:
                doing = group.create_task(_done(work))
                await self._lost.wait()
                doing.cancel()


async def _done(work: Callable[[], Awaitable[None]]) -> None:
    await work()
