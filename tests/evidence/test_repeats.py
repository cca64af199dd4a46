"""The same trouble is a line at first, one an hour, and one when it is over."""

from typing import Any

import pytest

from evidenced.evidence.repeats import AGAIN, MOST, Repeats


class Rig:
    def __init__(self) -> None:
        self.now = 1000.0
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.repeats = Repeats(clock=lambda: self.now)

    def say(self, event: str, /, **fields: object) -> None:
        self.said.append((event, fields))


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_day_of_trouble_each_minute_is_a_line_an_hour_and_an_end(rig: Rig) -> None:
    for _ in range(24 * 60):
        rig.repeats.trouble("disk", rig.say, "cannot write", why="full")
        rig.now += 60
    rig.repeats.over("disk", rig.say, "writes again")
    assert len(rig.said) == 25
    assert rig.said[0] == ("cannot write", {"why": "full"})
    assert rig.said[1] == ("cannot write", {"why": "full", "times": 61, "seconds": 3600})
    assert rig.said[-1] == ("writes again", {"times": 1440, "seconds": 86400})


def test_what_is_over_is_over_once_and_may_begin_again(rig: Rig) -> None:
    rig.repeats.over("disk", rig.say, "writes again")
    assert rig.said == []
    rig.repeats.trouble("disk", rig.say, "a")
    rig.repeats.over("disk", rig.say, "b")
    rig.repeats.over("disk", rig.say, "b")
    rig.repeats.trouble("disk", rig.say, "a")
    assert [event for event, _ in rig.said] == ["a", "b", "a"]
    assert "times" not in rig.said[2][1]


def test_kinds_are_told_apart_and_end_together(rig: Rig) -> None:
    for kind in ("full", "locked", "full"):
        rig.repeats.trouble(kind, rig.say, kind)
        rig.now += 1
    rig.repeats.all_over(rig.say, "over", pending=2)
    rig.repeats.all_over(rig.say, "over")
    assert rig.said == [
        ("full", {}), ("locked", {}), ("over", {"pending": 2, "times": 3, "seconds": 3})
    ]  # fmt: skip


def test_trouble_with_what_is_gone_is_forgotten(rig: Rig) -> None:
    rig.repeats.trouble("a", rig.say, "a")
    rig.repeats.trouble("b", rig.say, "b")
    rig.repeats.keep(["b"])
    rig.repeats.over("a", rig.say, "over")
    rig.repeats.trouble("b", rig.say, "b")
    assert [event for event, _ in rig.said] == ["a", "b"]


def test_kinds_without_end_are_summed_up_as_one(rig: Rig) -> None:
    for number in range(10_000):
        rig.repeats.trouble(number, rig.say, "odd")
    assert len(rig.said) == MOST + 1
    rig.now += AGAIN
    rig.repeats.trouble("one more", rig.say, "odd")
    assert rig.said[-1][1]["times"] == 10_000 - MOST + 1
