"""Trouble that comes again and again, summed up in the log."""

import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol

MOST = 64
"""The most kinds of trouble that are told apart: beyond these, all others count as one."""

AGAIN = 3600.0
"""Seconds for which the same trouble is not logged a second time."""


_OTHERS = object()


class Say(Protocol):
    """A method of a logger, such as `log.warning`."""

    def __call__(self, event: str, /, **fields: object) -> object:
        """Log one line."""


@dataclass(slots=True)
class _Case:
    """One trouble: when it began and was last said (monotonic), and how often it came."""

    began: float
    said: float
    times: int = 1


class Repeats:
    """Logs each trouble once, then at most once an hour with how often it came, and its end.

    A trouble is known by its key, which should be of its kind and not of its wording. The fields
    `times` (since it began) and `seconds` (for how long) are added to all but the first line.
    """

    def __init__(self, again: float = AGAIN, clock: Callable[[], float] = time.monotonic) -> None:
        self._again = again
        self._clock = clock
        self._cases: dict[Hashable, _Case] = {}

    def trouble(self, key: Hashable, say: Say, event: str, **fields: object) -> None:
        """Take note of a trouble, and log it where it is new or was not told for long."""
        now = self._clock()
        if key not in self._cases and len(self._cases) >= MOST:
            key = _OTHERS
        case = self._cases.get(key)
        if case is None:
            self._cases[key] = _Case(now, now)
            say(event, **fields)
            return
        case.times += 1
        if now - case.said >= self._again:
            case.said = now
            say(event, **fields, times=case.times, seconds=round(now - case.began))

    def over(self, key: Hashable, say: Say, event: str, **fields: object) -> None:
        """Log that a trouble is over, where there was one."""
        case = self._cases.pop(key, None)
        if case is not None:
            seconds = round(self._clock() - case.began)
            say(event, **fields, times=case.times, seconds=seconds)

    def all_over(self, say: Say, event: str, **fields: object) -> None:
        """Log once that all troubles are over, where there was any."""
        cases = list(self._cases.values())
        self._cases.clear()
        if cases:
            seconds = round(self._clock() - min(case.began for case in cases))
            say(event, **fields, times=sum(case.times for case in cases), seconds=seconds)

    def keep(self, keys: Iterable[Hashable]) -> None:
        """Forget all troubles but these: what they were about is no longer there."""
        kept = set(keys)
        self._cases = {key: case for key, case in self._cases.items() if key in kept}
