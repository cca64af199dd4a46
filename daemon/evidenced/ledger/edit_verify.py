"""Whether an edit did what it was meant to do, and nothing else, to how the ledger reads."""

from collections.abc import Sequence

from evidenced.ledger.edit_document import EditError
from evidenced.ledger.model import CLAIMED, Item, Ledger, Section

Known = tuple[object, ...]


def verify(
    before: Ledger,
    after: Ledger,
    *,
    gone: Sequence[Item] = (),
    come: tuple[Section, str, str | None] | None = None,
) -> None:
    """See that the items `gone`, and no others, are no longer where they were, and one has come.

    `come` is the section of the one that came, its title, and the id that it should have where
    that matters. Raises EditError where anything else reads differently than before.
    """
    for section in Section:
        old = [item for item in before.sections[section] if not any(item is one for one in gone)]
        new = list(after.sections[section])
        if come and come[0] is section:
            new = _without_one(old, new, come)
        if list(map(_known, old)) != list(map(_known, new)):
            raise EditError(_difference(section, old, new))
    if not before.headings <= after.headings:
        raise EditError(_UNCLEAR)


_UNCLEAR = "the ledger would not read as meant afterwards: write this by hand"


def _without_one(
    old: Sequence[Item], new: Sequence[Item], come: tuple[Section, str, str | None]
) -> list[Item]:
    """The items but the one that came; all where it is not there."""
    _, title, name = come
    ids = {item.id for item in old}
    titled = [item for item in new if item.title == title]
    ours = [item for item in titled if item.id == name] if name else titled
    if titled and not ours:
        raise EditError(_renamed(str(name), titled[0].id))
    fresh = [item for item in ours if item.id not in ids] or ours
    if not fresh:
        raise EditError(f"{title!r} would not be read as the title of an item: use another")
    return [item for item in new if item is not fresh[-1]]


def _known(item: Item) -> Known:
    return (
        item.id,
        item.title,
        item.text,
        item.closed,
        item.references,
        item.done_when,
        item.unread,
    )


def _difference(section: Section, old: Sequence[Item], new: Sequence[Item]) -> str:
    titles = [item.title for item in old] == [item.title for item in new]
    for one, other in zip(old, new, strict=False):
        if titles and section in CLAIMED and one.id != other.id:
            return _renamed(one.id, other.id)
    return _UNCLEAR


def _renamed(before: str, after: str) -> str:
    return (
        f"this would rename the claim {before!r} to {after!r}, as another has the same title: "
        f"give it its id first, with <!-- id: {before} --> behind its title"
    )
