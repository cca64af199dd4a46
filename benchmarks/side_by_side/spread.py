"""Several measurements of the same: the one in the middle, and how far they lie apart."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


def quantile(values: Sequence[float], part: float) -> float:
    """The smallest value that so large a part of the values does not exceed; NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(math.ceil(part * len(values)) - 1, 0)]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some rounds, and the least and the most of them."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """What these values come to."""
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits: int = 2) -> str:
        """The median, and the range where there is one."""
        middle = f"{self.median:,.{digits}f}"
        if self.least == self.most:
            return middle
        return f"{middle} ({self.least:,.{digits}f}–{self.most:,.{digits}f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Ours by theirs, round by round: machines drift, so only figures of one round compare."""
    return Spread.of([mine / other for mine, other in zip(ours, theirs, strict=True)])
