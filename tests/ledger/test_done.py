import pytest

from evidenced.ledger.model import Section
from evidenced.ledger.parse import parse


@pytest.mark.parametrize(
    "text",
    [
        "- **T**: t\n  - **DoD**:\n    - a\n    - b\n",
        "- **T**: t\n  - **DoD:**\n    - [ ] a\n    - [x] b\n",
        "- T\n  - a\n  - b\n",
        "- **T**: t\n  - [ ] a\n  - [X] b\n  - **Risk**: low\n  - Status: late\n",
        "- **T**: t. Done when: a; b.\n",
        "- **T**: t. DoD: a; b\n",
        "- **T**: t\n  - Definition of Done: a; b\n  - **Owner**: Ann\n",
        "### 1) T\n- **DoD**:\n  - a\n  - b\n- **Risk**:\n  - low\n",
        "### 1) T\n- a\n- b\n",
        "### 1) T\n\nProse.\n\n**DoD**:\n1. a\n2. b\n",
        "### 1) T\n#### DoD\n- a\n- b\n#### Notes\n- c\n",
        "### 1) T\nDone when: a; b\n",
        "1. **T**\n   - **Scope**: s\n   - **Acceptance criteria**:\n     * a\n     * b\n",
        "1. **T**\n- **DoD**:\n  - a\n  - b\n",
        "1. **T**\n   - **PROD Proof (1 May)**:\n     - c\n   - **DoD**:\n     - [x] a\n     - b\n",
        "**T**\n- **DoD**: a; b\n",
        "- **T**: t\n  - **DoD**:\n    1. a\n    2. b\n  - c\n",
    ],
    ids=repr,
)
def test_two_points_in_every_shape(text: str) -> None:
    (item,) = parse(f"## NEXT\n{text}").sections[Section.NEXT]
    assert item.title == "T"
    assert item.done_when == ("a", "b")


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("- **WIP**: T\n  - DoD: one thing, and another\n", ("one thing, and another",)),
        ("- **WIP**: T\n  - first\n    - with more\n  - second\n", ("first with more", "second")),
        ("**WIP**: T\n**DoD**: a; b\n**Status**: c\n", ("a", "b")),
        ("**WIP**: T\n- a\n* b\n", ("a", "b")),
        ("- **WIP**: T. Done when mails arrive.\n", ("mails arrive",)),
        ("- **WIP**: T\n", ()),
        ("- **WIP**: T\n  - **DoD**:\n  - **Started**: 2026-01-01\n", ()),
    ],
    ids=repr,
)
def test_points_of_work_in_progress(text: str, points: tuple[str, ...]) -> None:
    (item,) = parse(f"## IN PROGRESS\n{text}").sections[Section.IN_PROGRESS]
    assert item.title == "T"
    assert item.done_when == points


@pytest.mark.parametrize("section", ["CLOSED", "STABLE", "BLOCKED"])
def test_other_sections_have_no_points(section: str) -> None:
    ledger = parse(f"## {section}\n- **T**: t\n  - **DoD**:\n    - a\n")
    (item,) = ledger.sections[Section(section.lower())]
    assert item.done_when == ()
    assert item.text == "t DoD: a"
