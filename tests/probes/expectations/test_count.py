import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.expect import CountRange
from evidenced.probes.attempt import Reason
from evidenced.probes.expectations.count import judge_count, phrase, within

LEAST = st.none() | st.integers(0, 50)


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ({"min": 1}, "at least 1"),
        ({"max": 0}, "at most 0"),
        ({"min": 2, "max": 2}, "exactly 2"),
        ({"min": 2, "max": 5}, "2 to 5"),
    ],
)
def test_bounds_in_words(bounds: dict[str, int], text: str) -> None:
    assert phrase(CountRange(**bounds)) == text


@given(LEAST, st.integers(0, 50), st.booleans(), st.integers(0, 120))
def test_the_bounds_belong_to_them(least: int | None, more: int, bounded: bool, value: int) -> None:
    most = (least or 0) + more if bounded or least is None else None
    allowed = range(least or 0, (120 if most is None else most) + 1)
    written = {key: each for key, each in (("min", least), ("max", most)) if each is not None}
    assert within(CountRange(**written), value) is (value in allowed)


def test_a_judgement_says_what_is_counted() -> None:
    judgement = judge_count("tests", "the number of tests", 3, CountRange(min=19))
    assert not judgement.met
    assert judgement.expected == "the number of tests to be at least 19"
    assert (judgement.name, judgement.found, judgement.reason) == ("tests", "3", Reason.STATUS)
