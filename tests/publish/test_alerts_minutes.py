"""Runs of minutes say the same as each minute by itself."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from evidenced.publish.alerts_minutes import KEPT, Minutes, Sample, joined

samples = st.sampled_from([True, False, None])
noted = st.lists(st.tuples(st.integers(1, 4), samples), min_size=1, max_size=60)


def taken(steps: list[tuple[int, Sample]], first: int = 0) -> tuple[Minutes, dict[int, Sample]]:
    """Samples with so many minutes between them, as runs and one by one."""
    minutes, plain, minute = Minutes(), dict[int, Sample](), first
    for step, sample in steps:
        minute += step
        minutes.note(minute, sample)
        plain[minute] = sample
    return minutes, plain


@given(steps=noted, window=st.integers(1, 300), first=st.integers(-500, 500))
def test_a_window_counts_each_of_its_minutes(
    steps: list[tuple[int, Sample]], window: int, first: int
) -> None:
    minutes, plain = taken(steps, first)
    inside = [one for at, one in plain.items() if at > max(plain) - window and one is not None]
    assert minutes.over(window) == (inside.count(False), len(inside))


@given(steps=noted)
def test_the_runs_are_all_there_is(steps: list[tuple[int, Sample]]) -> None:
    minutes, plain = taken(steps)
    spread = {at: sample for first, last, sample in minutes.runs() for at in range(first, last + 1)}
    assert {at: one for at, one in spread.items() if at in plain} == plain
    assert {one for at, one in spread.items() if at not in plain} <= {None}
    values = [sample for _, _, sample in minutes.runs()]
    assert all(one is not other for one, other in pairwise(values))
    assert len(minutes) == len(values)


@given(older=noted, newer=noted, apart=st.integers(-50, 50))
def test_where_two_overlap_the_older_one_counts(
    older: list[tuple[int, Sample]], newer: list[tuple[int, Sample]], apart: int
) -> None:
    before, plain = taken(older)
    after, others = taken(newer, max(plain) + apart)
    last = max(plain)
    expected = plain | {at: one for at, one in others.items() if at > last}
    both = joined(before, after)
    end = max(expected)
    for window in (1, 5, 30, 500):
        inside = [one for at, one in expected.items() if at > end - window and one is not None]
        assert both.over(window) == (inside.count(False), len(inside))


def test_what_is_new_is_told_and_a_minute_is_taken_once() -> None:
    minutes = Minutes()
    assert [minutes.note(at, one) for at, one in ((7, True), (8, True), (9, False))] == [
        True,
        False,
        True,
    ]
    assert not minutes.note(9, True)
    assert not minutes.note(3, True)
    assert minutes.over(3) == (1, 3)


def test_nothing_is_kept_for_longer_than_an_alert_looks_back() -> None:
    minutes = Minutes()
    for at in range(2 * KEPT):
        minutes.note(at, at % 2 == 0)
    assert len(minutes) == KEPT == 4321
    assert minutes.over(KEPT) == (KEPT // 2 + 1, KEPT)


def test_of_what_is_always_good_there_is_one_run() -> None:
    minutes = Minutes()
    for at in range(2 * KEPT):
        minutes.note(at, True)
    assert len(minutes) == 1
    assert minutes.over(KEPT) == (0, KEPT)


def test_without_a_sample_nothing_was_seen() -> None:
    assert Minutes().over(60) == (0, 0)
