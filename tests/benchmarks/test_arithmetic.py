"""Medians, the search for a ceiling, true latencies, growth, and verdicts."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from growing.linear import Growth, exponent
from growing.measure import lost
from side_by_side.ceiling import search, step, sustains
from side_by_side.goals import Goal, goals
from side_by_side.latency import Accuracy, Errors, differences, read_held, samples
from side_by_side.results import Results
from side_by_side.round import Figures, calm
from side_by_side.spread import Spread, quantile, ratio
from side_by_side.work import ALL, Work

FIGURES = Figures(
    *(0.002, 0.004, 50e6, 100e6, 1.0, 0.001, 0.01, 0.02, 0.0, 0.1, 0.1, 2.0, 30.0, 0.1),
    *(0.0, 0.0, 1.0, math.nan),
)


def test_a_quantile_is_a_value_that_was_seen() -> None:
    assert [quantile([4, 1, 3, 2], part) for part in (0.5, 0.75, 0.99, 1)] == [2, 3, 4, 4]
    assert math.isnan(quantile([], 0.5))


def test_rounds_are_shown_by_their_median_and_range() -> None:
    assert Spread.of([3, 1, 2]).text(1) == "2.0 (1.0–3.0)"
    assert Spread.of([1234.5]).text(1) == "1,234.5"


def test_ratios_are_of_one_round_each() -> None:
    assert ratio([1, 2, 9], [2, 4, 9]) == Spread(0.5, 0.5, 1)


def test_a_work_is_found_by_its_name() -> None:
    assert [Work.named(work.name) for work in ALL] == list(ALL)
    assert len(ALL) == 12
    work = Work.named("10000/30s tls kept")
    assert work.rate == pytest.approx(333.33, abs=0.01)
    assert work.of_peer.name == "10000/30s tls new"
    with pytest.raises(ValueError, match="found 'all', expected a name such as"):
        Work.named("all")


@pytest.mark.parametrize("most", [730.0, 20.0, 2600.0])
async def test_a_search_ends_just_below_what_holds(most: float) -> None:
    tried = []

    async def holds(rate: float) -> bool:
        tried.append(rate)
        return rate <= most

    found = await search(holds, 400)
    assert 0.94 * most <= found <= most
    assert len(tried) <= 12


async def test_a_search_finds_nothing_where_nothing_holds() -> None:
    async def never(rate: float) -> bool:
        return rate < 0

    assert await search(never, 400) == 0


@pytest.mark.parametrize(
    "trouble", [{"done": 0.98}, {"queryable": math.nan}, {"queryable": 0.9}, {"drift": 0.2}]
)
def test_a_side_sustains_what_is_done_known_of_and_on_its_beat(trouble: dict[str, float]) -> None:
    assert sustains(FIGURES)
    assert not sustains(replace(FIGURES, **trouble))


def test_a_window_does_not_begin_with_a_scrape() -> None:
    assert [round(calm(interval), 1) for interval in (5, 10, 30, 60)] == [16.7, 23.3, 40, 80]


def test_a_step_tells_who_was_busy() -> None:
    assert "100/s: 1.000 done" in step(FIGURES, Work(1000, 10))
    assert "prober 20%, Prometheus 20% of a core" in step(FIGURES, Work(1000, 10))


def test_reports_are_held_against_what_the_target_knows_of_that_request(tmp_path: Path) -> None:
    log = tmp_path / "held"
    log.write_text("100.0 0.1000 /slow/1\n110.0 0.2000 /slow/1\n100.5 0.1000 /slow/2\n", "ascii")
    held = read_held(log)
    # Theirs: scraped when it was looked at, just before the request came.
    theirs = samples(
        [
            {
                "metric": {"instance": "http://127.0.0.1:1/slow/1"},
                "values": [[99.9, "0.101"], [109.99, "0.203"]],
            }
        ]
    )
    assert differences(theirs, {}, held) == pytest.approx([0.001, 0.003])
    # Ours: scraped later, twice after one run, and told of with the time of the run.
    scraped = {"/slow/2": {107.0: 0.098, 117.0: 0.098}}
    ran = {"/slow/2": {107.0: 100.6, 117.0: 100.6}}
    assert differences(scraped, ran, held) == pytest.approx([-0.002])
    assert differences({"/slow/3": {1.0: 1.0}}, {}, held) == []
    assert Errors.of([-0.002, 0.001]) == Errors(0.001, 0.002, 2)


def test_exponents_tell_linear_growth_from_faster() -> None:
    sizes = [100, 1000, 10000, 30000]
    assert exponent(sizes, [size**2 for size in sizes]) == pytest.approx(2)
    assert Growth.of(sizes, [0.5 + size / 1000 for size in sizes], 0.001).linear
    assert not Growth.of(sizes, [size**1.3 for size in sizes], 0.001).linear
    # What is constant at first and square in the end.
    assert not Growth.of(sizes, [10 + (size / 1000) ** 2 for size in sizes], 0.001).linear
    assert Growth.of(sizes, [0.0001, 0.001, 0.001, 0.0015], 0.002).overall == 0
    assert not Growth.of(sizes, [math.nan] * 4, 0.001).linear


def test_a_lost_beat_is_one_that_was_left_out_since() -> None:
    times = {"/t/1": [0.0, 10, 20], "/t/2": [0.0, 20, 30], "/t/3": [3.0, 13, 33]}
    assert (lost(times, 10, since=0), lost(times, 10, since=25)) == (2, 1)


def test_a_goal_says_by_how_much_it_was_missed() -> None:
    assert Goal("memory", 110, 120, " MB").verdict == "kept"
    assert Goal("memory", 150, 120, " MB").verdict == "missed by 30 MB"
    assert Goal("probes", 2.5, 3, at_least=True).verdict == "missed by 0.5"
    assert Goal("scrape", math.nan, 50, " ms").verdict == "missed: not measured"


def test_all_goals_are_weighed_and_can_be_kept_or_missed() -> None:
    work = Work(10_000, 30, kept=True)
    accuracy = Accuracy(Errors(0.0, 0.0005, 9), Errors(0.0, 0.0, 9))
    results = Results(
        ours={work: [replace(FIGURES, prober=0.0005, job=0.001)]},
        peer={work.of_peer: [FIGURES]},
        ceilings={"evidenced": [2400.0], "blackbox_exporter": [700.0]},
        accuracy={load: {"evidenced": accuracy} for load in ("idle", "full")},
    )
    found = goals(results)
    assert len(found) == 10
    assert all(goal.kept for goal in found)
    slow = replace(FIGURES, memory=150e6, most=0.03, first_round=math.inf, densest=0.3)
    results.ours[work], results.ceilings["evidenced"] = [slow], [800.0]
    late = Accuracy(Errors(0.0, 0.1, 9), Errors(0.0, 0.0, 9))
    results.accuracy = {load: {"evidenced": late} for load in ("idle", "full")}
    assert not any(goal.kept for goal in goals(results))
