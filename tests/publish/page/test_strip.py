"""Ninety days of a check as bars."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.evidence.records import Span
from evidenced.evidence.spans import DAY, uptime
from evidenced.publish.page.strip import (
    DAYS,
    DOWN,
    PARTLY,
    UNSEEN,
    UP,
    History,
    began,
    history,
    paths,
    percent,
    said,
    worst,
)

NOW = 20_000 * DAY + 0.5 * DAY


def span(start: float, end: float, status: str = "success") -> Span:
    return Span(
        check="a", status=status, start=start, end=end, count=2, shortest=1, mean=1, longest=1
    )


def test_each_day_goes_its_own_way() -> None:
    today = 20_000 * DAY
    spans = [
        span(today - 3 * DAY, today - 1.5 * DAY),
        span(today - 1.5 * DAY, today - 1.49 * DAY, "failure"),
        span(today - 1.49 * DAY, today),
        span(today, today + 0.2 * DAY, "failure"),
        span(today + 0.2 * DAY, today + 9 * DAY, "unknown"),
    ]
    found = history(spans, NOW)
    assert len(found.days) == DAYS
    assert found.days[-4:] == (UP, PARTLY, UP, DOWN)
    assert set(found.days[:-4]) == {UNSEEN}
    assert found.down == pytest.approx(0.21 * DAY)
    assert said(found) == "90 days: 93.44 % up, 2 days with failures, 86 not watched"


def test_nothing_seen_is_neither_up_nor_down() -> None:
    found = history([], NOW)
    assert found.ratio is None
    assert said(found) == "90 days: nothing was seen"
    assert list(paths(found.days)) == [("unseen", "M0 8h359")]


@given(
    st.lists(
        st.tuples(
            st.floats(-100, 1), st.floats(0, 30), st.sampled_from(["success", "failure", "unknown"])
        ),
        max_size=12,
    )
)
def test_it_counts_as_uptime_does(some: list[tuple[float, float, str]]) -> None:
    spans = [span(NOW + at * DAY, NOW + (at + lasts) * DAY, how) for at, lasts, how in some]
    seen = [one for one in spans if one.status != "unknown"]
    found, expected = history(spans, NOW), uptime(seen, began(NOW), NOW)
    assert found.up == pytest.approx(expected.up)
    assert found.down == pytest.approx(expected.down)


def test_days_in_a_row_are_one_line() -> None:
    days = (UP,) * 40 + (DOWN,) + (UP,) * 49
    assert list(paths(days)) == [("up", "M0 8h159M164 8h195"), ("down", "M160 8h3")]


def test_of_several_checks_the_worst_counts() -> None:
    good = History((UP,) * DAYS, 100.0, 0.0)
    bad = History((UNSEEN,) * (DAYS - 1) + (DOWN,), 1.0, 1.0)
    found = worst([good, bad])
    assert found is not None
    assert found.days == (UP,) * (DAYS - 1) + (DOWN,)
    assert found.ratio == 0.5
    assert worst([]) is None


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1, "100 %"), (0, "0 %"), (0.999999, "99.99 %"), (0.0000001, "0.01 %"), (0.5, "50 %")],
)
def test_what_is_not_quite_all_is_not_all(ratio: float, text: str) -> None:
    assert percent(ratio) == text
