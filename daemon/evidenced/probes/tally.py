"""The counts of one test run."""

from dataclasses import dataclass
from typing import TypeVar

N = TypeVar("N", int, float)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tests there were, and how they ended; None for what nobody counted.

    `tests` are all of the report, the skipped ones among them. `seconds` is how long they took.
    """

    tests: int
    failures: int = 0
    errors: int = 0
    skipped: int = 0
    assertions: int | None = None
    seconds: float | None = None

    @property
    def ran(self) -> int:
        """The tests that were not skipped."""
        return max(self.tests - self.skipped, 0)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            tests=self.tests + other.tests,
            failures=self.failures + other.failures,
            errors=self.errors + other.errors,
            skipped=self.skipped + other.skipped,
            assertions=_sum(self.assertions, other.assertions),
            seconds=_sum(self.seconds, other.seconds),
        )


def _sum(left: N | None, right: N | None) -> N | None:
    """The sum of what was counted."""
    known = [value for value in (left, right) if value is not None]
    return sum(known) if known else None
