"""Every check once, as fast as the limit allows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check


async def once(
    checks: Iterable[Check], look: Callable[[Check], Awaitable[Observation]], concurrency: int
) -> AsyncIterator[Observation]:
    """Observations of all checks, each as soon as it is there."""
    limit = asyncio.Semaphore(concurrency)

    async def one(check: Check) -> Observation:
        async with limit:
            return await look(check)

    tasks = [asyncio.create_task(one(check)) for check in checks]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
