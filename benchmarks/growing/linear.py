"""Whether a figure grows no faster than the number of checks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

OVERALL = 1.05
"""The steepest exponent over all sizes: 1 is linear."""
LAST = 1.25
"""The steepest between the two largest sizes, where two measurements may be off by a tenth each."""


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The power of the size that the values grow with: the slope of a line through logarithms."""
    across = [math.log(size) for size in sizes]
    up = [math.log(value) for value in values]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    square = sum((x - middle) ** 2 for x in across)
    return sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True)) / square


@dataclass(frozen=True, slots=True)
class Growth:
    """How one figure grows."""

    overall: float
    last: float

    @classmethod
    def of(cls, sizes: Sequence[float], values: Sequence[float], floor: float) -> Self:
        """Of these values at these sizes; what is below the floor is too small to be told apart."""
        raised = [max(value, floor) for value in values]
        return cls(exponent(sizes, raised), exponent(sizes[-2:], raised[-2:]))

    @property
    def linear(self) -> bool:
        """Whether it is no faster than linear; what could not be measured is not."""
        return self.overall <= OVERALL and self.last <= LAST
