"""One run of a check: attempts until one is good, or none is left to make."""

import time
from collections.abc import Callable

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_result,
    wait_random_exponential,
)

from evidenced.probes.attempt import Attempt, Outcome
from evidenced.probes.kind import Probe
from evidenced.probes.resources import Resources
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check


async def run(check: Check, probe: Probe, resources: Resources) -> Observation:  # type: ignore[type-arg]  # any kind's
    """Look once, and again while what went wrong may be transient.

    The waits grow exponentially with full jitter. A run ends before the check's interval does: no
    attempt starts with less than half of its timeout left, and none goes on beyond the interval.
    """
    timing = check.timing
    began, monotonic = time.time(), time.monotonic()
    attempts: list[Attempt] = []
    most = timing.retry.attempts if check.settings.retried else 1

    def left(after: float = 0.0) -> float:
        return timing.interval - (time.monotonic() - monotonic) - after

    async def look() -> Attempt:
        seen = await probe(check.settings, min(timing.timeout, max(left(), 0.0)), resources)
        attempts.append(seen)
        return seen

    def enough(state: RetryCallState) -> bool:
        no_time = left(after=state.upcoming_sleep) < timing.timeout / 2
        return no_time or state.attempt_number >= most

    transient = _transient(timing.retry.on)
    # The first look is taken before what repeats it is made, which costs half as much again.
    taken = [await look()]
    if most > 1 and transient(taken[0]):

        async def attempt() -> Attempt:
            return taken.pop() if taken else await look()

        await AsyncRetrying(
            retry=retry_if_result(transient),
            stop=enough,
            wait=wait_random_exponential(multiplier=timing.retry.wait, max=timing.retry.max_wait),
            retry_error_callback=lambda state: None,
        )(attempt)
    return Observation(check, began, time.monotonic() - monotonic, tuple(attempts))


def _transient(on: tuple[str, ...]) -> Callable[[Attempt], bool]:
    """Whether an attempt failed in one of the ways named: a reason, a status or its class."""

    def transient(attempt: Attempt) -> bool:
        if attempt.outcome is not Outcome.FAILURE or attempt.failure is None:
            return False
        status = str(attempt.facts.get("status_code", ""))
        return attempt.failure.reason in on or (
            attempt.failure.reason == "status" and (status in on or f"{status[:1]}xx" in on)
        )

    return transient
