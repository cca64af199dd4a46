"""The pages of the documentation that explain single words, and the sections below their headings.

In a wheel they stand in the package (pyproject.toml puts them there), in a checkout where they are
written: docs/ at the root of the repository.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import evidenced

ALERTS, LINT, STANDINGS = "alerts.md", "lint.md", "standings.md"


class Part(NamedTuple):
    """One section of a page: the level of its heading, the heading, and the text below it."""

    level: int
    heading: str
    text: str


def page(name: str) -> str:
    """The whole page of this name."""
    shipped = files("evidenced") / "docs" / name
    if shipped.is_file():
        return shipped.read_text("utf-8")
    checkout = Path(evidenced.__file__).parents[2] / "docs" / name
    return checkout.read_text("utf-8")


def parts(text: str) -> Iterator[Part]:
    """The sections of a page in Markdown, each up to the next heading of any level.

    Headings are those with hashes; what stands in fences is none.
    """
    level, heading, kept, fenced = 0, "", list[str](), False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        hashes = len(line) - len(line.lstrip("#"))
        if fenced or not 1 <= hashes <= 6 or not line[hashes:].startswith(" "):
            kept.append(line)
            continue
        if level:
            yield Part(level, heading, "\n".join(kept).strip("\n"))
        level, heading, kept = hashes, line[hashes:].strip(), []
    if level:
        yield Part(level, heading, "\n".join(kept).strip("\n"))


def rows(text: str) -> Iterator[dict[str, str]]:
    """The rows of the tables in Markdown, each cell by the heading of its column, lower-case."""
    columns: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = []
            continue
        marked = line.replace("\\|", "\0").strip("|").split("|")
        cells = [cell.replace("\0", "|").strip() for cell in marked]
        if not columns:
            columns = [cell.lower() for cell in cells]
        elif set(line) - set("|- :"):
            yield dict(zip(columns, cells, strict=False))
