"""The keys of the configuration as CONFIGURATION.md has them, found by their paths."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evidenced.cli.pages import Part, parts, rows
from evidenced.config.reference import slug

TOP = "the-top-of-the-file"
DEEPEST = 8
"""Steps of a path that are listed: sections stand in each other, some in themselves."""

_LINK = re.compile(r"\[([^\]]*)\]\(#([^)]*)\)")
_INDEX = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its path, its row in the table, and the anchors of two sections.

    It stands `within` the one, and leads to the other where it has a `section` of its own.
    """

    path: str
    row: Mapping[str, str]
    within: str
    section: str = ""

    @property
    def lines(self) -> list[str]:
        """The row, a line each for type, default and meaning."""
        return [
            f"{name}: {_LINK.sub(lambda link: link[1], self.row[name])}".replace("`", "")
            for name in ("type", "default")
        ] + ["", self.row["meaning"]]


class Keys:
    """All keys of a page such as CONFIGURATION.md."""

    def __init__(self, page: str) -> None:
        self._sections = {slug(part.heading): part for part in parts(page) if part.level == 3}

    def section(self, anchor: str) -> Part | None:
        """The section with this anchor."""
        return self._sections.get(anchor)

    def all(self) -> Iterator[Key]:
        """Each key by each path that leads to it, the shortest paths first.

        A section within itself is not entered again.
        """
        waiting = deque([("", TOP, frozenset({TOP}))])
        while waiting:
            before, anchor, entered = waiting.popleft()
            for row in rows(self._sections[anchor].text):
                key = self._key(before, anchor, row)
                yield key
                if key.section and key.section not in entered and key.path.count(".") < DEEPEST:
                    mark = "[]" if "list of" in row["type"] or "mapping of" in row["type"] else ""
                    inner = (f"{key.path}{mark}.", key.section, entered | {key.section})
                    waiting.append(inner)

    def _key(self, before: str, within: str, row: Mapping[str, str]) -> Key:
        path = f"{before}{row['key'].strip('`')}"
        # What may be a text or a section has no link, but a section with its path as the heading.
        linked = (slug(path), *(link[2] for link in _LINK.finditer(row["type"])))
        anchors = [anchor for anchor in linked if anchor in self._sections]
        return Key(path, row, within, anchors[-1] if anchors else "")


def plain(path: str) -> str:
    """A path without indexes, case, dashes for underscores, and a dot at its ends."""
    return _INDEX.sub("", path).strip(". ").casefold().replace("-", "_")
