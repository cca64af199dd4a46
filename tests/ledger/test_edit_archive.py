"""Old items in a file of their own."""

from datetime import date

import pytest

from evidenced.ledger.edit_archive import Archived, archive
from evidenced.ledger.edit_document import Document, EditError
from evidenced.ledger.model import Section
from evidenced.ledger.parse import parse_data

LEDGER = """\
# Ferry

## CLOSED
- **Double | tickets**: One seat. (Closed: 2026-01-02)
- **Fog horn**: It sounds.
  And is heard. (Closed: 2026-01-03)
- **Ropes**: New ones. (Closed: 2026-10-09)
- **Undated**: Some day.

## STABLE
- **Tickets**: /tickets returns 200
"""


def archived(text: str, before: date = date(2026, 6, 1)) -> Archived:
    return archive(
        Document.of(text.encode()),
        before=before,
        today=date(2026, 11, 25),
        source="STATE.md",
        name="STATE archive.md",
    )


def test_what_is_old_moves_as_it_stands() -> None:
    made = archived(LEDGER)
    assert made.ledger.data.decode() == LEDGER.replace(
        "".join(LEDGER.splitlines(keepends=True)[3:6]), ""
    ).replace(
        "Some day.\n",
        "Some day.\n\n**Archive**: 2 items closed before 2026-06-01: "
        "[STATE archive.md](<STATE%20archive.md>)\n",
    )
    text = made.archive.data.decode()
    assert "| double-tickets | Double \\| tickets | 2026-01-02 |\n" in text
    assert "".join(LEDGER.splitlines(keepends=True)[3:6]) in text
    found = parse_data(made.archive.data).sections[Section.CLOSED]
    assert [item.id for item in found] == ["double-tickets", "fog-horn"]
    assert found == tuple(item for item in found if item.closed and item.closed < date(2026, 6, 1))


def test_the_next_archive_is_named_below_the_one_before() -> None:
    once = archived(LEDGER).ledger.data.decode()
    twice = archived(once, date(2026, 11, 1)).ledger.data.decode()
    lines = [line for line in twice.splitlines() if line.startswith("**Archive**")]
    assert [line.split(":")[1].split()[0] for line in lines] == ["2", "1"]
    assert [item.id for item in parse_data(twice.encode()).claims] == ["undated", "tickets"]


def test_a_section_that_is_empty_then_says_so() -> None:
    text = LEDGER.replace("- **Undated**: Some day.\n", "")
    made = archived(text, date(2026, 11, 1))
    assert "## CLOSED\n- (none)\n\n**Archive**: 3 items" in made.ledger.data.decode()


def test_nothing_old_is_refused() -> None:
    with pytest.raises(EditError, match="no CLOSED item was closed before 2025-01-01"):
        archived(LEDGER, date(2025, 1, 1))


def test_a_claim_that_would_be_renamed_is_refused() -> None:
    text = LEDGER.replace("**Undated**", "**Fog horn**")
    with pytest.raises(EditError, match="would rename the claim 'fog-horn-2'"):
        archived(text)
