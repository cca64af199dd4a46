"""The edits, on the ledger of an invented ferry."""

from datetime import UTC, date, datetime

import pytest

from evidenced.ledger import edit
from evidenced.ledger.edit import Files, Limits
from evidenced.ledger.edit_document import Document, EditError
from evidenced.ledger.model import Section
from evidenced.ledger.parse import parse_data

TODAY = date(2026, 11, 25)

LEDGER = """\
# Ferry

**Last Updated**: 2026-11-20 08:15 UTC

## CLOSED ✅

- **Double tickets**: One seat, one ticket. PR #4. (Closed: 2026-10-02)
- **Fog horn**: It sounds. (Closed: 2026-10-09)

## STABLE ✓

- **Timetable**: /timetable returns 200 ✅
- **Tickets**: /tickets returns 200 ✅

**Evidence**: elsewhere.

## IN PROGRESS (WIP=1)
- (none currently)

## BLOCKED
- (none)

## NEXT

### 1) Night crossing
- **DoD**:
  - /night returns 200

### 2) Bicycles
- **DoD**:
  - A bicycle has a price

---

## How to read this
Slowly.
"""


def document(text: str = LEDGER) -> Document:
    return Document.of(text.encode())


def text_of(edited: Document) -> str:
    return edited.data.decode()


def begun(title: str = "Bicycles") -> str:
    return text_of(edit.start(Files(document()), title).ledger)


def test_start_takes_the_item_of_next_along() -> None:
    after = edit.start(Files(document()), "night crossing").ledger
    want = LEDGER.replace(
        "- (none currently)\n",
        "- **Night crossing**\n  - **DoD**:\n    - /night returns 200\n",
    ).replace("### 1) Night crossing\n- **DoD**:\n  - /night returns 200\n\n", "")
    assert text_of(after) == want
    (item,) = parse_data(after.data).sections[Section.IN_PROGRESS]
    assert (item.title, item.done_when) == ("Night crossing", ("/night returns 200",))


def test_start_of_the_last_leaves_the_rule_below() -> None:
    after = text_of(edit.start(Files(document()), "Bicycles").ledger)
    assert "  - /night returns 200\n\n---\n" in after


def test_start_of_something_new() -> None:
    after = edit.start(Files(document()), "Lifeboats", ["Two hang there"]).ledger
    want = "- **Lifeboats**\n  - **DoD**:\n    - Two hang there\n"
    assert text_of(after) == LEDGER.replace("- (none currently)\n", want)


def test_start_from_a_file_beside() -> None:
    beside = "# 7 days\r\n\r\n## NEXT\r\n1. **Lamps**: brighter\r\n   - **DoD**: 40 lux\r\n"
    files = Files(document(), document(beside))
    after = edit.start(files, "Lamps")
    assert text_of(after.next or document()) == "# 7 days\r\n\r\n## NEXT\r\n- (none)\r\n"
    (item,) = parse_data(after.ledger.data).sections[Section.IN_PROGRESS]
    assert (item.title, item.done_when) == ("Lamps", ("40 lux",))
    assert "Night crossing" in text_of(after.ledger)


@pytest.mark.parametrize(
    ("title", "text", "said"),
    [
        ("Lifeboats", begun(), "'Bicycles' is in progress (line 18), and only 1 may be"),
        ("Fog Horn", LEDGER, "'Fog horn' is CLOSED (line 8)"),
        ("", LEDGER, "no line of text"),
        ("a\nb", LEDGER, "no line of text"),
        ("x" * 121, LEDGER, "121 characters"),
        ("(none)", LEDGER, "would not be read as the title"),
        ("a** b", LEDGER, "would not be read as the title"),
    ],
)
def test_start_is_refused(title: str, text: str, said: str) -> None:
    with pytest.raises(EditError) as refused:
        edit.start(Files(document(text)), title)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_more_may_be_in_progress_where_that_is_said() -> None:
    after = edit.start(Files(document(begun())), "Lifeboats", limits=Limits(2, 3))
    items = parse_data(after.ledger.data).sections[Section.IN_PROGRESS]
    assert [item.title for item in items] == ["Bicycles", "Lifeboats"]


