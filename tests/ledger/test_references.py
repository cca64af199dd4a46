from collections.abc import Callable
from typing import Any

import pytest

from evidenced.ledger.model import Section

Cited = Callable[..., list[dict[str, Any]]]


def test_each_once_in_the_order_of_the_text(cited: Cited) -> None:
    sentence = (
        "PR #7 merged 2026-01-08T09:00Z, `docs/a.md`, 3 tests pass, commit 9f2c1ab, "
        "https://a.example, /a=200, PR #7, `docs/a.md`"
    )
    assert [form["kind"] for form in cited(sentence)] == [
        "pull_request",
        "timestamp",
        "document",
        "test_run",
        "commit",
        "url",
        "http",
    ]


@pytest.mark.parametrize("section", list(Section))
def test_items_of_every_section_have_references(cited: Cited, section: Section) -> None:
    assert cited("PR #7, `docs/a.md`", section=section) == [
        {"kind": "pull_request", "ref": "7"},
        {"kind": "document", "ref": "docs/a.md"},
    ]


@pytest.mark.parametrize("section", [Section.IN_PROGRESS, Section.BLOCKED, Section.NEXT])
def test_only_claims_say_what_paths_answer(cited: Cited, section: Section) -> None:
    assert cited("/a returns 200", section=section) == []


def test_references_in_the_title_count(cited: Cited) -> None:
    assert cited("text") == []
    from evidenced.ledger.parse import parse

    (claim,) = parse("## CLOSED\n- **Fix (PR #7)**: text\n").claims
    assert [reference.kind for reference in claim.references] == ["pull_request"]


def test_references_of_nested_blocks_count(cited: Cited) -> None:
    sentence = (
        "text\n  - PR #7\n\n    | 3 tests pass |\n    |--|\n    | commit 9f2c1ab |\n\n    > `a.md`"
    )
    assert [form["kind"] for form in cited(sentence)] == [
        "pull_request",
        "test_run",
        "commit",
        "document",
    ]
