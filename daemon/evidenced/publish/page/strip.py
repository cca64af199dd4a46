"""Ninety days of a check in a strip of bars. Pure: no clock, no file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from evidenced.evidence.records import Span
from evidenced.evidence.spans import DAY

DAYS = 90
STEP = 4
"""Units of the drawing from one day to the next; the gap is one of them."""

WIDTH = DAYS * STEP - 1
UNSEEN, UP, PARTLY, DOWN = range(4)
"""How a day went, from the least to the most that is to be said against it."""

MUCH = 0.05
"""The part of the time seen from which on a day is said to be down, not partly so."""

NAMES = {UNSEEN: "unseen", UP: "up", PARTLY: "partly", DOWN: "down"}


@dataclass(frozen=True, slots=True)
class History:
    """How the days went, oldest first and today last (days are those of UTC).

    `up` and `down` are seconds; what nobody saw is neither.
    """

    days: tuple[int, ...]
    up: float
    down: float

    @property
    def ratio(self) -> float | None:
        """The part of the time seen that was up; None where nothing was seen."""
        seen = self.up + self.down
        return self.up / seen if seen else None


def began(now: float) -> float:
    """When the first of the days began (seconds since the epoch)."""
    return (now // DAY + 1 - DAYS) * DAY


def history(spans: Iterable[Span], now: float) -> History:
    """The days up to now by the spans of one check at one location, in any order.

    Where spans overlap, which takes a clock set back, the earlier one counts.
    """
    first = reached = began(now)
    up, down = [0.0] * DAYS, [0.0] * DAYS
    for span in sorted(spans, key=lambda span: span.start):
        start, end = max(span.start, reached), min(span.end, now)
        if end <= start or span.status not in ("success", "failure"):
            continue
        reached = end
        seconds = up if span.status == "success" else down
        for day, part in _parts(start - first, end - first):
            seconds[day] += part
    days = tuple(map(_went, up, down))
    return History(days, sum(up), sum(down))


def worst(histories: Sequence[History]) -> History | None:
    """Those of several checks as one: of each day the worst, and the lowest ratio."""
    if not histories:
        return None
    lowest = min(histories, key=lambda one: 2.0 if one.ratio is None else one.ratio)
    days = tuple(max(day) for day in zip(*(one.days for one in histories), strict=True))
    return History(days, lowest.up, lowest.down)


def paths(days: Sequence[int]) -> Iterator[tuple[str, str]]:
    """One path of SVG for each way that days went: its name, and the data of the path.

    Days in a row are one line, which a pattern of dashes makes bars of: the page stays small.
    """
    lines: dict[int, list[str]] = {}
    place = 0
    for kind, group in groupby(days):
        count = len(tuple(group))
        lines.setdefault(kind, []).append(f"M{place * STEP} 8h{count * STEP - 1}")
        place += count
    for kind, data in sorted(lines.items()):
        yield NAMES[kind], "".join(data)


def said(one: History) -> str:
    """The strip in words, for whoever does not see it."""
    if one.ratio is None:
        return "90 days: nothing was seen"
    bad = sum(day in (PARTLY, DOWN) for day in one.days)
    unseen = sum(day == UNSEEN for day in one.days)
    parts = [
        f"90 days: {percent(one.ratio)} up",
        f"{bad or 'no'} day{'s' * (bad != 1)} with failures",
    ]
    if unseen:
        parts.append(f"{unseen} not watched")
    return ", ".join(parts)


def percent(ratio: float) -> str:
    """To hundredths, and rounded away from the ends: what is not quite all is never 100 %."""
    value = 100 * ratio
    if 0 < ratio < 1:
        value = min(max(value, 0.01), 99.99)
    return f"{value:.2f} %" if value != int(value) else f"{value:.0f} %"


def _parts(start: float, end: float) -> Iterator[tuple[int, float]]:
    """The days that a time touches, and the seconds of it in each."""
    day = int(start // DAY)
    while start < end and day < DAYS:
        until = min(end, (day + 1) * DAY)
        yield day, until - start
        start, day = until, day + 1


def _went(up: float, down: float) -> int:
    if not down:
        return UP if up else UNSEEN
    return DOWN if down >= MUCH * (up + down) else PARTLY
