from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.watch.drill import FADE, MOST, TOLERANCE, Drill, Drills, Ending

START = 1_800_000_000.0
CLAIMS = {"cart", "search"}
CART = Drill(
    claim="cart", section="stable", began=START, until=START + 300, who="ann", why="new phone"
)


@pytest.fixture
def drills() -> Drills:
    """Drills of which one is on."""
    drills = Drills()
    drills.begin(CART)
    return drills


def test_a_drill_is_on_from_its_beginning_and_ends_by_itself(drills: Drills) -> None:
    assert drills.active(START) == {"cart": CART}
    assert drills.active(START + 299.9) == {"cart": CART}
    assert drills.sweep(START + 299.9, CLAIMS).ended == ()
    # Nobody has to notice the end for it to be one.
    assert drills.active(START + 300) == {}
    (over,) = drills.sweep(START + 307, CLAIMS).ended
    assert (over.ended, over.ending) == (START + 300, Ending.TIME)
    assert drills.sweep(START + 308, CLAIMS).ended == ()
    assert drills.told() == (over,)


def test_one_a_claim(drills: Drills) -> None:
    with pytest.raises(ValueError, match="is on"):
        drills.begin(replace(CART, began=START + 1, until=START + 9))
    assert drills.active(START + 1) == {"cart": CART}
    search = replace(CART, claim="search")
    drills.begin(search)
    assert drills.active(START) == {"cart": CART, "search": search}
    later = replace(CART, began=START + 300, until=START + 400)
    drills.begin(later)
    assert drills.active(START + 300) == {"cart": later}


def test_whoever_stops_it_is_known(drills: Drills) -> None:
    over = drills.end("cart", START + 10, "bob")
    assert over == replace(CART, ended=START + 10, ending=Ending.HAND, ended_by="bob")
    assert drills.active(START + 11) == {}
    assert drills.end("cart", START + 12, "bob") is None
    assert drills.end("search", START + 12, "bob") is None
    # Its time then is no second end.
    assert drills.sweep(START + 300, CLAIMS).ended == ()


def test_it_ends_with_its_claim(drills: Drills) -> None:
    (over,) = drills.sweep(START + 10, {"search"}).ended
    assert (over.ended, over.ending) == (START + 10, Ending.LEDGER)
    assert drills.active(START + 10) == {}


def test_an_end_is_told_for_a_while_and_then_forgotten(drills: Drills) -> None:
    drills.sweep(START + 300, CLAIMS)
    assert drills.sweep(START + 300 + FADE - 1, CLAIMS).forgotten == ()
    assert len(drills.told()) == 1
    assert drills.sweep(START + 300 + FADE, CLAIMS).forgotten == ("cart",)
    assert drills.told() == ()


@pytest.mark.parametrize(
    ("back", "on"),
    [
        pytest.param(1, True, id="a second"),
        pytest.param(MOST - 300 + TOLERANCE, True, id="less than it may last"),
        pytest.param(MOST, False, id="an hour"),
        pytest.param(START, False, id="to the epoch"),
    ],
)
def test_a_clock_set_back_makes_no_drill_longer_than_any_may_be(
    drills: Drills, back: float, on: bool
) -> None:
    now = START - back
    assert bool(drills.active(now)) is on
    ended = drills.sweep(now, CLAIMS).ended
    assert [one.ended for one in ended] == ([] if on else [now])
    assert bool(drills.active(START)) is on


@given(st.lists(st.floats(-2 * MOST, 2 * MOST), max_size=20))
def test_whatever_the_clock_does_there_is_one_end(times: list[float]) -> None:
    drills = Drills()
    drills.begin(CART)
    ended = [over for at in times for over in drills.sweep(START + at, CLAIMS).ended]
    ended += drills.sweep(START + 10 * MOST, CLAIMS).ended
    assert len(ended) == 1
    assert ended[0].ended is not None
    assert ended[0].ended <= CART.until


def test_what_was_read_does_not_change(drills: Drills) -> None:
    active, told = drills.active(START), drills.told()
    drills.end("cart", START + 1, "bob")
    assert active == {"cart": CART}
    assert told == (CART,)
