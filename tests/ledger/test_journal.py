"""Journals: dated passes in place of sections."""

import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidenced.ledger.belief import disbelief
from evidenced.ledger.jsonform import item_json, to_json
from evidenced.ledger.model import (
    Document,
    Http,
    Item,
    Layout,
    Ledger,
    PullRequest,
    Section,
    TestRun,
)
from evidenced.ledger.parse import parse, read

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="module")
def tidepool() -> Ledger:
    """The journal of an invented aquarium."""
    return read(FIXTURES / "tidepool.md", Layout.JOURNAL)


def journal(text: str) -> Ledger:
    return parse(text, Layout.JOURNAL)


def passes(text: str) -> list[Item]:
    found = journal(text).sections
    return [*found[Section.CLOSED], *found[Section.IN_PROGRESS]]


def test_passes_that_are_done_are_closed_on_their_day(tidepool: Ledger) -> None:
    found = tidepool.sections[Section.CLOSED]
    assert [(one.id, one.title, one.closed, one.line) for one in found] == [
        ("ticket-gate-rewrite-2", "Ticket Gate Rewrite", date(2026, 2, 21), 9),
        ("ticket-gate-rewrite", "Ticket Gate Rewrite", date(2026, 2, 18), 30),
        ("pump-alarms", "Pump Alarms", date(2026, 2, 17), 40),
    ]
    assert found[0].references == (
        PullRequest("412"),
        TestRun(31, 88),
        Document("docs/ops/TICKET-GATE.md"),
        Http("/healthz", 200),
        Http("/tickets", 200),
        Http("/", 200),
    )
    assert found[1].references == (
        PullRequest("401"),
        Http("/login", 307, "/auth/login"),
        Http("/healthz", 200),
    )


def test_the_others_are_in_progress_and_sections_beside_them_are_read(tidepool: Ledger) -> None:
    (one,) = tidepool.sections[Section.IN_PROGRESS]
    assert (one.title, one.closed, one.line) == ("Feeding Calendar", None, 22)
    assert one.references == (PullRequest("409"),)
    (upcoming,) = tidepool.sections[Section.NEXT]
    assert upcoming.done_when == ("every tank has a label",)
    assert tidepool.updated is not None
    assert tidepool.findings == ()


@pytest.mark.parametrize(
    ("heading", "status", "done"),
    [
        ("A", "✅ DONE", True),
        ("A", "DONE — PR #7 merged", True),
        ("A", "✅", True),
        ("A", "Complete", True),
        ("A", "✅ all three tanks", True),
        ("A", "🔄 IN PROGRESS", False),
        ("A", "NOT DONE", False),
        ("A", "Partially done", False),
        ("A", "❌ DONE?", False),
        ("A", "⏳ done soon", False),
        ("A", "✅ partial", False),
        ("A", "", False),
        ("A ✅", "reverted", False),
        ("A ✅", None, True),
        ("A — DONE", None, True),
        ("A [WIP]", None, False),
        ("A", None, False),
    ],
)
def test_when_a_pass_is_done(heading: str, status: str | None, done: bool) -> None:
    text = f"## 2026-02-21 — {heading}\n" + ("" if status is None else f"**Status**: {status}\n")
    (one,) = passes(text)
    assert (one.section is Section.CLOSED, one.title) == (done, "A")


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("## 2026-02-21 — Tea", "Tea"),
        ("## 2026-02-21: Tea", "Tea"),
        ("## 2026-02-21 - **Tea**", "Tea"),
        ("## [2026-02-21] Tea", "Tea"),
        ("## 📅 2026-02-21 – Tea", "Tea"),
        ("### 21 February 2026 | Tea", "Tea"),
        ("# Feb 21, 2026 — Tea", "Tea"),
        ("## 2026-02-21", "2026-02-21"),
        ("2026-02-21 — Tea\n---", "Tea"),
    ],
)
def test_shapes_of_headings(heading: str, title: str) -> None:
    (one,) = passes(f"{heading}\n\n- **Status**: done\n")
    assert (one.title, one.closed) == (title, date(2026, 2, 21))


def test_what_is_dated_below_a_pass_belongs_to_it() -> None:
    (one,) = passes("## 2026-02-21 — Tea\n### 2026-02-20 — Milk\n**Status**: done\nPR #7\n")
    assert one.references == (PullRequest("7"),)


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("**Production**: healthz 200 OK", [("/healthz", 200)]),
        ("- **Prod**: tanks=200; /login → 307", [("/tanks", 200), ("/login", 307)]),
        ("**Production**: home 200 and tank-map 200", [("/", 200), ("/tank-map", 200)]),
        ("**Production**: all endpoints 200", []),
        ("**Production**: 200 OK", []),
        ("**Production**: deployed, 31 tests, port 3000", []),
        ("**Production**: healthz 2000, tank 99%", []),
        ("**Notes**: healthz 200 OK", []),
        ("The gate: healthz 200 OK", []),
        ("It works now: `/tickets` returns 200.", [("/tickets", 200)]),
    ],
)  # fmt: skip
def test_production_lines(line: str, answers: list[tuple[str, int]]) -> None:
    (one,) = passes(f"## 2026-02-21 — Tea\n**Status**: ✅ DONE\n{line}\n")
    http = [reference for reference in one.references if isinstance(reference, Http)]
    assert [(found.path, found.status) for found in http] == answers


