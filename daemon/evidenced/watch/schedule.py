"""The beat: each check is looked at at its own steady times, under one limit."""

import asyncio
import hashlib
import heapq
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check


def phase(name: str) -> float:
    """Where in its interval a check is looked at: a part of 1, by a hash of its name."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class Schedule:
    """Starts each run when it is due.

    The n-th run of a check is due at `origin + (phase + n) * interval`, so that nothing drifts and
    checks of one interval are spread over it. A run that is due while the one before it is still
    under way, or waits for its turn, is skipped and counted: runs never stack up.
    """

    def __init__(
        self,
        look: Callable[[Check], Awaitable[Observation]],
        record: Callable[[Observation], None],
        late: Callable[[float], None],
        concurrency: int,
    ) -> None:
        """Call `look` for each run, `record` with what it saw, `late` with its lateness (s)."""
        self._look = look
        self._record = record
        self._late = late
        self._limit = asyncio.Semaphore(concurrency)
        self._origin = time.monotonic()
        self._checks: dict[str, Check] = {}
        self._due: list[tuple[float, str]] = []
        self._changed = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self.skipped = 0
        """Runs that were due and not begun, since the start."""
        self.in_flight = 0
        """Runs that are looking right now."""

    def replace(self, checks: Iterable[Check]) -> None:
        """Take other checks; those that stay keep their beat, runs under way are finished."""
        now = time.monotonic()
        self._checks = {check.name: check for check in checks}
        self._due = [(self._next(check, now), name) for name, check in self._checks.items()]
        heapq.heapify(self._due)
        self._changed.set()

    async def run(self) -> None:
        """Begin runs as they come due, until cancelled; runs under way are then cancelled too."""
        try:
            while True:
                self._changed.clear()
                self._begin_due(time.monotonic())
                wait = self._due[0][0] - time.monotonic() if self._due else None
                # Not wait_for: in Python 3.11 it loses a cancellation that comes with the event.
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
        finally:
            tasks = list(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _next(self, check: Check, after: float) -> float:
        """The first time after `after` at which the check is due."""
        interval = check.timing.interval
        first = self._origin + phase(check.name) * interval
        beats = max(0, -int(-(after - first) // interval))
        due = first + beats * interval
        return due if due > after else due + interval

    def _begin_due(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            due, name = self._due[0]
            check = self._checks[name]
            following = self._next(check, now)
            heapq.heapreplace(self._due, (following, name))
            # A pause of the whole process may have swallowed beats; they are gone, not made up.
            self.skipped += max(0, round((following - due) / check.timing.interval) - 1)
            if name in self._under_way:
                self.skipped += 1
            else:
                task = asyncio.create_task(self._one(check, due), name=f"run {name}")
                self._under_way[name] = task
                task.add_done_callback(lambda _, name=name: self._under_way.pop(name, None))  # type: ignore[misc]

    async def _one(self, check: Check, due: float) -> None:
        async with self._limit:
            self._late(time.monotonic() - due)
            self.in_flight += 1
            try:
                observation = await self._look(check)
            finally:
                self.in_flight -= 1
        self._record(observation)
