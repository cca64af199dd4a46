"""Samples that come back after a restart: on another clock, up to when the last ones were taken."""

from collections.abc import Sequence

import pytest

from evidenced.evidence.records import JSON, Saved
from evidenced.publish.alerts_hold import Now
from evidenced.publish.alerts_kept import (
    SAMPLES,
    TAKEN,
    minute_of,
    restored_samples,
    samples_saved,
    strangers,
    taken_saved,
)
from evidenced.publish.alerts_minutes import Minutes

START = 1_800_000_017.0
BELLS = ("check", "bells")
Runs = Sequence[tuple[int, bool | None]]


def kept(runs: Runs, now: Now) -> tuple[Saved, ...]:
    """What is kept of these runs (so many minutes, and how they were), the last of which is now."""
    minutes, minute = Minutes(), minute_of(now.ticks) - sum(lasted for lasted, _ in runs)
    for lasted, sample in runs:
        minutes.fill(minute + 1, minute + lasted, sample)
        minute += lasted
    return samples_saved(BELLS, minutes, now), taken_saved(0, now)


RUNS = [(30, True), (4, False), (10, None), (5, True), (1, False)]


@pytest.mark.parametrize("ticks", [10.0, 59.0, 7_777.5], ids=str)
@pytest.mark.parametrize("away", [0.0, 60.0, 6000.0], ids=str)
def test_minutes_come_back_on_the_clock_of_another_process(ticks: float, away: float) -> None:
    now = Now(START + away, ticks)
    found = restored_samples(kept(RUNS, Now(START, 123_456.0)), [BELLS], now)[BELLS]
    lasted = [last - first + 1 for first, last, _ in found.runs()]
    assert [sample for _, _, sample in found.runs()] == [sample for _, sample in RUNS]
    assert all(abs(one - run) <= 1 for one, (run, _) in zip(lasted, RUNS, strict=True)), (
        "a minute begins elsewhere on another clock"
    )
    *_, (_, last, _) = found.runs()
    assert minute_of(now.ticks - away) - last in (0, 1)


def test_the_last_run_goes_on_until_samples_were_last_taken() -> None:
    saved, _ = kept([(30, True), (1, False)], Now(START, 9000.0))
    later = Now(START + 1200, 10_200.0)
    found = restored_samples((saved, taken_saved(0, later)), [BELLS], later)[BELLS]
    assert found.over(60) == (21, 51)


def test_each_shard_says_until_when_it_took_its_own() -> None:
    now = Now(START, 9000.0)
    saved, _ = kept([(30, True), (1, False)], now)
    moved = Saved(kind=saved.kind, name=saved.name, state=saved.state, shard=3)
    others = (taken_saved(0, Now(START + 6000, 15_000.0)), taken_saved(3, now))
    later = Now(START + 6000, 15_000.0)
    assert restored_samples((moved, *others), [BELLS], later)[BELLS].over(6000) == (1, 31)
    assert not restored_samples((moved, others[0]), [BELLS], later)


def test_what_is_yet_to_come_by_a_clock_set_back_is_not_there() -> None:
    saved = kept([(30, True), (20, False)], Now(START, 9000.0))
    found = restored_samples(saved, [BELLS], Now(START - 1500, 9000.0))[BELLS]
    assert found.over(60)[0] == 0
    assert not restored_samples(saved, [BELLS], Now(START - 1e6, 9000.0))[BELLS].over(60)[1]


@pytest.mark.parametrize(
    "state", [None, 7, "good", {}, [7], [[START]], [["then", True]], [[1e400, True]]], ids=str
)
def test_what_another_version_kept_is_left_out(state: JSON) -> None:
    now = Now(START, 9000.0)
    saved = Saved(kind=SAMPLES, name="check bells", state=state)
    found = restored_samples((saved, taken_saved(0, now)), [BELLS], now)
    assert not found.get(BELLS, Minutes()).over(60)[1]
    until = Saved(kind=TAKEN, name="0", state="lately")
    assert not restored_samples((*kept(RUNS, now)[:1], until), [BELLS], now)


def test_what_has_no_slo_is_a_stranger() -> None:
    saved = kept(RUNS, Now(START, 9000.0))
    assert strangers(saved, [BELLS]) == ()
    assert strangers(saved, [("claim", "bells")]) == ("check bells",)
    assert not restored_samples(saved, [("claim", "bells")], Now(START, 9000.0))
