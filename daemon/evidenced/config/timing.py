"""When a check is taken, and how its results count: its own settings over the defaults."""

from dataclasses import dataclass
from typing import TypeVar

from evidenced.config.base import Section
from evidenced.config.check import CheckSettings
from evidenced.config.defaults import Confirm, Defaults, Retry
from evidenced.config.flapping import Flapping

INTERVALS_TO_STALE = 5
"""How many intervals old the last verification may be where no max_age is set."""

S = TypeVar("S", bound=Section)


def _over(defaults: S, own: S | None) -> S:
    """The defaults with what the check wrote itself; every key counts as written, for equality."""
    values = {key: getattr(defaults, key) for key in type(defaults).model_fields}
    if own:
        values |= {key: getattr(own, key) for key in own.model_fields_set}
    return defaults.model_copy(update=values)


CALM = _over(Flapping(), None)


@dataclass(frozen=True, slots=True)
class Timing:
    """The timing of one check; durations in seconds."""

    interval: float
    timeout: float
    retry: Retry
    confirm: Confirm
    max_age: float
    interval_failing: float | None = None
    flapping: Flapping = CALM


class Timings:
    """The timings of checks over the same defaults; those that are equal are one."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults
        self._usual = Timing(
            interval=defaults.interval,
            timeout=defaults.timeout,
            retry=_over(defaults.retry, None),
            confirm=_over(defaults.confirm, None),
            max_age=0.0,
            flapping=_over(defaults.flapping, None),
        )
        self._known: dict[Timing, Timing] = {}

    def of(self, check: CheckSettings) -> Timing:
        """What holds for a check: what it says itself, and the defaults for the rest.

        Inside `retry` and `confirm` this goes key by key. A max_age that neither says is five
        intervals of the check.
        """
        defaults, usual = self._defaults, self._usual
        interval = check.interval or defaults.interval
        timing = Timing(
            interval=interval,
            # What nobody wrote for this very interval gives way to it.
            timeout=check.timeout or min(defaults.timeout, interval),
            retry=_over(defaults.retry, check.retry) if check.retry else usual.retry,
            confirm=_over(defaults.confirm, check.confirm) if check.confirm else usual.confirm,
            max_age=check.max_age or defaults.max_age or INTERVALS_TO_STALE * interval,
            interval_failing=check.interval_failing or defaults.interval_failing,
            flapping=_over(defaults.flapping, check.flapping) if check.flapping else usual.flapping,
        )
        return self._known.setdefault(timing, timing)


def effective(check: CheckSettings, defaults: Defaults) -> Timing:
    """What holds for one check; see `Timings`."""
    return Timings(defaults).of(check)
