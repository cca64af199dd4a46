"""What holds for any text at all."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidenced.ledger.belief import disbelief
from evidenced.ledger.jsonform import to_json
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.ledger.parse import parse

HEADINGS = [
    "## CLOSED ✅ (x)",
    "## STABLE",
    "## IN PROGRESS",
    "## BLOCKED",
    "## NEXT",
    "# X",
    "## Y",
]
LINES = [
    *HEADINGS,
    "### 1) Title",
    "### Blocked (why)",
    "- **Alpha**: text",
    "* Beta: /a returns 200",
    "+ **Gamma:** PR #7, #8 `docs/a.md` (Closed: 2026-02-30)",
    "1. **Delta** ✅",
    "  - **DoD**:",
    "    - [ ] point",
    "   continued",
    "- (none)",
    "- **WIP**: None (x)",
    "**Evidence**: `x.md`",
    "**Latest Verification**:",
    "```",
    "| a | b |",
    "|---|---|",
    "<!-- id: x -->",
    "<!--",
    "-->",
    "<details>",
    "> quote",
    "---",
    "===",
    "\t- tab",
    "-",
    "",
    "  ",
    "[a](b.md) ![c](d.png) <https://e.example> &amp; \\* **un*closed `code",
    "12 tests pass (3 assertions), 2026-01-01T00:00Z, commit abc1234",
]
SOUP = st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=30)), max_size=25).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)


def items(ledger: Ledger) -> list[Item]:
    return [item for section in Section for item in ledger.sections[section]]


@settings(deadline=None)
@given(st.one_of(st.text(), SOUP))
def test_any_text_is_a_ledger(text: str) -> None:
    ledger = parse(text)
    assert set(ledger.sections) == set(Section)
    for item in items(ledger):
        assert item.id
        assert item.title
        assert item.title == " ".join(item.title.split())
        assert item.text == " ".join(item.text.split())
    assert len({claim.id for claim in ledger.claims}) == len(ledger.claims)
    assert disbelief(ledger, ledger) is None or not ledger.headings & {"closed", "stable"}


@settings(deadline=None)
@given(st.one_of(st.text(), SOUP))
def test_reading_again_gives_the_same(text: str) -> None:
    assert to_json(parse(text)) == to_json(parse(text))
    assert to_json(parse(text + "\n")) == to_json(parse(text))


WORDS = st.text("abcxyzΑβγ注é", min_size=1, max_size=8)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, list[tuple[str, int]]]:
    """A ledger with the titles of its claims and the lines on which they stand."""
    lines: list[str] = []
    titles: list[tuple[str, int]] = []
    for name in draw(st.permutations(["CLOSED", "STABLE"])):
        lines += draw(
            st.lists(st.sampled_from(["", "Some words.", "# Z", "```\n## A\n```"]), max_size=4)
        )
        lines += ["", f"## {name}"]
        for number in range(draw(st.integers(0, 4))):
            title = f"{draw(WORDS)} {name.lower()} {number}"
            shape = draw(
                st.sampled_from(["- **{}**: {}", "* **{}:** {}", "+ {}: {}", "- ✅ **{}** - {}"])
            )
            titles.append((title, "\n".join(lines).count("\n") + 2))
            lines.append(shape.format(title, draw(WORDS)))
            nested = ["  - nested: x", "  more", "", "  ```\n  - x\n  ```"]
            lines += draw(st.lists(st.sampled_from(nested), max_size=3))
    return "\n".join(lines), titles


@settings(deadline=None)
@given(written(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_line_number_is_right(ledger: tuple[str, list[tuple[str, int]]], end: str) -> None:
    text, titles = ledger
    found = [(claim.title, claim.line) for claim in parse(text.replace("\n", end)).claims]
    assert sorted(found) == sorted(titles)
    for title, line in found:
        assert title in text.split("\n")[line - 1]


@settings(deadline=None)
@given(SOUP)
def test_lines_of_items_hold_the_beginning_of_the_title(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for item in items(parse(text)):
        word = item.title.split()[0]
        if word.isalnum() and word.isascii():
            assert word in lines[item.line - 1]


def calls(text: str) -> int:
    """How many calls it takes to parse the text."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        parse(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "/a, ", "/a → ", "(/a ", "GET ", "/a returns 200 ", "if /a returns 200 ", "/a was 404 (",
        '"', "`a` ", "**a** ", "#7 ", "PR #7, ", "abcdef1, ", "1 ", "12 tests ", "1 a b c ",
        "(Closed: ", "/a returns 200.\n  ", "**/a** returns 200.\n  ", "2026-01-01 ", "http://a ",
        "[a](b) ", "<!-- ", "é ", "‚úÖ", "E2E tests (",
        "DoD: ", "; ", ". ", "*", "=200", "x\n  ", "|a", "a/b.md ", "„", "(", "\\", "&amp;",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["## STABLE\n- **T**: ", "## CLOSED\n- ", "## NEXT\n### 1) "])
def test_work_grows_with_the_length_of_a_line_and_no_faster(start: str, piece: str) -> None:
    """Calls are counted, not seconds: those do not depend on what else the machine does."""

    def text(length: int) -> str:
        return start + piece * (length // len(piece))

    assert calls(text(6_000)) < 10 * calls(text(1_000))


@pytest.mark.parametrize(
    "text",
    [
        "## CLOSED\n" + "- " * 3000 + "a",
        "## CLOSED\n" + "".join("  " * depth + f"- level {depth}\n" for depth in range(200)),
        "## NEXT\n" + "> " * 3000 + "a",
        "## STABLE\n- **A**: " + "[" * 3000 + "**" * 3000,
        "#" * 5000 + " CLOSED\n- a",
        "## CLOSED\n- **A**: " + "\u0301" * 5000 + "\x00\ufffe\u202e",
    ],
    ids=["bullets", "levels", "quotes", "marks", "hashes", "oddities"],
)
def test_depth_without_end(text: str) -> None:
    assert to_json(parse(text)) == to_json(parse(text))


def test_work_grows_with_the_number_of_claims_and_no_faster() -> None:
    claim = (
        "- **Shelf search {0}**: Finds books by author. 61 tests PASS (402 assertions). "
        "PRs: #52 (index), #53 merged 2026-01-19T09:00:00Z. Proof: `docs/ops/{0}.md`. "
        "PROD (2026-01-20 10:00 UTC): /a=200, /b returns 200. (Closed: 2026-01-19)\n"
    )

    def text(count: int) -> str:
        return "## CLOSED\n" + "".join(claim.format(number) for number in range(count))

    assert calls(text(1_000)) < 12 * calls(text(100))
    ledger = parse(text(1_000))
    assert (len(ledger.claims), ledger.claims[-1].line) == (1_000, 1_001)
