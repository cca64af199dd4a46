"""The words of an issue, with nothing in them that what was probed could have put there."""

from collections.abc import Callable
from datetime import date

import pytest
from markdown_it import MarkdownIt

from evidenced.evidence.records import Evidence
from evidenced.ledger.model import Item, Section
from evidenced.workflow.tracker_board import Matter, Symptom
from evidenced.workflow.tracker_text import (
    LONGEST_BODY,
    LONGEST_TITLE,
    Told,
    body,
    news,
    recovery,
    title,
)

HOSTILE = "@everyone **hi** <img src=x> ``` /close #1\n```\n/close\n<!-- "


@pytest.fixture
def told(at: Callable[[str], float]) -> Callable[..., Told]:
    def make(
        *, detail: str = "expected 200, found 502", drill: bool = False, closed: bool = False
    ) -> Told:
        item = Item(
            id="ovens",
            section=Section.CLOSED if closed else Section.STABLE,
            title="Ovens <b>report</b>",
            text="/ovens returns 200, *always*",
            line=7,
            closed=date(2026, 3, 1) if closed else None,
        )
        symptom = Symptom("ovens", "https://bakery.example/ovens", "status", "status", detail, None)
        matter = Matter(item, drill, on=True, wanted=True, since=None, symptoms=(symptom,))
        record = Evidence(
            at=0.0,
            claim="ovens",
            section="stable",
            check="ovens",
            before="verified",
            standing="contradicted",
            proof={"exchange": [detail] * 3},
            id=12,
            hash="ab" * 32,
        )
        return Told(
            matter, at("2026-03-02T10:00:00"), record, "https://e.example/claims/ovens", "fra1"
        )

    return make


def test_the_body_says_all_that_there_is(told: Callable[..., Told]) -> None:
    text = body(told(closed=True), "{{facts}}")
    for said in (
        "> /ovens returns 200, \\*always\\*",
        "`ovens` in CLOSED, closed 2026-03-01, line 7",
        "since 2026-03-02 10:00:00 UTC",
        "Seen from `fra1`",
        f"record 12, hash `{'ab' * 32}`",
        "expected 200, found 502 (status)",
        "NEW proof",
    ):
        assert said in text


@pytest.mark.parametrize("say", [news, lambda one: body(one, "{{facts}}")], ids=["news", "body"])
def test_what_was_seen_is_no_markup(say: Callable[[Told], str], told: Callable[..., Told]) -> None:
    tokens = MarkdownIt().parse(say(told(detail=HOSTILE)))
    assert not [one for one in tokens if one.type == "html_block"]
    texts = [
        child.content
        for one in tokens
        for child in one.children or ()
        if child.type in ("text", "html_inline")
    ]
    assert texts
    assert not [text for text in texts if "@" in text or "/close" in text or "<img" in text]


def test_the_templates_are_filled(told: Callable[..., Told]) -> None:
    template = "{{claim}} {{title}} {{section}} {{location}}"
    assert title(told(), template) == "ovens Ovens <b>report</b> stable fra1"
    assert title(told(drill=True), "{{claim}}") == "DRILL: ovens"
    text = body(told(), "{{title}}|{{text}}|{{since}}|{{proof_url}}|{{evidence}}")
    assert text == (
        "Ovens \\<b>report\\</b>|/ovens returns 200, \\*always\\*|2026-03-02 10:00:00 UTC|"
        "https://e.example/claims/ovens|12"
    )


def test_what_is_too_long_is_cut(told: Callable[..., Told]) -> None:
    assert len(title(told(), "x" * 500)) == LONGEST_TITLE
    text = body(told(detail="x" * 2 * LONGEST_BODY), "{{facts}}")
    assert LONGEST_BODY < len(text) < LONGEST_BODY + 100
    assert text.endswith("(The rest is left out: it is too long.)")


def test_how_long_it_lasted(told: Callable[..., Told]) -> None:
    began = told().began
    assert "It lasted 1h30m, from" in recovery(told(), began, began + 5400, drill=False)
    assert "no longer has this claim" in recovery(None, began, began + 1, drill=False)
    assert recovery(told(), began, began + 60, drill=True).startswith("The DRILL is over.")
