"""The edits of a ledger, from documents to documents; each keeps every byte it does not mean."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from evidenced.ledger.dates import restamped
from evidenced.ledger.edit_document import Document, EditError
from evidenced.ledger.edit_places import Form, Places, find_places
from evidenced.ledger.edit_shape import (
    Bullet,
    Written,
    as_bullet,
    bullet_for,
    new_heading,
    new_item,
)
from evidenced.ledger.edit_splice import with_item, without
from evidenced.ledger.edit_verify import verify
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.ledger.slug import slug
from evidenced.ledger.titles import MAX_TITLE


@dataclass(frozen=True, slots=True)
class Limits:
    """How many items may be in progress and may come next."""

    wip: int = 1
    next: int = 3


USUAL = Limits()

_UNSAID = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Files:
    """The ledger, and the file beside it that has the NEXT items where there is one."""

    ledger: Document
    next: Document | None = None


def start(
    files: Files, title: str, done_when: Sequence[str] = (), *, limits: Limits = USUAL
) -> Files:
    """Work begins: the item of NEXT that is called so, or a new one, becomes the one in progress.

    Raises EditError where something is in progress already, or something by that name is CLOSED.
    """
    title = _line(title, "title")
    places = find_places(files.ledger)
    _wip_is_free(places.ledger, limits)
    planned = places if files.next is None else find_places(files.next)
    found = named(planned.ledger.sections[Section.NEXT], title)
    wanted = found.title if found else title
    for item in places.ledger.sections[Section.CLOSED]:
        if item.id == slug(wanted):
            raise EditError(
                f"{item.title!r} is CLOSED (line {item.line}): "
                f"`evidenced ledger reopen {item.id}` asks for new proof"
            )
    bullet = bullet_for(files.ledger, places.of(Section.IN_PROGRESS))
    points = [_line(point, "point of --done-when") for point in done_when]
    if found is None:
        lines = new_item(title, points, bullet)
        edited = replace(files, ledger=with_item(files.ledger, Section.IN_PROGRESS, lines))
    else:
        lines = as_bullet(planned.document, planned.place(found), bullet).lines
        lines += _more_points(found, points, bullet.width)
        left = without(planned, [planned.place(found)])
        base, others = (files.ledger, left) if files.next else (left, None)
        edited = Files(with_item(base, Section.IN_PROGRESS, lines), others)
    come = (Section.IN_PROGRESS, wanted, None)
    here = [found] if found and files.next is None else []
    verify(places.ledger, find_places(edited.ledger).ledger, gone=here, come=come)
    if found and edited.next is not None:
        verify(planned.ledger, find_places(edited.next).ledger, gone=[found])
    return edited


def promote(document: Document, claim: str | None, checks: Sequence[str]) -> Document:
    """The item in progress becomes STABLE, with the checks named that speak for it.

    Raises EditError where there is no such item, or several and none is named.
    """
    places = find_places(document)
    item = in_progress(places.ledger, claim)
    said = f"{'Check' if len(checks) == 1 else 'Checks'}: {', '.join(f'`{c}`' for c in checks)}."
    return _moved(places, item, Section.STABLE, said)


def close(document: Document, claim: str | None, evidence: str, today: date) -> Document:
    """A STABLE item, or the one in progress, becomes CLOSED today on this evidence (Markdown)."""
    places = find_places(document)
    item = closable(places.ledger, claim)
    said = " ".join(filter(None, (evidence, f"(Closed: {today})")))
    return _moved(places, item, Section.CLOSED, said)


def reopen(document: Document, claim: str, evidence: str, *, limits: Limits = USUAL) -> Document:
    """A CLOSED item becomes the one in progress again, on this new evidence (Markdown).

    Raises EditError where something is in progress already, or no CLOSED item is called so.
    """
    places = find_places(document)
    item = closed(places.ledger, claim)
    _wip_is_free(places.ledger, limits)
    return _moved(places, item, Section.IN_PROGRESS, evidence)


def add_next(
    document: Document, title: str, done_when: Sequence[str], *, limits: Limits | None = USUAL
) -> Document:
    """One more NEXT item, with the points that say when it is done.

    Raises EditError where there are as many as there may be (any number without limits), and where
    there is one by that name.
    """
    title = _line(title, "title")
    points = [_line(point, "point of --done-when") for point in done_when]
    if not points:
        raise EditError("a NEXT item needs a point that says when it is done: --done-when TEXT")
    places = find_places(document)
    items = places.ledger.sections[Section.NEXT]
    if any(item.id == slug(title) for item in items):
        raise EditError(f"{title!r} is a NEXT item already")
    if limits is not None and len(items) >= limits.next:
        raise EditError(
            f"NEXT has {len(items)} items, and at most {limits.next} are meant to be there: "
            "start or drop one first, or --force"
        )
    parts = places.of(Section.NEXT)
    part = next((part for part in parts if part.places), parts[0] if parts else None)
    lists = part is not None and any(place.form is Form.BULLET for place in part.places)
    lines = (
        new_item(title, points, bullet_for(document, parts))
        if lists
        else new_heading(document, part, title, points)
    )
    edited = with_item(document, Section.NEXT, lines)
    after = find_places(edited).ledger
    verify(places.ledger, after, come=(Section.NEXT, title, None))
    if _points(after, title) != _points(_alone(title, points), title):
        raise EditError("text that stands in NEXT would become a part of the item: add it by hand")
    return edited


def _alone(title: str, points: Sequence[str]) -> Ledger:
    """A ledger of one NEXT item, which reads as it is meant."""
    item = new_item(title, points, Bullet())
    return find_places(with_item(Document.of(b""), Section.NEXT, item)).ledger


def _points(ledger: Ledger, title: str) -> list[tuple[str, ...]]:
    return [item.done_when for item in ledger.sections[Section.NEXT] if item.title == title]


def stamped(document: Document, now: datetime) -> Document:
    """The document with its line of the last update, where there is one, stating `now`."""
    places = find_places(document)
    if places.stamp is None:
        return document
    line = restamped(document.lines[places.stamp], now)
    if line is None:
        return document
    edited = document.spliced(places.stamp, places.stamp + 1, [line])
    return edited if find_places(edited).ledger.updated is not None else document


def named(items: Iterable[Item], wanted: str) -> Item | None:
    """The item with this id or title; else the only one whose title begins with these words."""
    key = slug(wanted)
    items = list(items)
    exact = [item for item in items if key in (item.id, slug(item.title)) or item.id == wanted]
    begun = [item for item in items if slug(item.title).startswith(f"{key}-")]
    if exact:
        return exact[0]
    return begun[0] if len(begun) == 1 else None


def in_progress(ledger: Ledger, claim: str | None) -> Item:
    """The item in progress; raises EditError where it is not clear which that is."""
    items = ledger.sections[Section.IN_PROGRESS]
    if claim is not None:
        return _found(items, claim, "IN PROGRESS has no item")
    if len(items) != 1:
        raise EditError(
            f"{_all(items)} in progress: name one" if items else "nothing is in progress"
        )
    return items[0]


def closable(ledger: Ledger, claim: str | None) -> Item:
    """The STABLE item of this name, or the one in progress, which also needs no name."""
    if claim is None:
        return in_progress(ledger, None)
    items = (*ledger.sections[Section.STABLE], *ledger.sections[Section.IN_PROGRESS])
    return _found(items, claim, "neither STABLE nor IN PROGRESS has an item")


def closed(ledger: Ledger, claim: str) -> Item:
    """The CLOSED item of this name; raises EditError where there is none."""
    return _found(ledger.sections[Section.CLOSED], claim, "CLOSED has no item")


def _moved(places: Places, item: Item, target: Section, said: str) -> Document:
    place = places.place(item)
    bullet = bullet_for(places.document, places.of(target))
    first = target is Section.CLOSED and _newest_first(places)
    written: Written = as_bullet(places.document, place, bullet).saying(said)
    left = without(places, [place])
    edited = with_item(left, target, written.lines, first=first)
    work = {Section.IN_PROGRESS, Section.NEXT, Section.BLOCKED}
    name = item.id if not work & {item.section, target} else None
    after = find_places(edited).ledger
    verify(places.ledger, after, gone=[item], come=(target, item.title, name))
    return edited


def _newest_first(places: Places) -> bool:
    """Whether the CLOSED items stand with the newest on top."""
    part = next((part for part in places.of(Section.CLOSED) if part.places), None)
    days = [place.item.closed for place in part.places if place.item.closed] if part else []
    return len(days) > 1 and days[0] > days[-1]


def _wip_is_free(ledger: Ledger, limits: Limits) -> None:
    items = ledger.sections[Section.IN_PROGRESS]
    if len(items) >= limits.wip:
        where = f" (line {items[0].line})" if items else ""
        taken = f"{_all(items)} in progress{where}, and" if items else "WIP is taken:"
        raise EditError(f"{taken} only {limits.wip} may be: promote or close one first")


def _all(items: Sequence[Item]) -> str:
    names = ", ".join(repr(item.title) for item in items)
    return f"{names} {'is' if len(items) == 1 else 'are'}"


def _found(items: Sequence[Item], claim: str, otherwise: str) -> Item:
    item = named(items, claim)
    if item is None:
        known = ", ".join(item.id for item in items[:20]) or "there is none"
        raise EditError(f"{otherwise} {claim!r}: {known}")
    return item


def _more_points(found: Item, points: Sequence[str], width: int) -> tuple[str, ...]:
    indent = " " * width
    if not points:
        return ()
    if found.done_when:
        raise EditError(f"{found.title!r} says already when it is done: leave --done-when out")
    return (f"{indent}- **DoD**:", *(f"{indent}  - {point}" for point in points))


def _line(text: str, what: str) -> str:
    """A text that fits on one line of Markdown; raises EditError for any other."""
    line = text.strip()
    if not line or _UNSAID.search(line):
        raise EditError(f"the {what} is no line of text")
    if len(line) > MAX_TITLE and what == "title":
        raise EditError(f"the title has {len(line)} characters, and {MAX_TITLE} are read")
    return line
