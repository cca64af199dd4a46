"""The clock of a replay, and the beat that goes by it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check
from evidenced.watch.schedule import Schedule, phase


class Clock:
    """A wall clock that stands still until it is moved, and can be set wrong.

    Called, it gives the daemon's wall clock in seconds since the epoch. `now` is the true time
    since the replay began, in seconds: what a monotonic clock and the clock of Prometheus say.
    """

    def __init__(self) -> None:
        # Certificates are real, and OpenSSL goes by the real clock: so a replay begins now.
        self.start = time.time() // 60 * 60
        self.now = 0.0
        self.ahead = 0.0
        """How much the wall clock was set forth; negative where it was set back."""
        self.beats: list[Beats] = []
        """The beats that go by it, of each daemon that was started."""

    def __call__(self) -> float:
        return self.start + self.now + self.ahead

    def monotonic(self) -> float:
        """Seconds since the replay began, whatever the wall clock was set to."""
        return self.now


class Beats(Schedule):
    """The daemon's schedule, with its beats taken by whoever moves the clock.

    When a check is due, how a look goes on through witnesses to the record, and what is asked for
    in between is the schedule's own; only the waiting is left out.
    """

    def __init__(
        self,
        clock: Clock,
        look: Callable[[Check], Awaitable[Observation]],
        record: Callable[[Observation], None],
        late: Callable[[float], None],
        concurrency: int,
        settle: Callable[[Observation], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(look, record, late, concurrency, settle)
        clock.beats.append(self)
        self._clock = clock
        self._began = clock.now
        self._next_beat: dict[str, float] = {}
        self._early: dict[str, float] = {}

    def replace(self, checks: Iterable[Check]) -> None:
        """Take other checks, none of which comes due by itself."""
        super().replace(checks)
        self._due.clear()
        self._next_beat = {name: self._beat(check) for name, check in self._checks.items()}

    def soon(self, name: str, seconds: float) -> None:
        """Look at a check beside its beat once so many seconds of the replay have passed."""
        self._early[name] = self._clock.now + seconds

    def following(self) -> tuple[float, str]:
        """When the next look is due, and at which check."""
        early = ((at, name) for name, at in self._early.items() if name in self._checks)
        beats = ((at, name) for name, at in self._next_beat.items())
        return min((*early, *beats))

    async def take(self, name: str) -> None:
        """Look at a check now, and wait until that and all that it asks for is recorded."""
        if self._early.get(name, self._clock.now + 1) <= self._clock.now:
            del self._early[name]
        if self._next_beat[name] <= self._clock.now:
            self._next_beat[name] = self._beat(self._checks[name])
        self.now(name)
        await self.idle()

    async def idle(self) -> None:
        """Wait until no look is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way.values())
            await asyncio.sleep(0)

    async def begun(self) -> None:
        """Wait until the daemon lives."""
        while not self._beating:
            await asyncio.sleep(0)

    def _beat(self, check: Check) -> float:
        interval, now = check.timing.interval, self._clock.now
        first = self._began + phase(check.name) * interval
        due = first + max(0, -int(-(now - first) // interval)) * interval
        return due if due > now else due + interval
