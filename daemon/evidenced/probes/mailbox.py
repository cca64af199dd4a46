"""Where pushes wait to be looked at: the last one of each check."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from evidenced.probes.attempt import Fact
from evidenced.probes.tally import Tally

NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Push:
    """What was pushed: whether all is well (None: not said), one line, seconds, counts, facts.

    `received` is in seconds since the epoch. All of it was written by others and is not trusted.
    """

    received: float
    ok: bool | None = None
    message: str = ""
    duration: float | None = None
    tally: Tally | None = None
    facts: Mapping[str, Fact] = field(default_factory=lambda: NO_FACTS)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What there is for a check: the last push and its age, and since when one could come.

    `age` and `open_for` are in seconds by the monotonic clock, so a clock that is set does not make
    silence out of nothing.
    """

    open_for: float
    push: Push | None = None
    age: float = 0.0


@dataclass(slots=True)
class _Slot:
    opened: float
    push: Push | None = None
    arrived: float = 0.0


class Mailbox:
    """One slot a check, opened when the check is planned; only the last push in it is kept.

    What it holds is bounded by the number of checks and the size of one push. It belongs to the
    event loop's thread.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._slots: dict[str, _Slot] = {}

    def open(self, names: Iterable[str]) -> None:
        """Keep a slot for each of these names and no other; those that stay keep what they hold."""
        now, before = self._clock(), self._slots
        self._slots = {name: before.get(name) or _Slot(now) for name in names}

    def put(self, name: str, push: Push, age: float = 0.0) -> bool:
        """Put a push into its slot, over the one before; False where there is no such slot.

        `age` is how old it is already, in seconds.
        """
        slot = self._slots.get(name)
        if slot is None:
            return False
        slot.push, slot.arrived = push, self._clock() - max(age, 0.0)
        return True

    def look(self, name: str) -> Waiting:
        """What there is for a check; for one without a slot nothing, since the mailbox began."""
        now, slot = self._clock(), self._slots.get(name)
        if slot is None:
            return Waiting(now - self._began)
        if slot.push is None:
            return Waiting(now - slot.opened)
        return Waiting(now - slot.opened, slot.push, now - slot.arrived)

    def __iter__(self) -> Iterator[tuple[str, Push]]:
        """The last pushes with the names of their checks."""
        for name, slot in self._slots.items():
            if slot.push is not None:
                yield name, slot.push
