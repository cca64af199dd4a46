from collections.abc import Callable
from dataclasses import replace

import pytest

from evidenced.evidence.records import Evidence
from evidenced.ledger.model import Item, Section
from evidenced.workflow.newproof import reopenable

Chained = Callable[..., tuple[Evidence, ...]]
MakeItem = Callable[..., Item]
BAD, GOOD = "contradicted", "verified"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], None, id="nothing"),
        pytest.param([("2026-03-01T10:00:00", BAD)], None, id="older"),
        pytest.param([("2026-03-02T00:00:00", BAD)], None, id="closing day begins"),
        pytest.param([("2026-03-02T23:59:59.999", BAD)], None, id="closing day ends"),
        pytest.param([("2026-03-03T00:00:00", BAD)], 1, id="the day after"),
        pytest.param([("2026-04-01T00:00:00", GOOD)], None, id="for it"),
        pytest.param([("2026-04-01T00:00:00", "stale")], None, id="only stale"),
        pytest.param([("2026-04-01T00:00:00", "unknown")], None, id="only unknown"),
        pytest.param(
            [("2026-03-01T00:00:00", BAD), ("2026-03-05T00:00:00", BAD)], 2, id="old and new"
        ),
        pytest.param(
            [("2026-03-05T00:00:00", BAD), ("2026-03-06T00:00:00", BAD)], 2, id="newest of two"
        ),
        pytest.param(
            [("2026-03-05T00:00:00", BAD), ("2026-03-06T00:00:00", GOOD)], 1, id="held again"
        ),
    ],
)
def test_only_younger_evidence_against_it_is_new_proof(
    make_item: MakeItem, chained: Chained, changes: list[tuple[str, str]], expected: int | None
) -> None:
    records = chained(*changes)
    for order in (records, tuple(reversed(records))):
        found = reopenable(make_item(closed="2026-03-02"), order)
        assert (found.id if found else None) == expected


def test_a_drill_and_another_claim_prove_nothing(make_item: MakeItem, chained: Chained) -> None:
    change = ("2026-04-01T00:00:00", BAD)
    item = make_item(closed="2026-03-02")
    assert reopenable(item, chained(change)) is not None
    assert reopenable(item, chained(change, drill=True)) is None
    assert reopenable(item, chained(change, claim="mixers")) is None


@pytest.mark.parametrize("section", [s for s in Section if s is not Section.CLOSED])
def test_only_what_is_closed_can_be_reopened(
    make_item: MakeItem, chained: Chained, section: Section
) -> None:
    item = make_item(closed="2026-03-02", section=section)
    assert reopenable(item, chained(("2026-04-01T00:00:00", BAD))) is None


def test_without_a_closing_date_nothing_is_younger(make_item: MakeItem, chained: Chained) -> None:
    item = replace(make_item(closed="2026-03-02"), closed=None)
    assert reopenable(item, chained(("2026-04-01T00:00:00", BAD))) is None


def test_the_last_day_of_the_calendar_is_a_closing_date_too(
    make_item: MakeItem, chained: Chained
) -> None:
    item = make_item(closed="9999-12-31")
    assert reopenable(item, chained(("2026-04-01T00:00:00", BAD))) is None
