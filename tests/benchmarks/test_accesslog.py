"""What the target saw, read from its log."""

from pathlib import Path

import pytest

from side_by_side.accesslog import (
    Access,
    FirstRound,
    Log,
    by_path,
    drift,
    interval_errors,
    within,
)

LINES = """\
100.000 1 . 200 /t/1
101.500 1 r 200 /t/2
110.004 2 . 200 /t/1
111.400 2 r 500 /t/2
"""


def log(tmp_path: Path, text: str) -> Log:
    path = tmp_path / "access.log"
    path.write_text(text, "ascii")
    found = Log(path)
    found.follow()
    return found


def test_a_line_tells_of_its_connection_and_its_session(tmp_path: Path) -> None:
    first, second, third, fourth = log(tmp_path, LINES).accesses
    assert first == Access(100.0, "/t/1", kept=False, resumed=False, status=200)
    assert (second.kept, second.resumed) == (False, True)
    assert (third.kept, third.resumed) == (True, False)
    assert (fourth.status, fourth.path) == (500, "/t/2")


def test_a_log_is_read_on_from_where_it_was_left_and_half_a_line_is_left(tmp_path: Path) -> None:
    whole, half = LINES[:-9], LINES[-9:]
    found = log(tmp_path, whole)
    assert (len(found.accesses), found.seen) == (3, 2)
    with (tmp_path / "access.log").open("a", encoding="ascii") as file:
        file.write(half)
    found.follow()
    found.follow()
    assert [access.at for access in found.accesses] == [100.0, 101.5, 110.004, 111.4]


def test_only_what_lies_in_the_window_counts(tmp_path: Path) -> None:
    accesses = log(tmp_path, LINES).accesses
    assert [access.at for access in within(accesses, 101.5, 111.4)] == [101.5, 110.004]


def test_an_interval_may_be_too_long_or_too_short_and_ends_in_the_window(tmp_path: Path) -> None:
    times = by_path(log(tmp_path, LINES).accesses)
    assert interval_errors(times, 10, 0, 200) == pytest.approx([0.004, 0.1])
    assert interval_errors(times, 10, 111, 200) == pytest.approx([0.1])


def test_a_beat_left_out_counts_with_its_whole_length() -> None:
    assert interval_errors({"/t/1": [0.0, 20.0]}, 10, 0, 100) == [10.0]


def test_looks_that_come_later_and_later_drift_and_left_out_beats_do_not() -> None:
    late = {"/t/1": [0.0, 10.2, 20.4], "/t/2": [5.0, 15.0, 25.0]}
    assert drift(late, 10, 0, 100) == pytest.approx(0.2)
    assert drift({"/t/1": [0.0, 20.0]}, 10, 0, 100) == 0
    assert drift({"/t/1": [0.0]}, 10, 0, 100) == 0


def test_a_first_round_is_over_when_all_were_looked_at() -> None:
    times = {f"/t/{n}": [100 + n * 0.1, 200.0] for n in range(100)}
    even = FirstRound.of(times, 100, 10, start=98)
    assert even.loading == 2
    assert even.took == pytest.approx(9.9)
    assert even.densest == pytest.approx(0.1, abs=0.011)
    assert FirstRound.of(times, 101, 10, start=98).took == float("inf")
    assert FirstRound.of({}, 1, 10, start=98).took == float("inf")


def test_a_first_round_all_at_once_is_dense() -> None:
    assert FirstRound.of({f"/t/{n}": [100.0] for n in range(9)}, 9, 10, start=98).densest == 1
