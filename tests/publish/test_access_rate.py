import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.publish.access_rate import Limit, Rates, site_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


LIMIT = Limit(interval=2.0, burst=3)


def test_a_burst_is_taken_at_once_and_then_one_each_interval() -> None:
    clock = Clock()
    rates = Rates(clock=clock)
    assert [rates.take("a", LIMIT) for _ in range(5)] == [0, 0, 0, 2, 2]
    clock.now += 0.5
    assert rates.take("a", LIMIT) == 1.5
    assert rates.take("b", LIMIT) == 0
    clock.now += 1.5
    assert rates.take("a", LIMIT) == 0
    clock.now += 1000
    assert [rates.take("a", LIMIT) for _ in range(4)] == [0, 0, 0, 2]


def test_what_costs_more_than_a_full_bucket_is_had_for_a_full_one() -> None:
    rates = Rates(clock=Clock())
    assert rates.take("a", LIMIT, 5) == 0
    assert rates.take("a", LIMIT, 5) == 6


def test_what_is_given_back_is_there_again_but_no_more_than_a_bucket() -> None:
    rates = Rates(clock=Clock())
    rates.give_back("nobody", 9)
    assert len(rates) == 0
    assert [rates.take("a", LIMIT) for _ in range(3)] == [0, 0, 0]
    rates.give_back("a")
    assert [rates.take("a", LIMIT) for _ in range(2)] == [0, 2]
    rates.give_back("a", 90)
    assert [rates.take("a", LIMIT) for _ in range(4)] == [0, 0, 0, 2]


def test_an_interval_of_0_is_no_limit() -> None:
    rates = Rates()
    assert [rates.take("a", Limit(0, 1)) for _ in range(9)] == [0] * 9
    assert len(rates) == 0


def test_no_more_than_so_many_addresses_are_remembered() -> None:
    rates = Rates(most=2, clock=Clock())
    once = Limit(1.0, 1)
    assert rates.take("a", once) == 0
    assert rates.take("b", once) == 0
    assert rates.take("a", once) == 1
    assert rates.take("c", once) == 0
    assert len(rates) == 2
    assert rates.take("a", once) == 1, "it was heard of later than b"
    assert rates.take("b", once) == 0, "it was forgotten"


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(1, 5))))
def test_nobody_has_more_than_the_burst_and_what_came_in_since(
    steps: list[tuple[float, int]],
) -> None:
    clock = Clock()
    rates = Rates(clock=clock)
    had = 0
    for passed, count in steps:
        clock.now += passed
        wait = rates.take("a", LIMIT, count)
        assert wait >= 0
        had += 0 if wait else min(count, LIMIT.burst)
    assert had <= LIMIT.burst + clock.now / LIMIT.interval + 1e-6


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("/run/socket", ""),
        (None, ""),
    ],
)
def test_a_site_is_one_caller(address: str | None, site: str) -> None:
    assert site_of(address) == site
