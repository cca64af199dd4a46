"""The beat: each check is looked at at its own steady times, under one limit."""

import asyncio
import hashlib
import heapq
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace

from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check

TICK = 0.25
"""Seconds between two times at which runs may be due. A process that wakes up for each run alone
spends as much on waking up, and on cold caches, as on looking."""

TOGETHER, APART = 4, 0.0025
"""How many of those that are due at one time begin together, and how many seconds later the next
are to: a look must not have to wait for many others, because that would count as its latency. It is
counted from the tick on, so that each has its own place in it whatever those before it took. Those
for whom the tick has no place left begin at its end."""


def phase(name: str) -> float:
    """Where in its interval a check is looked at: a part of 1, by a hash of its name."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class Schedule:
    """Starts each run when it is due.

    The n-th run of a check is due at `origin + (phase + n) * interval`, so that nothing drifts and
    checks of one interval are spread over it, by ticks. A run that is due while the one before it
    is still under way, or waits for its turn, is skipped and counted: runs never stack up.
    """

    def __init__(
        self,
        look: Callable[[Check], Awaitable[Observation]],
        record: Callable[[Observation], None],
        late: Callable[[float], None],
        concurrency: int,
        settle: Callable[[Observation], Awaitable[None]] | None = None,
    ) -> None:
        """Call `look` for each run, `record` with what it saw, `late` with its lateness (s).

        `settle` is awaited between the two, outside of the limit: it may wait for other runs.
        """
        self._look = look
        self._record = record
        self._late = late
        self._settle = settle
        self._limit = asyncio.Semaphore(concurrency)
        # A binary fraction, so that what is due in one tick is due at one time to the last bit.
        self._origin = math.floor(time.monotonic() * 1024) / 1024
        self._checks: dict[str, Check] = {}
        self._due: list[tuple[float, str]] = []
        self._changed = asyncio.Event()
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._waiting: dict[str, float] = {}
        self._again: dict[str, bool] = {}
        self._beside: set[str] = set()
        self._soon: dict[str, asyncio.TimerHandle] = {}
        self._asked: dict[str, list[tuple[float, asyncio.Future[None]]]] = {}
        self._beating = False
        self.skipped = 0
        """Runs that were due and not begun, since the start."""
        self.in_flight = 0
        """Runs that are looking right now."""

    def replace(self, checks: Iterable[Check]) -> None:
        """Take other checks; those that stay keep their beat, runs under way are finished."""
        now, before = time.monotonic(), self._checks
        self._checks = {check.name: check for check in checks}
        new = {
            name: check
            for name, check in self._checks.items()
            if (old := before.get(name)) is not check
            and (old is None or old.timing.interval != check.timing.interval)
        }
        # What has come due and was not begun yet is not to be lost.
        self._due = [one for one in self._due if one[1] in self._checks and one[1] not in new]
        self._due += [(self._next(check, now), name) for name, check in new.items()]
        heapq.heapify(self._due)
        self._changed.set()

    def now(self, name: str) -> None:
        """Look at a check at once, beside its beat; once more after the run that is under way.

        However often it is asked for meanwhile, it is one more run. A check that is not there is
        let be, and so is all before `run` begins and after it ends.
        """
        self._now(name, beside=False)

    def _now(self, name: str, *, beside: bool) -> None:
        if name not in self._checks or not self._beating:
            return
        if name in self._under_way:
            self._again[name] = beside and self._again.get(name, True)
            return
        if beside:
            self._beside.add(name)
        self._begin(self._checks[name], time.monotonic())

    def soon(self, name: str, seconds: float) -> None:
        """Look at a check beside its beat once so many seconds have passed.

        It is one look, however often it is asked for: the last time counts.
        """
        if name in self._soon:
            self._soon[name].cancel()
        self._soon[name] = asyncio.get_running_loop().call_later(seconds, self._looked_soon, name)

    def _looked_soon(self, name: str) -> None:
        del self._soon[name]
        self.now(name)

    async def fresh(self, name: str) -> None:
        """Wait until a look at this check that begins from now on has been recorded.

        It is beside the beat, unless the beat comes due meanwhile.
        """
        answer = asyncio.get_running_loop().create_future()
        self._asked.setdefault(name, []).append((time.monotonic(), answer))
        self._now(name, beside=True)
        await answer

    def behind(self) -> float:
        """How many seconds a run that is due has been waiting to begin; 0 where none is waiting.

        It stays small as long as the beat is kept, and grows without end where runs no longer end.
        """
        oldest = min(
            (*self._waiting.values(), *(due for due, _ in self._due[:1])), default=math.inf
        )
        return max(0.0, time.monotonic() - oldest)

    def due_in(self) -> float | None:
        """In how many seconds the next run is due; None where there is no check."""
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    async def run(self) -> None:
        """Begin runs as they come due, until cancelled; runs under way are then cancelled too."""
        self._beating = True
        tick, groups = 0.0, 0
        try:
            while True:
                self._changed.clear()
                if (due := self._begin_due(time.monotonic())) is not None:
                    tick, groups = due, groups + 1 if due == tick else 1
                    place = min(groups * APART, TICK)
                    await asyncio.sleep(max(0.0, due + place - time.monotonic()))
                    continue
                wait = self._due[0][0] - time.monotonic() if self._due else None
                # Not wait_for: in Python 3.11 it loses a cancellation that comes with the event.
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
        finally:
            self._beating = False
            for handle in self._soon.values():
                handle.cancel()
            tasks = list(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _next(self, check: Check, after: float) -> float:
        """The first time after `after` at which the check is due."""
        interval = check.timing.interval
        first = self._origin + phase(check.name) * interval // TICK * TICK
        beats = max(0, -int(-(after - first) // interval))
        due = first + beats * interval
        return due if due > after else due + interval

    def _begin_due(self, now: float) -> float | None:
        """Begin some of the runs that are due; when the next of them was due, None for none."""
        for _ in range(TOGETHER):
            if not self._due or self._due[0][0] > now:
                return None
            due, name = self._due[0]
            check = self._checks[name]
            following = self._next(check, now)
            heapq.heapreplace(self._due, (following, name))
            # A pause of the whole process may have swallowed beats; they are gone, not made up.
            self.skipped += max(0, round((following - due) / check.timing.interval) - 1)
            if name in self._under_way:
                self.skipped += 1
                self._beside.discard(name)
            else:
                self._begin(check, due)
        due = self._due[0][0]
        return due if due <= now else None

    def _begin(self, check: Check, due: float) -> None:
        name = check.name
        self._waiting[name] = due
        task = asyncio.create_task(self._one(check, due), name=f"run {name}")
        self._under_way[name] = task
        task.add_done_callback(lambda _: self._ended(name))

    def _ended(self, name: str) -> None:
        self._under_way.pop(name, None)
        self._waiting.pop(name, None)
        self._beside.discard(name)
        if name in self._again:
            self._now(name, beside=self._again.pop(name))

    async def _one(self, check: Check, due: float) -> None:
        async with self._limit:
            self._waiting.pop(check.name, None)
            self._late(time.monotonic() - due)
            began = time.monotonic()
            self.in_flight += 1
            try:
                observation = await self._look(check)
            finally:
                self.in_flight -= 1
        if self._settle is not None:
            await self._settle(observation)
        if check.name in self._beside:
            observation = replace(observation, beside=True)
        self._record(observation)
        if check.name in self._asked:
            self._answer(check.name, began)

    def _answer(self, name: str, began: float) -> None:
        """Tell those who asked for a look before one began that it has been recorded."""
        asked = self._asked.pop(name)
        if later := [one for one in asked if one[0] > began]:
            self._asked[name] = later
        for at, answer in asked:
            if at <= began and not answer.done():
                answer.set_result(None)
