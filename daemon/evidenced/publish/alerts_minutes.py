"""How each of the last minutes was, kept as runs of minutes that were alike. Pure: no clock."""

from array import array
from collections.abc import Iterator

from evidenced.publish.slo_tiers import MINUTE, TIERS

Sample = bool | None
"""How a minute was: good, bad, or none where nobody could tell."""

KEPT = int(max(tier.long for tier in TIERS) // MINUTE) + 1
"""Minutes that are kept: the longest window of an alert, both its ends included."""

_NONE = 2


class Minutes:
    """The last minutes of one subject, by their numbers on a clock that nobody sets.

    Most are as the one before, so what is kept is where they become other ones: of what is always
    good, a single run.
    """

    __slots__ = ("_begins", "_last", "_values")

    def __init__(self) -> None:
        self._begins = array("q")
        self._values = bytearray()
        self._last = 0

    def note(self, minute: int, sample: Sample) -> bool:
        """Take in how a minute was; whether it is another run than that of the minute before.

        What was not noted before it is none, and a minute that was noted stays as it was.
        """
        return self.fill(minute, minute, sample)

    def fill(self, first: int, last: int, sample: Sample) -> bool:
        """Take in a run of minutes, both ends included, in the order of time."""
        if self._begins:
            first = max(first, self._last + 1)
        if last < first:
            return False
        runs = len(self._begins)
        if runs and first > self._last + 1:
            self._begin(self._last + 1, _NONE)
        self._begin(first, _NONE if sample is None else int(sample))
        changed = len(self._begins) != runs
        self._last = last
        self._forget(last - KEPT + 1)
        return changed

    def _begin(self, minute: int, value: int) -> None:
        if not self._values or self._values[-1] != value:
            self._begins.append(minute)
            self._values.append(value)

    def _forget(self, first: int) -> None:
        """Drop the runs that ended before this minute."""
        gone = 0
        while gone + 1 < len(self._begins) and self._begins[gone + 1] <= first:
            gone += 1
        if gone:
            del self._begins[:gone], self._values[:gone]

    def over(self, minutes: int) -> tuple[int, int]:
        """How many of the last so many minutes were bad, and in how many somebody could tell."""
        first, until = self._last - minutes + 1, self._last + 1
        bad = seen = 0
        for place in range(len(self._begins) - 1, -1, -1):
            begin, value = max(self._begins[place], first), self._values[place]
            if value != _NONE:
                seen += until - begin
                bad += 0 if value else until - begin
            if begin == first:
                break
            until = begin
        return bad, seen

    def runs(self) -> Iterator[tuple[int, int, Sample]]:
        """The runs, oldest first: the first minute of each, its last, and how they were."""
        for place, (begin, value) in enumerate(zip(self._begins, self._values, strict=True)):
            later = place + 1 < len(self._begins)
            last = self._begins[place + 1] - 1 if later else self._last
            yield begin, last, None if value == _NONE else bool(value)

    def __len__(self) -> int:
        return len(self._begins)


def joined(older: Minutes, newer: Minutes) -> Minutes:
    """Both as one; where they overlap, the older one counts."""
    both = Minutes()
    for minutes in (older, newer):
        for first, last, sample in minutes.runs():
            both.fill(first, last, sample)
    return both
