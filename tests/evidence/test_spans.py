"""Runs become spans, and spans become uptime."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.evidence.records import Run, Span
from evidenced.evidence.spans import Folding, Uptime, uptime

MakeRun = Callable[..., Run]


def folded(runs: list[Run]) -> list[Span]:
    folding = Folding()
    closed = [span for run in runs if (span := folding.add(run)) is not None]
    return closed + list(folding.under_way())


def test_runs_that_end_alike_are_one_span(make_run: MakeRun) -> None:
    (span,) = folded([make_run(60.0 * n, duration=d) for n, d in enumerate([0.5, 0.1, 0.9])])
    assert (span.start, span.end, span.count) == (0.0, 120.9, 3)
    assert (span.shortest, span.longest) == (0.1, 0.9)
    assert span.mean == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param(
            [(0, "success"), (60, "failure"), (120, "success")],
            [("success", 0, 60), ("failure", 60, 120), ("success", 120, 120.5)],
            id="a change ends a span where the next run begins",
        ),
        pytest.param(
            [(0, "success"), (60, "success"), (151, "success")],
            [("success", 0, 60.5), ("success", 151, 151.5)],
            id="beyond its reach a run does not speak",
        ),
        pytest.param(
            [(0, "success"), (90, "failure")],
            [("success", 0, 90), ("failure", 90, 90.5)],
            id="up to its reach it does",
        ),
        pytest.param(
            [(100, "success"), (40, "success")],
            [("success", 100, 100.5), ("success", 40, 40.5)],
            id="a clock set back",
        ),
    ],
)
def test_where_spans_end(
    make_run: MakeRun, runs: list[tuple[float, str]], expected: list[tuple[str, float, float]]
) -> None:
    spans = folded([make_run(at, status) for at, status in runs])
    assert [(span.status, span.start, span.end) for span in spans] == expected


def test_checks_and_locations_are_folded_apart(make_run: MakeRun) -> None:
    folding = Folding()
    for more in ({"check": "a"}, {"check": "b"}, {"check": "a", "location": "fra1"}):
        assert folding.add(make_run(0, **more)) is None
    assert len(list(folding.under_way())) == 3
    assert [span.location for span in folding.under_way("a")] == ["", "fra1"]


def test_a_check_that_went_silent_is_closed(make_run: MakeRun) -> None:
    folding = Folding()
    folding.add(make_run(0, check="gone"))
    folding.add(make_run(60, check="here"))
    assert [span.check for spans in folding.silent(91) for span in spans] == ["gone"]
    assert [span.check for span in folding.under_way()] == ["here"]
    assert [*folding.silent(91)] == [()]


def test_uptime_counts_neither_gaps_nor_what_could_not_be_seen(make_run: MakeRun) -> None:
    statuses = [*["success"] * 5, "failure", *["unknown"] * 2, *["success"] * 2]
    runs = [make_run(60.0 * n, status) for n, status in enumerate(statuses)]
    after_a_gap = make_run(3000, "failure")
    found = uptime(folded([*runs, after_a_gap]), 60, 3600)
    assert found == Uptime(up=240 + 60.5, down=60.5, unseen=3540 - 361)
    assert found.ratio == pytest.approx(300.5 / 361)


def test_uptime_of_nothing_is_unknown() -> None:
    assert uptime([], 0, 100) == Uptime(0, 0, 100)
    assert uptime([], 0, 100).ratio is None


RUNS = st.lists(
    st.tuples(
        st.floats(0, 1000), st.sampled_from(["success", "failure", "unknown"]), st.floats(0, 60)
    ),
    max_size=30,
)


@given(RUNS)
def test_no_run_is_lost_and_no_second_counts_twice(found: list[tuple[float, str, float]]) -> None:
    runs = [
        Run(check="a", status=status, at=at, duration=took, reach=90.0)
        for at, status, took in found
    ]
    spans = folded(runs)
    assert sum(span.count for span in spans) == len(runs)
    assert all(span.shortest <= span.longest for span in spans)
    whole = uptime(spans, 0, 1100)
    assert whole.up + whole.down + whole.unseen == pytest.approx(1100)
    assert min(whole.up, whole.down, whole.unseen) >= 0
