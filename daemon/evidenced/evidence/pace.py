"""How often the store writes, and how long it tries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """All in seconds.

    `linger` is how long a batch is gathered after its first record. Closed spans go with the next
    batch, or after `spans`. Spans under way are written every `open`, so a kill leaves a gap of at
    most so much in them. Retention looks every `prune`. A failed write is tried again after a
    random wait that grows from `retry_first` to at most `retry_longest`. At the end, `closing` is
    given to write what is left.
    """

    linger: float = 1.0
    spans: float = 60.0
    open: float = 1200.0
    prune: float = 3600.0
    retry_first: float = 0.5
    retry_longest: float = 30.0
    closing: float = 5.0
