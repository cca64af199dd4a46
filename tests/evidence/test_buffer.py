"""The buffer is bounded, and gives up spans before evidence."""

from collections.abc import Callable

import pytest

from evidenced.evidence.buffer import Buffer, Dropped, Pending, PendingState
from evidenced.evidence.records import Evidence, Span

LIMIT = 10_000


def span(start: float) -> Span:
    return Span(
        check="oven", status="success", start=start, end=start + 1, count=1,
        shortest=1, mean=1, longest=1,
    )  # fmt: skip


@pytest.fixture
def pending(make_evidence: Callable[..., Evidence]) -> Callable[[int], Pending]:
    return lambda number: Pending(make_evidence(number), b"x" * 700)


def test_gives_up_the_oldest_spans_first(pending: Callable[[int], Pending]) -> None:
    buffer = Buffer(LIMIT)
    for number in range(33):
        buffer.put(span(number))
    assert (len(buffer), buffer.dropped) == (33, Dropped())
    for number in range(4):
        buffer.put(pending(number))
    assert buffer.dropped.evidence == 0
    batch = buffer.peek(100)
    assert [one.start for one in batch.spans] == list(range(buffer.dropped.spans, 33))
    assert len(batch.evidence) == 4


def test_gives_up_the_oldest_evidence_last(pending: Callable[[int], Pending]) -> None:
    buffer = Buffer(LIMIT)
    for number in range(12):
        buffer.put(span(number))
        buffer.put(pending(number))
    assert buffer.dropped == Dropped(evidence=2, spans=12)
    assert [one.evidence.at for one in buffer.peek(100).evidence] == list(range(2, 12))


def test_keeps_the_latest_state_only() -> None:
    buffer = Buffer(LIMIT)
    buffer.put(PendingState("a", "b", b"1"))
    batch = buffer.peek(10)
    buffer.put(PendingState("a", "b", b"2"))
    buffer.done(batch)
    assert [state.state for state in buffer.peek(10).saved] == [b"2"]


def test_what_is_dropped_while_it_is_written_does_not_take_others_with_it(
    pending: Callable[[int], Pending],
) -> None:
    buffer = Buffer(LIMIT)
    for number in range(10):
        buffer.put(pending(number))
    batch = buffer.peek(5)
    for number in range(10, 13):
        buffer.put(pending(number))
    buffer.done(batch)
    assert [one.evidence.at for one in buffer.peek(100).evidence] == list(range(5, 13))
    assert buffer.dropped == Dropped(evidence=3)
