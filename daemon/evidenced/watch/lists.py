"""How the lists stand in which targets are found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TargetList:
    """One list: `check` is the name of the check that its targets are for.

    `source` is the list without secrets, `good` whether it could be read the last time, and
    `succeeded` when it last could, in seconds since the epoch.
    """

    check: str
    source: str
    targets: int
    good: bool
    succeeded: float | None
