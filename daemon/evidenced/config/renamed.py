"""Keys that have another name now: the old one is taken for a release, with a warning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from evidenced.config.problem import Fault, Key, Path
from evidenced.config.yaml import Children, Document

_Pair: TypeAlias = tuple[Any, Children | None]

ANY = "*"
"""Stands in a path for any key and for any entry of a list."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A key that was called otherwise before a version.

    `old` is its whole path, such as `("checks", ANY, "http", "uri")`, and `new` what it is called
    now, in the same section: `"url"`.
    """

    old: tuple[str, ...]
    new: str
    since: str


RENAMED: tuple[Renamed, ...] = ()
"""The keys that are called otherwise since the last release."""


@dataclass(frozen=True, slots=True)
class Modern:
    """A document with the names of now; `warnings` are the old ones that stood in it."""

    document: Document
    warnings: tuple[Fault, ...]


def modern(document: Document, renamed: Sequence[Renamed]) -> Modern:
    """The document as if it had been written with the new names, each on its old line.

    A value that stands under both names is a fault, for nobody can tell which one is meant.
    """
    faults: list[Fault] = []
    warnings: list[Fault] = []
    data, children = document.data, document.children
    for entry in renamed:
        renaming = _Renaming(entry)
        data, children = renaming.below(data, children, ())
        faults += renaming.faults
        warnings += renaming.warnings
    if not warnings and not faults:
        return Modern(document, ())
    return Modern(Document(data, (*document.faults, *faults), children), tuple(warnings))


class _Renaming:
    """One key renamed wherever it stands; what an alias stands for in two places is not changed."""

    def __init__(self, entry: Renamed) -> None:
        self._entry = entry
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def below(self, value: Any, children: Children | None, path: Path) -> _Pair:  # noqa: ANN401  plain data
        """What stands at a path, with the names of now."""
        if len(path) == len(self._entry.old) - 1:
            return self._section(value, children, path)
        step = self._entry.old[len(path)]
        entries = _entries(value)
        if not any(step in (ANY, key) for key in entries):
            return value, children
        made, places = dict(entries), dict(children or {})
        for key in entries:
            if step in (ANY, key):
                line, inner = places.get(key, (1, None))
                made[key], inner = self.below(made[key], inner, (*path, key))
                places[key] = (line, inner)
        return (list(made.values()) if isinstance(value, list) else made), places

    def _section(self, value: Any, children: Children | None, path: Path) -> _Pair:  # noqa: ANN401
        old, new, since = self._entry.old[-1], self._entry.new, self._entry.since
        if not isinstance(value, dict) or old not in value:
            return value, children
        places = dict(children or {})
        place = places.pop(old, (1, None))
        kept = {key: inner for key, inner in value.items() if key != old}
        if new in value:
            message = f"found beside {new}, which is its name since {since}: keep {new} only"
            self.faults.append(Fault((*path, old), message, place[0]))
            return kept, places
        message = f"is called {new} since {since}, and the old name is taken for one more release"
        self.warnings.append(Fault((*path, old), message, place[0]))
        return {**kept, new: value[old]}, {**places, new: place}


def _entries(value: object) -> dict[Key, Any]:
    if isinstance(value, dict):
        return dict(value)
    return dict(enumerate(value)) if isinstance(value, list) else {}
