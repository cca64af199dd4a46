"""Runs folded into spans, and uptime reckoned from spans. Pure: no clock, no file.

A run speaks for its check from its start to the start of the next run, or, where none follows
within its reach, to its own end. So the spans of a check watched without a pause leave no gap
between them, and a pause (the daemon was stopped, the check was taken out) is a gap that counts
neither as up nor as down.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from evidenced.evidence.records import Run, Span

DAY = 86_400.0
PERIODS = (("24h", DAY), ("7d", 7 * DAY), ("30d", 30 * DAY))
"""The periods over which uptime is told: name and seconds."""

AT_ONCE = 500
"""Spans that are looked at in one go: a tenth of a millisecond's work."""


@dataclass(frozen=True, slots=True)
class Uptime:
    """How a period went, in seconds: `up`, `down`, and `unseen` for all that is neither."""

    up: float
    down: float
    unseen: float

    @property
    def ratio(self) -> float | None:
        """The part of the time seen that was up; None where nothing was seen."""
        seen = self.up + self.down
        return self.up / seen if seen else None


class _Open:
    """A span under way. It changes in place: ten thousand new objects a minute would bring Python's
    garbage collector in, which holds everything up."""

    __slots__ = ("count", "end", "first", "last", "longest", "shortest", "total")

    def __init__(self, run: Run) -> None:
        self.first = self.last = run
        self.end = run.at + run.duration
        self.count = 1
        self.shortest = self.longest = self.total = run.duration

    def extend(self, run: Run) -> None:
        self.last = run
        self.end = run.at + run.duration
        self.count += 1
        self.shortest = min(self.shortest, run.duration)
        self.longest = max(self.longest, run.duration)
        self.total += run.duration

    def ended_by(self, now: float) -> bool:
        return now > self.last.at + self.last.reach

    def reaches(self, at: float) -> bool:
        return self.last.at <= at <= self.last.at + self.last.reach

    def span(self, end: float | None = None) -> Span:
        return Span(
            check=self.first.check,
            location=self.first.location,
            status=self.first.status,
            start=self.first.at,
            end=self.end if end is None else end,
            count=self.count,
            shortest=self.shortest,
            mean=self.total / self.count,
            longest=self.longest,
        )


class Folding:
    """The spans under way, one a check and location."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], _Open] = {}

    def add(self, run: Run) -> Span | None:
        """Take in a run, in the order of the runs of its check; the span that it closed, or None.

        A run that begins before the last one (the wall clock was set back) or after its reach
        closes the span as it is: what lies between is a gap.
        """
        key = (run.check, run.location)
        under_way = self._open.get(key)
        if under_way is None:
            self._open[key] = _Open(run)
            return None
        follows = under_way.reaches(run.at)
        if follows and under_way.first.status == run.status:
            under_way.extend(run)
            return None
        self._open[key] = _Open(run)
        return under_way.span(run.at if follows else None)

    def under_way(self, check: str | None = None) -> Iterator[Span]:
        """The spans that are open, of one check or of all; each ends with its last run.

        Runs may be added meanwhile.
        """
        for key in tuple(self._open):
            if (check is None or key[0] == check) and key in self._open:
                yield self._open[key].span()

    def silent(self, now: float) -> Iterator[tuple[Span, ...]]:
        """Close the spans whose last run does not reach up to `now`.

        They come in parts, many of them empty, after each of which the event loop may have its
        turn; runs may be added meanwhile.
        """
        keys = iter(tuple(self._open))
        while some := tuple(islice(keys, AT_ONCE)):
            gone = [key for key in some if key in self._open and self._open[key].ended_by(now)]
            yield tuple(self._open.pop(key).span() for key in gone)


def uptime(
    spans: Iterable[Span],
    since: float,
    until: float,
    *,
    up: Collection[str] = ("success",),
    down: Collection[str] = ("failure",),
) -> Uptime:
    """How the time from `since` to `until` went by the spans of one check, in any order.

    Time in spans of any other status, such as one of runs that could not see, is unseen like the
    gaps are. Where spans overlap, which takes a clock set back, the earlier one counts.
    """
    seconds = {True: 0.0, False: 0.0}
    reached = since
    for span in sorted(spans, key=lambda span: span.start):
        start, end = max(span.start, reached), min(span.end, until)
        if end <= start:
            continue
        reached = end
        if span.status in up or span.status in down:
            seconds[span.status in up] += end - start
    seen = seconds[True] + seconds[False]
    return Uptime(seconds[True], seconds[False], max(until - since - seen, 0.0))
