"""The three questions of the gate, each on a ledger of an observatory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evidenced.evidence.records import JSON, Evidence, Head
from evidenced.ledger.model import Ledger
from evidenced.ledger.parse import parse
from evidenced.workflow.gate import TEMPLATE, Answer, Known, Places, Question, Verdict, judge
from evidenced.workflow.gate import to_prove as wanted
from evidenced.workflow.gate_json import gate_json
from evidenced.workflow.matching import match
from evidenced.workflow.proof import Claimed, Kept, Proof, make_proof

CLOSED = """## CLOSED
- **Dome motor**: turns again; 4 tests pass. PR #51. (Closed: 2026-05-02)
- **Dome lamps**: dimmed at night. (Closed: 2026-05-03)
- **Old archive**: moved.

## STABLE
- **Star map**: /map returns 200
"""
WIP = """
## IN PROGRESS
- **Mirror cleaning**: each month.
  - **DoD**:
    - The log has a date of this month
"""
NEXT = """
## BLOCKED
- **Guest telescope**: waits for a part.

## NEXT
### 1) Night mode
- **DoD**:
  - /map?night=1 returns 200
  - The page is red
### 2) Sound of the dome lamps
- **DoD**: TBD
"""
BUSY, FREE = CLOSED + WIP + NEXT, CLOSED + NEXT
PLACES = Places(Path("STATE.md"), Path("NEXT.md"))
FAILED: dict[str, JSON] = {
    "attempts": [{"failure": {"reason": "status", "detail": "expected 200, found 502"}}]
}

Chained = Callable[..., tuple[Evidence, ...]]
Ask = Callable[..., Verdict]


def proofs(ledger: Ledger, records: tuple[Evidence, ...]) -> dict[str, Proof]:
    kept = Kept(records, {}, Head())
    return {
        item.id: make_proof(Claimed(item, Path(), Path()), (), kept, since=0.0, now=2e9)
        for item in ledger.claims
    }


def ask(
    topic: str,
    text: str = BUSY,
    records: tuple[Evidence, ...] = (),
    trouble: str | None = None,
    limit: int = 1,
) -> Verdict:
    ledger = parse(text)
    matching = match(topic, [item for section in ledger.sections.values() for item in section])
    known = Known({} if trouble else proofs(ledger, records), trouble)
    return judge(matching, ledger, known, limit=limit)


def answers(verdict: Verdict) -> list[str]:
    return [step.answer.value for step in verdict.steps]


@pytest.mark.parametrize(
    ("topic", "text", "expected", "line", "reason"),
    [
        pytest.param(
            "fix: dome motor",
            FREE,
            ["refused", "go", "refused"],
            "STATE.md:2",
            "'Dome motor' is CLOSED since 2026-05-02, and no evidence against it is younger",
            id="closed",
        ),
        pytest.param(
            "old archive",
            FREE,
            ["refused", "go", "refused"],
            "STATE.md:4",
            "'Old archive' is CLOSED without a date, and so no evidence can be younger",
            id="closed without a date",
        ),
        pytest.param("mirror cleaning", BUSY, ["go", "go", "go"], None, None, id="in progress"),
        pytest.param(
            "night mode",
            BUSY,
            ["go", "refused", "go"],
            "STATE.md:10",
            "'Mirror cleaning' is in progress; approval is needed to set it aside for 'Night mode'",
            id="something else in progress",
        ),
        pytest.param("night mode", FREE, ["go", "go", "go"], None, None, id="next, and room"),
        pytest.param(
            "guest telescope",
            FREE,
            ["go", "refused", "refused"],
            "STATE.md:10",
            "'Guest telescope' is BLOCKED",
            id="blocked",
        ),
        pytest.param(
            "star map",
            FREE,
            ["go", "go", "refused"],
            "STATE.md:7",
            "'Star map' is STABLE and not contradicted",
            id="stable",
        ),
        pytest.param(
            "coffee machine",
            FREE,
            ["go", "go", "refused"],
            None,
            "no item of the ledger is about it",
            id="unknown, and room",
        ),
        pytest.param(
            "coffee machine",
            BUSY,
            ["go", "refused", "refused"],
            "STATE.md:10",
            "approval is needed to set it aside for 'coffee machine'",
            id="unknown, and no room",
        ),
        pytest.param(
            "sound of dome lamps",
            FREE,
            ["go", "go", "refused"],
            "NEXT.md:17",
            "'Sound of the dome lamps' does not say when it is done",
            id="next without a definition of done",
        ),
    ],
)
def test_each_question_has_its_answer(
    topic: str, text: str, expected: list[str], line: str | None, reason: str | None
) -> None:
    verdict = ask(topic, text)
    assert answers(verdict) == expected
    assert verdict.answer is (Answer.REFUSED if "refused" in expected else Answer.GO)
    why = verdict.reason
    said = gate_json(verdict, PLACES)
    assert (why is None) is (reason is None)
    assert reason is None or (why is not None and reason in why.said)
    assert said["at"] == line
    assert said["reason"] == (why.said if why else None)


@pytest.mark.parametrize("text", [FREE, BUSY], ids=["room", "no room"])
def test_newer_evidence_lets_a_closed_topic_through_and_is_cited(
    text: str, chained: Chained
) -> None:
    records = chained(
        ("2026-05-01T10:00", "contradicted"),
        ("2026-05-02T23:00", "contradicted"),
        ("2026-05-03T00:00", "contradicted"),
        proof=FAILED,
        claim="dome-motor",
    )
    verdict = ask("dome motor", text, records)
    closed = verdict.steps[0]
    assert closed.answer is Answer.GO
    assert closed.evidence == records[2]
    assert "record 3" in closed.said
    (first, second, third) = gate_json(verdict, PLACES)["questions"]
    assert first["evidence"]["id"] == 3
    assert first["evidence"]["excerpt"] == "status: expected 200, found 502"
    assert second["do"] == ["evidenced ledger reopen dome-motor"]
    assert (second["answer"] == "go") is (text is FREE)
    assert third["done_when"] == ["dome-motor is verified again"]


def test_evidence_of_the_closing_day_or_of_a_drill_or_damaged_lets_nothing_through(
    chained: Chained,
) -> None:
    early = chained(("2026-05-02T23:59", "contradicted"), claim="dome-motor")
    drill = chained(("2026-06-01T10:00", "contradicted"), claim="dome-motor", drill=True)
    (sound,) = chained(("2026-06-01T10:00", "contradicted"), claim="dome-motor")
    damaged = (replace(sound, check="another"),)
    other = chained(("2026-06-01T10:00", "contradicted"), claim="star-map")
    for records in (early, drill, damaged, other):
        assert ask("dome motor", FREE, records).answer is Answer.REFUSED


def test_a_contradicted_stable_claim_may_be_mended(chained: Chained) -> None:
    verdict = ask("star map", FREE, chained(("2026-06-01T10:00", "contradicted"), claim="star-map"))
    assert answers(verdict) == ["go", "go", "go"]
    assert verdict.steps[2].points == ("star-map is verified again",)


def test_a_store_that_cannot_be_read_decides_nothing_that_turns_on_it() -> None:
    assert answers(ask("dome motor", FREE, trouble="gone")) == ["unreadable", "go", "unreadable"]
    assert ask("dome motor", FREE, trouble="gone").answer is Answer.UNREADABLE
    assert ask("star map", FREE, trouble="gone").answer is Answer.UNREADABLE
    assert ask("night mode", FREE, trouble="gone").answer is Answer.GO
    assert ask("dome motor", BUSY, trouble="gone").answer is Answer.REFUSED, "for want of room"


def test_several_closed_ones_that_fit_are_refused_whichever_is_meant() -> None:
    text = """## CLOSED
