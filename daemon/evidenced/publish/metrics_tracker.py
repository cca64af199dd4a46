"""What metrics tell of the issue tracker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filed:
    """How it went with the tracker; None where none is configured.

    `opened` is how many issues were opened, `failures` how many requests failed, `waiting` how many
    outages have no issue yet.
    """

    opened: int | None = None
    failures: int | None = None
    waiting: int | None = None
