"""Identifiers made of titles: stable, readable, in any script."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

MAX_SLUG = 120
"""Characters of an identifier; more are cut off at a word."""

_INVISIBLE = re.compile("[\ufe00-\ufe0f\u20e3\u200b-\u200f\u2060\ufeff\U000e0100-\U000e01ef]")


def slug(title: str) -> str:
    """The title in lower case (NFKC), its words joined by hyphens; never empty.

    Letters, marks and digits of every script stay. A title without any of them gives a hash.
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", title)).lower()
    plain = unicodedata.normalize("NFKC", plain)
    pieces: list[str] = []
    joined = True
    for character in plain:
        category = unicodedata.category(character)
        if category[0] in "LN" or (category[0] == "M" and not joined):
            pieces.append(character)
            joined = False
        elif not joined:
            pieces.append("-")
            joined = True
    name = "".join(pieces).strip("-")
    if len(name) > MAX_SLUG:
        name = name[: MAX_SLUG + 1].rpartition("-")[0] or name[:MAX_SLUG]
    digest = hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()
    return name or f"item-{digest[:8]}"


def unique(slugs: Sequence[str], fixed: Iterable[str] = ()) -> tuple[str, ...]:
    """The slugs, all different: the second of a kind ends in -2, the third in -3.

    No such ending makes a slug equal to another title's, or to one of the `fixed` names.
    """
    taken = set(fixed)
    reserved = taken.union(slugs)
    counts: dict[str, int] = {}
    names = []
    for wanted in slugs:
        name = wanted
        count = counts.get(wanted, 1)
        while name in taken or (name != wanted and name in reserved):
            count += 1
            name = f"{wanted}-{count}"
        counts[wanted] = count
        taken.add(name)
        names.append(name)
    return tuple(names)
