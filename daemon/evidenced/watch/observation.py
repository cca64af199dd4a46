"""One run of a check: the attempts it took, and how it ended."""

from dataclasses import dataclass

from evidenced.probes.attempt import Attempt, Failure, Outcome
from evidenced.watch.plan import Check


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run of a check saw.

    `started` is in seconds since the epoch; `duration` in seconds covers all attempts and the
    waits between them. There is at least one attempt, and the last one decides. It is `beside` the
    beat where another check asked for it: it says how things are, but a failure is confirmed by
    runs of the beat alone.
    """

    check: Check
    started: float
    duration: float
    attempts: tuple[Attempt, ...]
    beside: bool = False

    @property
    def last(self) -> Attempt:
        """The attempt that decided."""
        return self.attempts[-1]

    @property
    def result(self) -> Outcome:
        """How the run ended."""
        return self.last.outcome

    @property
    def failure(self) -> Failure | None:
        """Why it failed, or None."""
        return self.last.failure

    @property
    def retried(self) -> bool:
        """Whether it took more than one attempt, so that a pass is no plain one."""
        return len(self.attempts) > 1

    @property
    def ended(self) -> float:
        """When the run ended, in seconds since the epoch."""
        return self.started + self.duration