- **Dome motor audit**: done. (Closed: 2026-05-02)
- **Lens motor audit**: done. (Closed: 2026-05-03)
"""
    verdict = ask("motor audit", text)
    assert len(verdict.matching.tied) == 2
    assert verdict.steps[0].answer is Answer.REFUSED
    assert "(as are 1 more that fit as well)" in verdict.steps[0].said
    assert len(gate_json(verdict, PLACES)["as_good"]) == 1


def test_a_topic_that_may_be_open_work_is_not_refused_for_a_closed_one() -> None:
    text = FREE.replace("Night mode", "Dome motor hum").replace("Dome motor**", "Dome motor oil**")
    verdict = ask("dome motor", text)
    assert {one.item.title for one in verdict.matching.tied} == {
        "Dome motor hum",
        "Dome motor oil",
    }
    closed = verdict.steps[0]
    assert closed.answer is Answer.GO
    assert (
        closed.said == "not surely: 'Dome motor oil' is CLOSED, but 'Dome motor hum' fits as well"
    )
    assert verdict.subject is not None
    assert verdict.subject.item.title == "Dome motor hum"


@pytest.mark.parametrize(
    ("where", "answer"), [("Mirror cleaning", "go"), ("Night mode", "refused")], ids=["wip", "next"]
)
def test_the_very_title_of_a_closed_one_is_closed_unless_it_is_in_progress_again(
    where: str, answer: str
) -> None:
    verdict = ask("dome motor", BUSY.replace(where, "Dome motor"))
    assert len(verdict.matching.tied) == 2
    assert verdict.answer == answer


def test_the_store_is_asked_of_claims_only() -> None:
    assert [item.id for item in wanted(ask("star map").matching)] == ["star-map"]
    assert wanted(ask("night mode").matching) == ()


@pytest.mark.parametrize(
    ("limit", "text", "answer"),
    [(2, BUSY, "go"), (1, BUSY, "refused"), (1, FREE, "go"), (0, FREE, "refused")],
)
def test_the_limit_of_work_in_progress_is_that_of_the_configuration(
    limit: int, text: str, answer: str
) -> None:
    step = ask("night mode", text, limit=limit).steps[1]
    assert (step.question, step.answer) == (Question.IN_PROGRESS, answer)


def test_a_draft_is_taken_from_a_next_item_that_is_near() -> None:
    text = FREE.replace("Star map", "Night sky map")
    verdict = ask("night sky map", text)
    step = verdict.steps[2]
    assert step.answer is Answer.REFUSED
    assert step.points == ("/map?night=1 returns 200", "The page is red")
    assert "a draft is taken from 'Night mode'" in step.said
    assert step.do[0].endswith(
        "'Night sky map' --done-when '/map?night=1 returns 200' --done-when 'The page is red'"
    )


def test_without_one_the_draft_is_a_form_and_what_was_said_is_one_word_of_a_shell() -> None:
    step = ask("feat: tea; $(reboot) 'now'\n\x1b[2J", FREE).steps[2]
    assert step.points == TEMPLATE
    (command,) = step.do
    assert command.startswith("evidenced ledger next add 'tea; $(reboot) '\"'\"'now'\"'\"'")
    assert command.isprintable()


def test_json_names_what_was_matched_by_what_and_what_is_near() -> None:
    said = gate_json(ask("fix: dome mottor", FREE), PLACES)
    assert said["topic"] == "fix: dome mottor"
    assert said["matched"] == {
        "id": "dome-motor",
        "title": "Dome motor",
        "section": "closed",
        "at": "STATE.md:2",
        "score": said["matched"]["score"],
        "by": ["dome, mottor (for motor) in its title"],
    }
    assert said["threshold"] <= said["matched"]["score"] < 1
    assert said["words"] == ["dome", "mottor"]
