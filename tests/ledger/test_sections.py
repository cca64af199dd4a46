import pytest

from evidenced.ledger.model import Section
from evidenced.ledger.parse import parse
from evidenced.ledger.sections import section_named


@pytest.mark.parametrize(
    ("title", "section"),
    [
        ("CLOSED", Section.CLOSED),
        ("CLOSED ✅ (stays shut)", Section.CLOSED),
        ("✅ Closed", Section.CLOSED),
        ("closed:", Section.CLOSED),
        ("CLOSED — nothing reopens", Section.CLOSED),
        ("CLOSED 🔒 without new proof", Section.CLOSED),
        ("1. Closed", Section.CLOSED),
        ("CLOSED / ΚΛΕΙΣΤΑ", Section.CLOSED),
        ("CLOSED (never closed bracket", Section.CLOSED),
        ("STABLE ✓ (seen working, with proof)", Section.STABLE),
        ("Stable [12]", Section.STABLE),
        ("IN PROGRESS → (one, max 1)", Section.IN_PROGRESS),
        ("In-Progress", Section.IN_PROGRESS),
        ("IN_PROGRESS", Section.IN_PROGRESS),
        ("WIP", Section.IN_PROGRESS),
        ("BLOCKED ⚠️", Section.BLOCKED),
        ("NEXT 📋 (at most 3, in order)", Section.NEXT),
        ("Next steps", None),
        ("Closed → reopened", None),
        ("Recently closed", None),
        ("Closed beta", None),
        ("WIP Limit = 1", None),
        ("2026-01-15 — Closed", None),
        ("How we work", None),
        ("", None),
        ("✅", None),
    ],
)
def test_section_named(title: str, section: Section | None) -> None:
    assert section_named(title) is section


def titles(text: str) -> dict[str, list[str]]:
    ledger = parse(text)
    return {
        section.value: [item.title for item in items]
        for section, items in ledger.sections.items()
        if items
    }


def rules(text: str) -> list[tuple[str, int]]:
    return [(finding.rule, finding.line) for finding in parse(text).findings]


def test_section_ends_at_the_next_heading_of_its_level_or_above() -> None:
    text = "## CLOSED\n- A\n### 2026\n- B\n## Other\n- C\n# Other\n- D\n"
    assert titles(text) == {"closed": ["A", "B"]}
    assert rules(text) == [("unknown-section", 5), ("unknown-section", 7)]


def test_other_sections_with_their_own_closing_dates_hold_no_items() -> None:
    text = (
        "## Round 7\n- **A**: a (Closed: 2026-01-01)\n**Status**: ✅ CLOSED\n"
        "### Blocked\n- B\n### Next\n- C\n## CLOSED\n- **D**: d\n"
    )
    assert titles(text) == {"closed": ["D"]}


def test_headings_in_code_are_none() -> None:
    assert titles("## CLOSED\n- A\n\n```sh\n# STABLE\n## NEXT\n```\n\n    ## BLOCKED\n\n- B\n") == {
        "closed": ["A", "B"]
    }


def test_section_in_two_parts_is_joined_and_reported() -> None:
    text = "## CLOSED\n**Notes**:\n- no\n## STABLE\n- S\n## Closed ✅\n- B\n"
    assert titles(text) == {"closed": ["B"], "stable": ["S"]}
    assert rules(text) == [("duplicate-section", 6)]


def test_underlined_headings() -> None:
    assert titles("CLOSED\n------\n- A\n\nSTABLE\n------\n- B\n") == {
        "closed": ["A"],
        "stable": ["B"],
    }


@pytest.mark.parametrize("level", [1, 2, 3, 6])
def test_sections_at_any_level(level: int) -> None:
    mark = "#" * level
    text = f"{mark} CLOSED\n- A\n{mark} STABLE\n- B\n{mark} NEXT\n- C\n"
    assert titles(text) == {"closed": ["A"], "stable": ["B"], "next": ["C"]}


def test_sections_within_a_larger_document() -> None:
    text = "# Ops\n## State\n### CLOSED\n- A\n### STABLE\n- B\n## Other\n- C\n"
    assert titles(text) == {"closed": ["A"], "stable": ["B"]}


def test_section_names_below_the_level_of_sections_are_groups() -> None:
    text = (
        "## CLOSED\n- A\n## NEXT\n### Blocked (waiting)\n- **B**: b\n### In progress\n- **C**: c\n"
    )
    assert titles(text) == {"closed": ["A"], "next": ["B", "C"]}
    assert parse(text).headings == {Section.CLOSED, Section.NEXT}


def test_one_hash_too_many_does_not_turn_stable_into_closed() -> None:
    text = "## CLOSED\n- A\n### STABLE\n- B\n## Other\n- C\n"
    assert titles(text) == {"closed": ["A"], "stable": ["B"]}
    assert ("misplaced-section", 3) in rules(text)


def test_title_of_the_document_is_not_reported() -> None:
    assert rules("# Ops state\n\n## CLOSED\n- A\n") == []


@pytest.mark.parametrize("text", ["", "no headings", "# Only\n\ntext", "- a\n- b\n"])
def test_text_without_sections(text: str) -> None:
    ledger = parse(text)
    assert ledger.headings == frozenset()
    assert set(ledger.sections) == set(Section)
    assert not any(ledger.sections.values())