def test_promote_names_the_checks() -> None:
    before = begun()
    after = text_of(edit.promote(document(before), None, ["bike", "rack"]))
    moved = "  - **DoD**:\n    - A bicycle has a price\n"
    assert after == before.replace("- **Bicycles**\n" + moved, "- (none)\n").replace(
        "/tickets returns 200 ✅\n",
        "/tickets returns 200 ✅\n- **Bicycles**: Checks: `bike`, `rack`.\n" + moved,
    )


@pytest.mark.parametrize("claim", ["tickets", "Tickets"])
def test_close_of_a_stable_item(claim: str) -> None:
    after = edit.close(document(), claim, "Evidence: record 7.", TODAY)
    sentence = "- **Tickets**: /tickets returns 200 ✅"
    want = LEDGER.replace(f"{sentence}\n", "").replace(
        "(Closed: 2026-10-09)\n",
        f"(Closed: 2026-10-09)\n{sentence} Evidence: record 7. (Closed: 2026-11-25)\n",
    )
    assert text_of(after) == want


def test_close_of_the_item_in_progress() -> None:
    after = edit.close(document(begun()), None, "", TODAY)
    item = parse_data(after.data).sections[Section.CLOSED][-1]
    assert (item.id, item.closed) == ("bicycles", TODAY)


def test_close_puts_the_newest_first_where_they_stand_so() -> None:
    lines = LEDGER.splitlines(keepends=True)
    lines[6], lines[7] = lines[7], lines[6]
    after = edit.close(document("".join(lines)), "tickets", "", TODAY)
    closed = parse_data(after.data).sections[Section.CLOSED]
    assert [item.id for item in closed] == ["tickets", "fog-horn", "double-tickets"]


def test_reopen() -> None:
    after = edit.reopen(document(), "fog-horn", "Reopened on record 9.")
    sentence = "- **Fog horn**: It sounds. (Closed: 2026-10-09)"
    want = LEDGER.replace(f"{sentence}\n", "").replace(
        "- (none currently)", f"{sentence} Reopened on record 9."
    )
    assert text_of(after) == want
    again = edit.close(after, "fog-horn", "", TODAY)
    assert parse_data(again.data).sections[Section.CLOSED][-1].closed == TODAY


def test_reopen_is_refused_while_something_is_in_progress() -> None:
    with pytest.raises(EditError, match="'Bicycles' is in progress"):
        edit.reopen(document(begun()), "fog-horn", "Reopened.")


@pytest.mark.parametrize(
    "act",
    [
        lambda d: edit.close(d, "ticket-office", "", TODAY),
        lambda d: edit.reopen(d, "tickets", ""),
        lambda d: edit.promote(d, None, ["x"]),
        lambda d: edit.promote(d, "tickets", ["x"]),
    ],
    ids=["close", "reopen", "promote", "promote one"],
)
def test_what_is_not_there_is_refused(act: object) -> None:
    assert callable(act)
    with pytest.raises(EditError):
        act(document())


def test_next_add_goes_on_counting() -> None:
    after = text_of(edit.add_next(document(), "Lifeboats", ["Two hang there", "They float"]))
    added = "### 3) Lifeboats\n- **DoD**:\n  - Two hang there\n  - They float\n\n"
    assert after == LEDGER.replace("---\n", added + "---\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "1. **A**: x\n2. **B**: y\n",
            "1. **A**: x\n2. **B**: y\n3. **T**\n   - **DoD**:\n     - p\n",
        ),
        ("* A: x\n", "* A: x\n* **T**\n  - **DoD**:\n    - p\n"),
        ("- A\n\n- B\n", "- A\n\n- B\n\n- **T**\n  - **DoD**:\n    - p\n"),
        ("- (none)\n", "\n### 1) T\n- **DoD**:\n  - p\n"),
        ("", "\n### 1) T\n- **DoD**:\n  - p\n"),
        ("\nNot much now.\n", "\n### 1) T\n- **DoD**:\n  - p\n\nNot much now.\n"),
        ("- A", "- A\n- **T**\n  - **DoD**:\n    - p"),
    ],
    ids=["numbers", "stars", "loose", "none", "empty", "remark", "no newline"],
)
def test_next_add_writes_as_the_others_are_written(before: str, after: str) -> None:
    edited = edit.add_next(document(f"## STABLE\n\n## NEXT\n{before}"), "T", ["p"])
    assert text_of(edited) == f"## STABLE\n\n## NEXT\n{after}"


