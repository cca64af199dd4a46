from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidenced.ledger.jsonform import reference_json
from evidenced.ledger.model import Item, Section
from evidenced.ledger.parse import parse

FIXTURES = Path(__file__).parent / "fixtures"

One = Callable[..., Item]
Cited = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def saltmarsh() -> Path:
    """The ledger of an invented bookshop, in which every shape occurs."""
    return FIXTURES / "saltmarsh.md"


@pytest.fixture(scope="session")
def one() -> One:
    """The one item that a sentence makes, as `- **T**: sentence` below a heading."""

    def build(sentence: str, section: Section = Section.CLOSED) -> Item:
        heading = section.value.replace("_", " ").upper()
        (item,) = parse(f"## {heading}\n- **T**: {sentence}\n").sections[section]
        return item

    return build


@pytest.fixture(scope="session")
def cited(one: One) -> Cited:
    """The references of the one item that a sentence makes, as JSON, of one kind if given."""

    def build(
        sentence: str, kind: str = "", section: Section = Section.CLOSED
    ) -> list[dict[str, Any]]:
        forms = [reference_json(reference) for reference in one(sentence, section).references]
        return [form for form in forms if form["kind"] == (kind or form["kind"])]

    return build
