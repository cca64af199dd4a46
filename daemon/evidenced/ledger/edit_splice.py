"""Items taken out of sections and put into them, with the blank lines that belong there."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from evidenced.ledger.edit_document import Document
from evidenced.ledger.edit_places import Form, Part, Place, Places, find_places
from evidenced.ledger.edit_shape import bullet_of
from evidenced.ledger.model import Section

_BEFORE: Mapping[Section, tuple[Section, ...]] = MappingProxyType(
    {
        Section.CLOSED: (),
        Section.STABLE: (Section.CLOSED,),
        Section.IN_PROGRESS: (Section.STABLE, Section.CLOSED),
        Section.BLOCKED: (Section.IN_PROGRESS, Section.STABLE, Section.CLOSED),
        Section.NEXT: (Section.BLOCKED, Section.IN_PROGRESS, Section.STABLE, Section.CLOSED),
    }
)
"""The sections behind which one that is missing is made, the nearest first."""


def without(places: Places, gone: Sequence[Place]) -> Document:
    """The document without these items, all of one section.

    `- (none)` stands in the place of the last one of a section.
    """
    document = places.document
    for part in reversed(places.parts):
        ours = [place for place in part.places if place in gone]
        left = sum(len(other.places) for other in places.of(part.section)) - len(gone)
        for place in reversed(ours):
            bullet = bullet_of(document, place)
            is_last = place is gone[0] and not left
            marker = bullet.marker if bullet and bullet.marker in "-*+" else "-"
            nothing = [f"{marker} (none)"] if is_last else []
            end = place.end
            if not nothing and document.is_blank(place.begin - 1):
                while end < len(document.lines) and document.is_blank(end):
                    end += 1
            document = document.spliced(place.begin, end, nothing)
    return document


def with_item(
    document: Document, section: Section, lines: Sequence[str], *, first: bool = False
) -> Document:
    """The document with an item at the end of a section, or at its begin where it is `first`.

    A section that is missing is made, behind those that it follows.
    """
    places = find_places(document)
    parts = places.of(section)
    if not parts:
        return _with_section(places, section, lines)
    part = next((part for part in parts if part.places), None)
    if part is not None:
        return _beside(document, part, lines, first=first)
    part = next((part for part in parts if part.nothing), parts[0])
    if part.nothing:
        begin, end = part.nothing
        return _placed(document, begin, end, lines)
    at = part.heading[1]
    if at < len(document.lines) and document.is_blank(at):
        at += 1
    return _placed(document, at, at, lines, apart=True)


def _beside(document: Document, part: Part, lines: Sequence[str], *, first: bool) -> Document:
    places = part.places
    is_heading = lines[0].lstrip().startswith("#")
    headings = [place for place in places if place.form is Form.HEADING]
    # A bullet behind an item that is a heading would be a part of it.
    before = places[0] if first else headings[0] if headings and not is_heading else None
    if before is not None:
        loose = before.form is Form.HEADING or _loose(document, places)
        return _placed(document, before.begin, before.begin, lines, apart=loose)
    at = places[-1].end
    if is_heading or _loose(document, places):
        lines = ["", *lines]
    return _placed(document, at, at, lines, apart=is_heading)


def _loose(document: Document, places: Sequence[Place]) -> bool:
    """Whether there are blank lines between the items of a list."""
    return len(places) > 1 and document.is_blank(places[-1].begin - 1)


def _placed(
    document: Document, begin: int, end: int, lines: Sequence[str], *, apart: bool = False
) -> Document:
    """The document with lines in place of others; headings, or all, with blank lines around."""
    is_heading = lines[0].lstrip().startswith("#")
    new = list(lines)
    if is_heading and not document.is_blank(begin - 1):
        new.insert(0, "")
    if (apart or is_heading) and not document.is_blank(end):
        new.append("")
    return document.spliced(begin, end, new)


def _with_section(places: Places, section: Section, lines: Sequence[str]) -> Document:
    document = places.document
    levels = [part.level for part in places.parts]
    heading = f"{'#' * (min(levels) if levels else 2)} {section.value.replace('_', ' ').upper()}"
    found = [part for other in _BEFORE[section] for part in places.of(other)[-1:]]
    at = found[0].end if found else len(document.lines)
    while at and document.is_blank(at - 1):
        at -= 1
    new = ["", heading, "", *lines] if at else [heading, "", *lines]
    if at < len(document.lines) and not document.is_blank(at):
        new.append("")
    return document.spliced(at, at, new)
