"""What waits to be written, bounded in memory: the oldest spans go first, evidence last."""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from evidenced.evidence.records import Evidence, Span

Item = TypeVar("Item")

_SMALL = 300
"""What a record weighs in memory beside its proof, in bytes: about."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A record of evidence that is not in the chain yet, and its proof as canonical JSON."""

    evidence: Evidence
    proof: bytes


@dataclass(frozen=True, slots=True)
class PendingState:
    """State to be saved as canonical JSON, or None to be removed."""

    kind: str
    name: str
    state: bytes | None


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many records were given up because the buffer was full."""

    evidence: int = 0
    spans: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes; the serials say which entries of the buffer these are."""

    evidence: tuple[Pending, ...]
    spans: tuple[Span, ...]
    saved: tuple[PendingState, ...]
    last_evidence: int
    last_span: int

    def __bool__(self) -> bool:
        return bool(self.evidence or self.spans or self.saved)


class _Line(Generic[Item]):
    """Entries in their order, each with a serial number."""

    def __init__(self) -> None:
        self._entries: deque[tuple[int, Item]] = deque()
        self._serial = 0

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, item: Item) -> None:
        self._serial += 1
        self._entries.append((self._serial, item))

    def first(self, count: int) -> tuple[tuple[Item, ...], int]:
        taken = [self._entries[place] for place in range(min(count, len(self._entries)))]
        return tuple(item for _, item in taken), taken[-1][0] if taken else 0

    def pop(self) -> Item:
        return self._entries.popleft()[1]

    def pop_through(self, serial: int) -> list[Item]:
        popped = []
        while self._entries and self._entries[0][0] <= serial:
            popped.append(self._entries.popleft()[1])
        return popped

    def items(self) -> tuple[Item, ...]:
        return tuple(item for _, item in self._entries)


class Buffer:
    """Holds at most about `limit` bytes of evidence and spans, and the latest of each state."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._evidence: _Line[Pending] = _Line()
        self._spans: _Line[Span] = _Line()
        self._saved: dict[tuple[str, str], PendingState] = {}
        self._weight = 0
        self.dropped = Dropped()

    def __len__(self) -> int:
        return len(self._evidence) + len(self._spans) + len(self._saved)

    @property
    def urgent(self) -> bool:
        """Whether there is more than spans, which may wait."""
        return bool(self._evidence or self._saved)

    def put(self, item: Pending | PendingState | Span) -> None:
        """Take in one record; what no longer fits is dropped and counted."""
        match item:
            case Pending():
                self._evidence.append(item)
                self._weight += _weight(item)
            case PendingState():
                self._saved[item.kind, item.name] = item
            case Span():
                self._spans.append(item)
                self._weight += _SMALL
        while self._weight > self._limit:
            self._drop()

    def peek(self, count: int) -> Batch:
        """The oldest records, at most so many of each sort; they stay until `done`."""
        evidence, last_evidence = self._evidence.first(count)
        spans, last_span = self._spans.first(count)
        saved = tuple(self._saved.values())[:count]
        return Batch(evidence, spans, saved, last_evidence, last_span)

    def done(self, batch: Batch) -> None:
        """Let go of what a batch has written."""
        for pending in self._evidence.pop_through(batch.last_evidence):
            self._weight -= _weight(pending)
        self._weight -= _SMALL * len(self._spans.pop_through(batch.last_span))
        for state in batch.saved:
            if self._saved.get((state.kind, state.name)) is state:
                del self._saved[state.kind, state.name]

    def spans(self, check: str) -> tuple[Span, ...]:
        """The closed spans of a check that are not written yet."""
        return tuple(span for span in self._spans.items() if span.check == check)

    def _drop(self) -> None:
        dropped = self.dropped
        if self._spans:
            self._spans.pop()
            self._weight -= _SMALL
            self.dropped = Dropped(dropped.evidence, dropped.spans + 1)
        else:
            self._weight -= _weight(self._evidence.pop())
            self.dropped = Dropped(dropped.evidence + 1, dropped.spans)


def _weight(pending: Pending) -> int:
    return _SMALL + len(pending.proof)
