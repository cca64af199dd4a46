"""A drill in a proof pack: shown as one, and proof of nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from evidenced.evidence.chain import seal, verify
from evidenced.evidence.records import Evidence, Head
from evidenced.ledger.model import Item
from evidenced.watch.drill import Drill, Ending
from evidenced.watch.drill_keeping import drill_evidence
from evidenced.watch.verdict import Standing
from evidenced.workflow.proof import Claimed, Kept, Proof, make_proof
from evidenced.workflow.proof_text import proof_json, proof_markdown
from evidenced.workflow.rehearsed import drill_on, rehearsed

At = Callable[[str], float]
Chain = tuple[Evidence, ...]
BEGAN, UNTIL = "2026-03-09T08:00:00", "2026-03-09T08:30:00"


@pytest.fixture
def drill(at: At) -> Drill:
    return Drill(
        claim="ovens",
        section="closed",
        began=at(BEGAN),
        until=at(UNTIL),
        who="ann@till",
        why="a new *phone*",
    )


@pytest.fixture
def began(chained: Callable[..., Chain], drill: Drill) -> Chain:
    """A claim that is verified and in a drill."""
    before = chained(("2026-03-01T08:00:00", "verified"))
    start = drill_evidence(drill, Standing.VERIFIED)
    return (*before, seal(start, Head(before[-1].id, before[-1].hash)))


@pytest.fixture
def over(began: Chain, drill: Drill) -> Chain:
    """The same after somebody stopped it."""
    done = replace(drill, ended=drill.began + 60, ending=Ending.HAND, ended_by="bob@till")
    end = drill_evidence(done, Standing.VERIFIED)
    return (*began, seal(end, Head(began[-1].id, began[-1].hash)))


def pack(records: Chain, item: Item, now: float, since: float = 0.0) -> Proof:
    kept = Kept(tuple(reversed(records)), {}, Head(records[-1].id, records[-1].hash))
    claimed = Claimed(item, Path("STATE.md"), Path("/srv/bakery"))
    return make_proof(claimed, [], kept, since=since, now=now)


def test_a_drill_is_no_contradiction_and_no_new_proof(
    over: Chain, make_item: Callable[..., Item], at: At
) -> None:
    assert not verify(over)
    proof = pack(over, make_item("2026-03-02"), at("2026-03-10T00:00:00"))
    assert [record.id for record in proof.timeline] == [1, 2, 3]
    assert [record.id for record in proof.drills] == [3, 2]
    assert proof.contradictions == ()
    assert proof.reopenable is None
    # What it leads back to is no verification either.
    for newest in (proof.newest, proof.last_verified):
        assert newest is not None
        assert newest.id == 1


def test_the_same_without_the_mark_would_be_both(
    over: Chain, make_item: Callable[..., Item], at: At
) -> None:
    real = seal(replace(over[1], drill=False), Head(1, over[0].hash))
    proof = pack((over[0], real), make_item("2026-03-02"), at("2026-03-10T00:00:00"))
    assert [record.id for record in proof.contradictions] == [2]
    assert proof.reopenable is not None


def test_the_pack_says_drill(over: Chain, make_item: Callable[..., Item], at: At) -> None:
    proof = pack(over, make_item(), at("2026-03-10T00:00:00"))
    text = proof_markdown(proof)
    assert "| 2 | 2026-03-09 08:00:00 UTC | verified → contradicted (DRILL) |" in text
    assert (
        "- Record 2, 2026-03-09 08:00:00 UTC, DRILL: began, by `ann@till` until "
        "2026-03-09 08:30:00 UTC, because `a new *phone*`, hash" in text
    )
    assert "- Record 3, 2026-03-09 08:01:00 UTC, DRILL: ended by `bob@till` (it was by" in text
    assert "## Contradictions (0)" in text
    assert "**DRILL**" not in text
    html = MarkdownIt().render(text)
    assert "<code>a new *phone*</code>" in html
    written = proof_json(proof)
    assert [one["id"] for one in written["drills"]] == [3, 2]
    assert written["drills"][0]["proof"]["drill"]["ended_by"] == "bob@till"
    assert written["drill"] is None
    assert written["standing"] == "verified"


@pytest.mark.parametrize(
    ("now", "on"),
    [("2026-03-09T08:29:59", True), (UNTIL, False), ("2026-03-10T00:00:00", False)],
    ids=["on", "at its end", "long over, and no daemon noted it"],
)
def test_a_drill_that_is_on_is_told_first(
    began: Chain, make_item: Callable[..., Item], at: At, now: str, on: bool
) -> None:
    proof = pack(began, make_item(), at(now), since=at("2026-03-09T08:29:00"))
    assert (proof.drill is not None) is on
    head = proof_markdown(proof).partition("## References")[0]
    assert ("- **DRILL**: made to look failed by `ann@till` until 2026-03-09 08:30" in head) is on
    assert "Standing by the newest record: verified since 2026-03-01" in head
    assert (proof_json(proof)["drill"] is not None) is on


def test_without_drills_a_pack_says_nothing_of_them(
    chained: Callable[..., Chain], make_item: Callable[..., Item], at: At
) -> None:
    records = chained(("2026-03-01T08:00:00", "verified"))
    text = proof_markdown(pack(records, make_item(), at("2026-03-10T00:00:00")))
    assert "drill" not in text.lower()
    assert "\n\n\n" not in text


def test_what_ended_it_is_told(began: Chain, drill: Drill, make_item: Callable[..., Item]) -> None:
    for ending, said in (
        (Ending.TIME, "ended as its time was up"),
        (Ending.LEDGER, "ended as the ledger no longer has the claim"),
    ):
        done = replace(drill, ended=drill.until, ending=ending)
        end = seal(drill_evidence(done, Standing.UNVERIFIED), Head(2, began[-1].hash))
        assert said in proof_markdown(pack((*began, end), make_item(), drill.until + 1))


def test_a_mark_without_words_is_a_drill_that_says_nothing(
    chained: Callable[..., Chain], make_item: Callable[..., Item], at: At
) -> None:
    records = chained(("2026-03-05T08:00:00", "contradicted"), drill=True)
    now = at("2026-03-05T08:01:00")
    assert rehearsed(records[0]) is None
    assert drill_on(records, now) is None
    text = proof_markdown(pack(records, make_item(), now))
    assert "- Record 1, 2026-03-05 08:00:00 UTC, DRILL, hash" in text


def test_the_newest_record_of_a_drill_decides(over: Chain, began: Chain, at: At) -> None:
    now = at("2026-03-09T08:10:00")
    assert drill_on(began, now) is began[-1]
    assert drill_on(reversed(over), now) is None
