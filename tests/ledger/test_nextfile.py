"""NEXT items in a file beside the ledger."""

from pathlib import Path

import pytest

from evidenced.ledger.model import LedgerError, Section
from evidenced.ledger.nextfile import with_next
from evidenced.ledger.parse import parse

LEDGER = parse("## STABLE\n- **A**: x\n\n## NEXT\n- **Old**: y\n")


def test_its_items_are_those_of_next(tmp_path: Path) -> None:
    path = tmp_path / "NEXT-7D.md"
    path.write_text("# Week\n\n## WIP\n- **W**\n\n## NEXT\n1. **N**\n   - **DoD**: p\n\n## DONE\n")
    found = with_next(LEDGER, path)
    assert [(item.title, item.done_when) for item in found.sections[Section.NEXT]] == [
        ("N", ("p",))
    ]
    assert found.sections[Section.IN_PROGRESS] == ()
    assert found.claims == LEDGER.claims


def test_without_a_file_nothing_changes() -> None:
    assert with_next(LEDGER, None) is LEDGER


@pytest.mark.parametrize("text", [None, "", "# Week\n- **N**\n"])
def test_a_file_that_is_none_is_said(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "NEXT-7D.md"
    if text is not None:
        path.write_text(text)
    with pytest.raises(LedgerError) as failed:
        with_next(LEDGER, path)
    assert str(failed.value).startswith(f"{path}: ")
