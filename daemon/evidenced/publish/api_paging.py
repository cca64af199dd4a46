"""Lists in pages: a cursor says where the next one begins, also when the list changed meanwhile."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from evidenced.publish.body import RefusedError
from evidenced.publish.problem import problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some entries, how many there are on all pages, and the cursor of the next page if any."""

    items: tuple[T, ...]
    total: int
    next: str | None


def page(
    items: Sequence[T],
    name: Callable[[T], str],
    wanted: Callable[[T], bool],
    *,
    limit: int,
    cursor: str,
) -> Page[T]:
    """At most `limit` of the items that are wanted, from where the cursor points to.

    A cursor holds the last item by its name and by its place in the whole list, so that no item is
    left out or told twice when others come to be wanted, or no longer are. Raises RefusedError for
    a cursor that is none.
    """
    start = _start(items, name, cursor)
    kept: list[T] = []
    total, last, more = 0, 0, False
    for index, item in enumerate(items):
        if not wanted(item):
            continue
        total += 1
        if index < start:
            continue
        if len(kept) == limit:
            more = True
            continue
        kept.append(item)
        last = index
    return Page(tuple(kept), total, written(last, _short(name(items[last]))) if more else None)


def _start(items: Sequence[T], name: Callable[[T], str], cursor: str) -> int:
    if not cursor:
        return 0
    match read(cursor):
        case [int(index), str(last)]:
            pass
        case _:
            raise _refused()
    if 0 <= index < len(items) and _short(name(items[index])) == last:
        return index + 1
    moved = (place for place, item in enumerate(items) if _short(name(item)) == last)
    # Where it is gone, what came after it has moved up.
    return next((place + 1 for place in moved), index)


def _short(name: str) -> str:
    # Names may be longer than an address should be.
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).hexdigest()


def number(cursor: str) -> float | None:
    """The number in a cursor, None without a cursor; raises RefusedError where it has none."""
    if not cursor:
        return None
    match read(cursor):
        case [int(found) | float(found)] if abs(found) < 2**53:
            return found
        case _:
            raise _refused()


def written(*parts: str | float) -> str:
    """A cursor of these parts."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str) -> object:
    """What a cursor was written of, as a list; raises RefusedError where it is none."""
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _refused() from None


def _refused() -> RefusedError:
    said = "cursor: expected `next` of an answer"
    return RefusedError(problem(400, f"wrong parameters: {said}", errors=[said]))
