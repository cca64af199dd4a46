"""How a check went over a period, for badges: reckoned at most once a minute for all who ask."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from evidenced.evidence.reader import Reader
from evidenced.evidence.records import Span
from evidenced.evidence.spans import uptime

FRESH = 60.0
"""Seconds for which what was reckoned is told again."""

MOST = 5000
"""Results that are kept."""

AT_ONCE = 2
"""Looks into the store at the same time."""


@dataclass(frozen=True, slots=True)
class Past:
    """A period of a check: the part of the time seen that was up, and the mean seconds of a run
    that succeeded; None where there was nothing to see."""

    uptime: float | None
    latency: float | None


class Pasts:
    """The periods that were asked for lately."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: OrderedDict[tuple[str, float], tuple[float, Past]] = OrderedDict()
        self._looking = asyncio.Semaphore(AT_ONCE)
        self._asked: WeakValueDictionary[tuple[str, float], asyncio.Lock] = WeakValueDictionary()

    async def of(self, check: str, period: float) -> Past:
        """The last `period` seconds of a check; raises StoreTroubleError."""
        if (past := self._fresh(check, period)) is not None:
            return past
        one_of_them = self._asked.setdefault((check, period), asyncio.Lock())
        async with one_of_them, self._looking:
            # Whoever waited for the same has it by now.
            if (past := self._fresh(check, period)) is not None:
                return past
            now = time.time()
            spans = await self._reader.spans(check, now - period)
            past = await asyncio.to_thread(reckoned, spans, now - period, now)
        self._known[check, period] = (time.monotonic(), past)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return past

    def _fresh(self, check: str, period: float) -> Past | None:
        at, past = self._known.get((check, period), (0.0, None))
        if past is not None and time.monotonic() - at < FRESH:
            return past
        self._known.pop((check, period), None)
        return None


def reckoned(spans: Iterable[Span], since: float, until: float) -> Past:
    """The period of a check by its spans; a span that began before it counts by its part inside."""
    every = tuple(spans)
    runs = seconds = 0.0
    for span in every:
        inside = min(span.end, until) - max(span.start, since)
        if span.status == "success" and inside >= 0:
            whole = span.end - span.start
            part = span.count * inside / whole if whole > 0 else span.count
            runs, seconds = runs + part, seconds + part * span.mean
    return Past(uptime(every, since, until).ratio, seconds / runs if runs else None)


def worst(pasts: Iterable[Past]) -> Past:
    """The least uptime and the longest latency of several checks."""
    every = tuple(pasts)
    return Past(
        min((one.uptime for one in every if one.uptime is not None), default=None),
        max((one.latency for one in every if one.latency is not None), default=None),
    )
