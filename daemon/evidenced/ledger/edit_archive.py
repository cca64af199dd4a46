"""Old CLOSED items moved to a file of their own, with an index of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from evidenced.ledger.edit_document import Document, EditError
from evidenced.ledger.edit_places import Form, Part, Place, find_places
from evidenced.ledger.edit_splice import without
from evidenced.ledger.edit_verify import verify
from evidenced.ledger.model import Item, Section
from evidenced.ledger.parse import parse_data

_ESCAPED = re.compile(r"([\\`*_\[\]<&|~])")
_POINTER = "**Archive**:"


@dataclass(frozen=True, slots=True)
class Archived:
    """The ledger without the items that were moved, and the new file that has them."""

    ledger: Document
    archive: Document
    items: tuple[Item, ...]


def archive(document: Document, *, before: date, today: date, source: str, name: str) -> Archived:
    """Move the CLOSED items that were closed before a day to a new file.

    `source` is the name of the ledger, `name` that of the new file beside it; a line below the
    items that stay points to it. Raises EditError where no item is that old.
    """
    places = find_places(document)
    gone = [
        place
        for part in places.of(Section.CLOSED)
        for place in part.places
        if place.item.closed is not None and place.item.closed < before
    ]
    if not gone:
        raise EditError(f"no CLOSED item was closed before {before}")
    items = tuple(place.item for place in gone)
    count = "1 item" if len(items) == 1 else f"{len(items)} items"
    pointer = f"{_POINTER} {count} closed before {before}: [{_plain(name)}](<{quote(name)}>)"
    edited = _pointed(without(places, gone), pointer)
    verify(places.ledger, find_places(edited).ledger, gone=items)
    made = _made(document, gone, source, before, today)
    _check(made, items)
    return Archived(edited, made, items)


def _made(
    document: Document, gone: Sequence[Place], source: str, before: date, today: date
) -> Document:
    head = [
        f"# Archive of {_plain(source)}, {today}",
        "",
        f"These items were closed before {before} and stand here as they stood there.",
        "",
        "| claim | title | closed |",
        "| --- | --- | --- |",
        *(f"| {_plain(i.id)} | {_plain(i.title)} | {i.closed} |" for i in (p.item for p in gone)),
        "",
        "## CLOSED",
        "",
    ]
    lines = [line + document.newline for line in head]
    for index, place in enumerate(gone):
        # A list would end where a heading or another kind of bullet begins, and need no more.
        if place.form is Form.HEADING and index:
            lines.append(document.newline)
        lines += document.lines[place.begin : place.end]
        if not lines[-1].endswith(("\r", "\n")):
            lines[-1] += document.newline
    return Document(tuple(lines), document.codec, document.mark)


def _check(made: Document, items: Sequence[Item]) -> None:
    """See that the new file reads as the same items; raises EditError where it does not."""
    found = parse_data(made.data).sections[Section.CLOSED]
    if [(i.title, i.text, i.closed) for i in found] != [(i.title, i.text, i.closed) for i in items]:
        raise EditError("the archive would not read as the items that it is made of")


def _pointed(document: Document, pointer: str) -> Document:
    """The document with a line below the CLOSED items that says where the others are."""
    part = find_places(document).of(Section.CLOSED)[0]
    for index in range(part.end - 1, part.heading[1] - 1, -1):
        if document.lines[index].startswith(_POINTER):
            return document.spliced(index + 1, index + 1, [pointer])
    at = _behind(part)
    blank = document.is_blank(at)
    return document.spliced(at, at, ["", pointer] if blank else ["", pointer, ""])


def _behind(part: Part) -> int:
    """The line behind the items that are bullets: behind a heading it would belong to that."""
    bullets = [place.end for place in part.places if place.form is Form.BULLET]
    headed = [place.begin for place in part.places if place.form is not Form.BULLET]
    nothing = part.nothing[1] if part.nothing else part.heading[1]
    return part.heading[1] if headed else max(bullets, default=nothing)


def _plain(text: str) -> str:
    """A text on one line of Markdown that says it and does nothing else."""
    return _ESCAPED.sub(r"\\\1", " ".join(text.split()))