def test_next_add_makes_the_section() -> None:
    edited = edit.add_next(document("# L\n\n## STABLE\n- **A**: x\n\n## Notes\nx\n"), "T", ["p"])
    added = "## NEXT\n\n### 1) T\n- **DoD**:\n  - p\n\n"
    assert text_of(edited) == f"# L\n\n## STABLE\n- **A**: x\n\n{added}## Notes\nx\n"
    assert text_of(edit.add_next(document(""), "T", ["p"])).startswith("## NEXT\n")


@pytest.mark.parametrize(
    ("title", "points", "said"),
    [
        ("Bicycles", ["p"], "a NEXT item already"),
        ("T", [], "--done-when"),
        ("T", ["a\nb"], "no line of text"),
    ],
)
def test_next_add_is_refused(title: str, points: list[str], said: str) -> None:
    with pytest.raises(EditError, match=said):
        edit.add_next(document(), title, points)


def test_next_add_is_refused_where_there_are_three() -> None:
    full = edit.add_next(document(), "Lifeboats", ["p"])
    with pytest.raises(EditError, match="NEXT has 3 items"):
        edit.add_next(full, "Lamps", ["p"])
    assert "### 4) Lamps" in text_of(edit.add_next(full, "Lamps", ["p"], limits=None))


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("- **WIP**: Gift cards", "Gift cards"),
        (
            "**WIP**: Gift cards: they can be bought\n- **DoD**: sold",
            "Gift cards: they can be bought",
        ),
        ("### Gift cards\n- **DoD**:\n  - sold", "Gift cards"),
        ("1) [ ] **Gift cards**: soon\n   and more\n   - **DoD**: sold", "Gift cards"),
        ("Gift cards\n----------\n- **DoD**: sold", "Gift cards"),
    ],
    ids=["label", "paragraph", "heading", "box", "underlined"],
)
def test_an_item_moves_whatever_it_is_written_as(written: str, title: str) -> None:
    before = f"## STABLE\n- **A**: x\n\n## IN PROGRESS\n{written}\n\n## BLOCKED\n- (none)\n"
    if "---" in written:
        before = before.replace("## ", "# ")
    after = edit.close(document(before), None, "Evidence: PR #7.", TODAY)
    item = parse_data(after.data).sections[Section.CLOSED][-1]
    assert (item.title, item.closed) == (title, TODAY)
    assert "[ ]" not in text_of(after)


def test_no_claim_is_renamed_unawares() -> None:
    before = "## CLOSED\n- **A**: x (Closed: 2026-01-01)\n- **A**: y (Closed: 2026-01-02)\n"
    with pytest.raises(EditError, match="would rename the claim 'a-2' to 'a'"):
        edit.reopen(document(before), "a", "Reopened.")
    named = before.replace("**A**: y", "**A** <!-- id: a-2 -->: y")
    after = edit.reopen(document(named), "a", "Reopened.")
    assert [item.id for item in parse_data(after.data).claims] == ["a-2"]


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("**Last Updated**: 2026-11-20 08:15 UTC", "**Last Updated**: 2026-12-01 13:05 UTC"),
        ("Last updated: 2026-11-20T08:15:00Z", "Last updated: 2026-12-01T13:05:09Z"),
        ("_Updated 2026-11-20 08:15 +02:00_", "_Updated 2026-12-01 15:05 +02:00_"),
        ("> Updated: 20 November 2026, by hand", "> Updated: 1 December 2026, by hand"),
        ("Last Updated: Nov 20th, 2026 at 08:15 CET", "Last Updated: Dec 1, 2026 at 13:05 UTC"),
        ("Updated: 2026/11/20", "Updated: 2026/12/01"),
        ("Updated: now and then", "Updated: now and then"),
        ("Nothing of the kind", "Nothing of the kind"),
    ],
)
def test_the_stamp_stays_in_its_form(line: str, want: str) -> None:
    now = datetime(2026, 12, 1, 13, 5, 9, tzinfo=UTC)
    edited = edit.stamped(document(f"# L\r\n\r\n{line}\r\n\r\n## STABLE\r\n- x"), now)
    assert text_of(edited) == f"# L\r\n\r\n{want}\r\n\r\n## STABLE\r\n- x"