def test_a_new_pass_changes_no_id_wherever_it_is_written() -> None:
    old = "## 2026-02-20 — Tea\n**Status**: done\n\n## 2026-02-19 — Milk\n**Status**: done\n"
    new = "## 2026-02-21 — Tea\n**Status**: done\n"
    for text in (new + old, old + new.replace("2026-02-21", "2026-02-22")):
        assert {one.id for one in passes(old)} < {one.id for one in passes(text)}
    (first, _, last) = passes(new + old)
    assert (first.id, last.id) == ("tea-2", "milk")
    upwards = "## 2026-02-19 — Tea\n**Status**: done\n## 2026-02-20 — Tea\n**Status**: done\n"
    assert [one.id for one in passes(upwards)] == ["tea", "tea-2"]


def test_a_day_that_is_none_leaves_the_pass_without_one() -> None:
    (one,) = passes("## 2026-02-31 — Tea\n**Status**: done\n")
    assert (one.section, one.closed) == (Section.CLOSED, None)


@pytest.mark.parametrize(
    ("text", "layout", "said"),
    [
        ("## 2026-02-21 — A\n## 2026-02-20 — B\n", Layout.SECTIONS, "ledger.layout: journal"),
        ("## CLOSED\n- A\n", Layout.JOURNAL, None),
        ("## 2026-02-21 — A\n**Status**: open\n", Layout.JOURNAL, None),
        ("# nothing\n", Layout.JOURNAL, "neither a CLOSED nor a STABLE section"),
    ],
)
def test_what_is_believed(text: str, layout: Layout, said: str | None) -> None:
    doubt = disbelief(None, parse(text, layout))
    assert doubt is None if said is None else said in (doubt or "")


def test_a_ledger_that_became_a_journal_is_not_believed(saltmarsh: Path, tidepool: Ledger) -> None:
    before = read(saltmarsh)
    turned = read(FIXTURES / "tidepool.md")
    assert "it looks like ledger.layout: journal" in (disbelief(before, turned) or "")
    assert "is gone" in (disbelief(before, tidepool) or "")
    assert disbelief(None, tidepool) is None
    assert [finding.rule for finding in turned.findings] == ["layout-drift"]
    first, *_ = read(saltmarsh, Layout.JOURNAL).findings
    assert first.rule == "layout-drift"


LINES = [
    "## 2026-02-21 — Tea",
    "### 2026-02-20: Milk ✅",
    "2026-02-19\n---",
    "## CLOSED",
    "## NEXT",
    "# Notes",
    "**Status**: ✅ DONE — PR #7",
    "- **Status**: open",
    "**Production**: healthz 200 OK, /a → 200",
    "**Status**:",
    "- **A**: x (Closed: 2026-01-01)",
    "```",
    "<!-- id: x -->",
    "> ## 2026-02-01 quoted",
    "",
]
SOUP = st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=30)), max_size=25).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n", "\r"]).map(lambda end: end.join(lines))
)


@settings(deadline=None)
@given(st.one_of(st.text(), SOUP))
def test_any_text_is_a_journal(text: str) -> None:
    ledger = journal(text)
    assert set(ledger.sections) == set(Section)
    for items in ledger.sections.values():
        for item in items:
            assert item.id
            assert item.title == " ".join(item.title.split()) != ""
    assert len({claim.id for claim in ledger.claims}) == len(ledger.claims)
    assert to_json(ledger) == to_json(journal(text))


WORDS = st.text("abcxyzΑβγ注é", min_size=1, max_size=8)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, list[tuple[str, int, bool]]]:
    """A journal with the titles of its passes, the lines they stand on, and whether done."""
    lines = draw(
        st.lists(st.sampled_from(["", "Words.", "# Z", "```\n## 2026-01-01\n```"]), max_size=3)
    )
    found: list[tuple[str, int, bool]] = []
    for number in range(draw(st.integers(1, 5))):
        title, done = f"{draw(WORDS)} {number}", draw(st.booleans())
        lines += ["", ""]
        found.append((title, "\n".join(lines).count("\n") + 1, done))
        lines[-1] = f"## 2026-02-{20 - number} — {title}"
        lines += draw(st.lists(st.sampled_from(["", "text", "- a\n  - b", "### Part"]), max_size=3))
        lines += ["", f"**Status**: {'✅ DONE' if done else 'open'}"]
    return "\n".join(lines), found


@settings(deadline=None)
@given(written(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_line_number_is_right(
    made: tuple[str, list[tuple[str, int, bool]]], end: str
) -> None:
    text, expected = made
    found = [
        (item.title, item.line, item.section is Section.CLOSED)
        for item in passes(text.replace("\n", end))
    ]
    assert sorted(found) == sorted(expected)


def calls(text: str) -> int:
    """How many calls it takes to read the text."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(note)
    try:
        journal(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "## 2026-02-21 — Tea\n**Status**: done\n**Production**: healthz 200 OK\n",
        "## 2026-02-21 — Tea\n",
        "**Production**: healthz 200, /a → 200\n",
        "**Status**: \n",
        "healthz 200, ",
        "2026-02-21 ",
        "## 2026-02-21\n### 2026-02-20\n",
        "— [(✅ ",
        "a-b_",
        "- **Production**: x=200\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "start", ["", "## 2026-02-22 — A ", "## 2026-02-22\n**Status**: done\n**Production**: "]
)
def test_work_grows_with_the_length_of_the_text_and_no_faster(start: str, piece: str) -> None:
    """Calls are counted, not seconds: those do not depend on what else the machine does."""

    def text(length: int) -> str:
        return start + piece * (length // len(piece))

    assert calls(text(12_000)) < 8 * calls(text(3_000))


def test_the_json_of_a_pass(tidepool: Ledger) -> None:
    form = item_json(tidepool.sections[Section.CLOSED][0])
    assert form["closed"] == "2026-02-21"
    assert {"kind": "http", "path": "/healthz", "status": 200} in form["references"]
