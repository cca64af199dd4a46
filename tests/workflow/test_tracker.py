"""What is to be done about outages, given the board, what is known, and the time."""

from dataclasses import replace

import pytest

from evidenced.ledger.model import Item, Section
from evidenced.workflow.tracker import (
    Left,
    Outage,
    Pace,
    followed,
    is_certain,
    is_due,
    is_news,
    is_over,
    may_ask_for_one,
)
from evidenced.workflow.tracker_board import Key, Matter

ITEM = Item("ovens", Section.STABLE, "The ovens are hot", "/ovens returns 200", 3)
KEY: Key = ("ovens", False)
PACE = Pace()
NOW = 10_000.0
OPEN = Outage(
    claim="ovens",
    drill=False,
    began=NOW - 600,
    id="a1",
    where="here",
    number=7,
    opened=NOW - 600,
    confirmed=True,
    told="cold",
    said=NOW - 600,
    looked=NOW - 10,
)


def matter(*, on: bool | None, since: float = NOW - 600, wanted: bool = True) -> Matter:
    return Matter(ITEM, drill=False, on=on, wanted=wanted, since=since)


def follow(outage: Outage | None, found: Matter | None, where: str = "here") -> Outage | None:
    outages = {} if outage is None else {KEY: outage}
    matters = {} if found is None else {KEY: found}
    return followed(outages, matters, where, PACE, NOW, lambda: "new").get(KEY)


def test_a_contradiction_is_an_outage_since_it_began() -> None:
    found = follow(None, matter(on=True))
    assert found == Outage(claim="ovens", drill=False, began=NOW - 600, id="new", where="here")
    # A clock that was set back since must not let it begin later than now.
    ahead = follow(None, matter(on=True, since=NOW + 999))
    assert ahead
    assert ahead.began == NOW


@pytest.mark.parametrize("on", [False, None])
def test_what_is_not_contradicted_is_none(on: bool | None) -> None:
    assert follow(None, matter(on=on)) is None


def test_what_is_not_wanted_begins_none_and_ends_as_any_other() -> None:
    assert follow(None, matter(on=True, wanted=False)) is None
    assert follow(OPEN, matter(on=True, wanted=False)) == OPEN
    assert follow(OPEN, matter(on=False, wanted=False)) == replace(OPEN, calm=NOW)


def test_it_is_calm_from_the_first_moment_on() -> None:
    calm = follow(OPEN, matter(on=False))
    assert calm == replace(OPEN, calm=NOW)
    earlier = replace(OPEN, calm=NOW - 5)
    assert follow(earlier, matter(on=False)) == earlier
    assert follow(OPEN, None) == calm
    assert follow(OPEN, matter(on=None)) == OPEN


def test_what_comes_again_soon_is_the_same_outage() -> None:
    calm = replace(OPEN, calm=NOW - 200, farewell=NOW - 1)
    assert follow(calm, matter(on=True, since=NOW)) == OPEN


def test_what_comes_again_later_is_another_one_unless_nobody_was_told() -> None:
    calm = replace(OPEN, calm=NOW - 400)
    another = follow(calm, matter(on=True, since=NOW))
    assert another
    assert (another.id, another.number, another.began) == ("new", None, NOW)
    untold = replace(calm, number=None)
    assert follow(untold, matter(on=True, since=NOW)) == replace(untold, calm=None)


def test_another_tracker_is_told_anew() -> None:
    found = follow(OPEN, matter(on=True), where="there")
    assert found
    assert (found.id, found.where, found.number, found.began) == ("new", "there", None, OPEN.began)


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, False),
        ({"looked": None}, True),
        ({"looked": NOW - PACE.review}, True),
        ({"looked": NOW + 5}, True),
        ({"left": Left.CLOSED, "looked": None}, False),
        ({"calm": NOW - 299}, False),
        ({"calm": NOW - 300}, True),
        ({"calm": NOW, "drill": True}, True),
        ({"calm": NOW - 300, "confirmed": False, "opened": NOW - 60}, False),
        ({"confirmed": False}, True),
        ({"confirmed": False, "opened": NOW - 60}, False),
        ({"number": None}, False),
        ({"number": None, "looked": NOW - 30}, True),
        ({"farewell": NOW - 10, "calm": NOW - 300}, False),
        ({"farewell": NOW - 30, "calm": NOW - 300, "looked": NOW - 30}, True),
    ],
    ids=str,
)
def test_when_something_is_due(changes: dict[str, object], due: bool) -> None:
    outage = replace(OPEN, **changes)  # type: ignore[arg-type]
    assert is_due(outage, "cold", PACE, NOW) is due


@pytest.mark.parametrize(
    ("symptoms", "said", "news"),
    [
        ("cold", NOW - 9999, False),
        ("", NOW - 9999, False),
        ("wet", NOW - 3599, False),
        ("wet", NOW - 3600, True),
        ("wet", None, True),
        ("wet", NOW + 60, True),
    ],
    ids=["told", "none", "too soon", "in time", "never told", "the clock was set back"],
)
def test_what_is_news(symptoms: str, said: float | None, news: bool) -> None:
    outage = replace(OPEN, said=said)
    assert is_news(outage, symptoms, PACE, NOW) is news
    assert not is_news(replace(outage, calm=NOW), symptoms, PACE, NOW)


def test_one_that_was_asked_for_is_waited_for() -> None:
    assert may_ask_for_one(OPEN, PACE, NOW)
    assert not may_ask_for_one(replace(OPEN, tried=NOW - 119), PACE, NOW)
    assert may_ask_for_one(replace(OPEN, tried=NOW - 120), PACE, NOW)


def test_one_just_opened_may_not_be_shown_yet() -> None:
    assert not is_certain(replace(OPEN, opened=NOW - 119), PACE, NOW)
    assert is_certain(replace(OPEN, opened=NOW - 120), PACE, NOW)


def test_an_outage_that_lasts_is_not_over() -> None:
    assert not is_over(OPEN, PACE, NOW + 1e9)
