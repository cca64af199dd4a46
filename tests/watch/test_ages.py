from hypothesis import given
from hypothesis import strategies as st

from evidenced.config.flapping import Flapping
from evidenced.watch.ages import Ages
from evidenced.watch.verdict import CheckState, Standing, aged_by, at_age

MOMENTS = st.integers(0, 50).map(float)


def test_a_check_is_due_once_at_its_moment() -> None:
    ages = Ages()
    ages.by("cart", 10.0)
    assert list(ages.due(9.9)) == []
    assert list(ages.due(10.0)) == ["cart"]
    assert list(ages.due(20.0)) == []


def test_an_earlier_moment_takes_the_place_of_a_later_one() -> None:
    ages = Ages()
    for moment in (30.0, 10.0, 20.0, float("inf")):
        ages.by("cart", moment)
    assert list(ages.due(10.0)) == ["cart"]
    assert list(ages.due(100.0)) == []


STATES = st.builds(
    CheckState,
    confirmed=st.sampled_from(Standing),
    confirmed_since=MOMENTS,
    last_verified=st.none() | MOMENTS,
    changes=st.lists(MOMENTS, max_size=4).map(lambda some: tuple(sorted(some))),
    flapping_since=st.none() | MOMENTS,
)


FLAPPINGS = st.builds(
    Flapping, changes=st.integers(2, 3), window=st.integers(1, 30).map("{}s".format)
)


@given(STATES, st.integers(1, 30), FLAPPINGS, MOMENTS)
def test_before_its_moment_age_changes_nothing(
    state: CheckState, max_age: float, flapping: Flapping, now: float
) -> None:
    if now < aged_by(state, max_age, flapping):
        assert at_age(state, now, max_age, flapping) is state
