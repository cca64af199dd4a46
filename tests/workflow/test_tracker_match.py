"""Which issue is that of an outage."""

from dataclasses import replace

import pytest

from evidenced.workflow.tracker import Outage
from evidenced.workflow.tracker_marker import Marker, marked
from evidenced.workflow.tracker_match import Issue, choose

OUTAGE = Outage(claim="ovens", drill=False, began=1000.0, id="a1", where="here")
MARKER = Marker(claim="ovens", outage="b2", drill=False, began=990.0)


def issue(
    number: int,
    marker: Marker | None = MARKER,
    *,
    closed: float | None = None,
    labels: tuple[str, ...] = ("Evidenced",),
) -> Issue:
    body = "It is cold." if marker is None else marked("It is cold.", marker)
    return Issue(number, closed is None, body, labels, closed)


def kept(*issues: Issue, number: int | None = None) -> tuple[int | None, list[int]]:
    found = choose(issues, replace(OUTAGE, number=number), "evidenced")
    return found.keep.number if found.keep else None, [one.number for one, _ in found.duplicates]


def test_the_lowest_number_stays() -> None:
    assert kept(issue(9), issue(7), issue(8), issue(7)) == (7, [8, 9])
    assert kept(issue(9), issue(7), number=9) == (7, [9])


@pytest.mark.parametrize(
    "other",
    [
        issue(3, None),
        issue(3, replace(MARKER, claim="tills")),
        issue(3, replace(MARKER, drill=True)),
        issue(3, replace(MARKER, duplicate=2)),
        issue(3, labels=("flour",)),
        issue(3, replace(MARKER, ended=999.0), closed=999.0),
        issue(3, closed=998.0),
    ],
    ids=["unmarked", "claim", "drill", "duplicate", "label", "over before", "closed before"],
)
def test_what_is_not_of_this_outage(other: Issue) -> None:
    assert kept(other) == (None, [])


@pytest.mark.parametrize(
    "other",
    [
        issue(3, replace(MARKER, ended=900.0)),
        issue(3, replace(MARKER, ended=1001.0), closed=1001.0),
        issue(3, closed=1001.0),
        issue(3, replace(MARKER, outage="a1"), closed=900.0),
    ],
    ids=["open", "ended since", "closed since", "the very same"],
)
def test_what_is_of_this_outage(other: Issue) -> None:
    assert kept(other) == (3, [])


def test_a_number_that_is_known_needs_neither_label_nor_marker() -> None:
    assert kept(issue(3, None, labels=()), number=3) == (3, [])
    assert kept(issue(3, replace(MARKER, ended=1.0), closed=1.0, labels=()), number=3) == (3, [])
