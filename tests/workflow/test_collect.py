"""What a pack is read from: a real store with more records than one page of it."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidenced.evidence.records import Evidence
from evidenced.evidence.store import Store
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.watch.drill import Drill
from evidenced.watch.drill_keeping import drill_evidence
from evidenced.watch.plan import Plan
from evidenced.watch.verdict import Standing
from evidenced.workflow import collect as collecting
from evidenced.workflow.collect import collect
from evidenced.workflow.proof import Claimed, Proof

AT = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
DAY = 86_400.0
HOW_MANY = 250


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A verification, then a contradiction a day, of the same claim; and one of another claim."""
    async with Store("sqlite:///evidence.db", tmp_path) as store:
        for number in range(HOW_MANY):
            standing = "contradicted" if number else "verified"
            store.put(
                Evidence(
                    at=AT + number * DAY,
                    claim="ovens",
                    section="closed",
                    check="ovens",
                    before="unknown",
                    standing=standing,
                )
            )
        store.put(
            Evidence(
                at=AT,
                claim="mixers",
                section="stable",
                check="mixers",
                before="unknown",
                standing="contradicted",
            )
        )
        await store.flush()
        yield store


async def proof_of(store: Store, item: Item, since: float) -> Proof:
    plan = Plan(Ledger(None, {Section.CLOSED: (item,)}, frozenset()), (), (), ())
    claimed = Claimed(item, Path("STATE.md"), Path())
    return await collect(plan, claimed, store, since=since, now=AT + HOW_MANY * DAY)


async def test_the_last_verification_is_found_pages_back(
    store: Store, make_item: Callable[..., Item]
) -> None:
    proof = await proof_of(store, make_item(), AT + (HOW_MANY - 3) * DAY)
    assert [record.id for record in proof.timeline] == [HOW_MANY - 2, HOW_MANY - 1, HOW_MANY]
    assert proof.last_verified is not None
    assert proof.last_verified.id == 1
    assert proof.complete
    assert proof.head.id == HOW_MANY + 1


async def test_what_came_after_the_closing_date_is_found_before_since(
    store: Store, make_item: Callable[..., Item]
) -> None:
    proof = await proof_of(store, make_item("2026-03-10"), AT + 2 * HOW_MANY * DAY)
    assert proof.timeline == ()
    assert proof.reopenable is not None
    assert proof.reopenable.id == HOW_MANY


async def test_what_is_not_read_is_told(
    store: Store, make_item: Callable[..., Item], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MOST", 120)
    proof = await proof_of(store, make_item(), AT)
    assert not proof.complete
    assert len(proof.timeline) == 120
    assert proof.timeline[-1].id == HOW_MANY


async def test_a_drill_that_is_on_is_found_before_since(
    store: Store, make_item: Callable[..., Item]
) -> None:
    now = AT + HOW_MANY * DAY
    drill = Drill(
        claim="ovens", section="closed", began=now - 3500, until=now + 100, who="ann", why=""
    )
    store.put(drill_evidence(drill, Standing.VERIFIED))
    verified = Evidence(
        at=now - 60, claim="ovens", section="closed", check="", before="", standing="verified"
    )
    store.put(verified)
    await store.flush()
    proof = await proof_of(store, make_item(), now - 30)
    assert proof.timeline == ()
    assert proof.drill is not None
    assert proof.drill.at == now - 3500
