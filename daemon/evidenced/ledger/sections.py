"""Which part of the ledger belongs to which section."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from markdown_it.tree import SyntaxTreeNode

from evidenced.ledger.markdown import level_of, prose_of
from evidenced.ledger.model import CLAIMED, Finding, Section

DUPLICATE_SECTION = "duplicate-section"
"""The rule of the finding for a section that has a second heading."""
MISPLACED_SECTION = "misplaced-section"
"""The rule of the finding for a section that has its only heading below the level of the others."""
UNKNOWN_SECTION = "unknown-section"
"""The rule of the finding for a heading beside the sections that is none of them."""

_NAMES: Mapping[str, Section] = MappingProxyType(
    {
        "closed": Section.CLOSED,
        "stable": Section.STABLE,
        "in progress": Section.IN_PROGRESS,
        "wip": Section.IN_PROGRESS,
        "work in progress": Section.IN_PROGRESS,
        "blocked": Section.BLOCKED,
        "next": Section.NEXT,
    }
)
_NUMBER = re.compile(r"\s*\d{1,2}[.)]\s+")
_TAIL = re.compile(r"[(\[:：|]|\s[-–—]{1,3}\s")
_WORD = re.compile(r"[^\W_]+")


Blocks = tuple[SyntaxTreeNode, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts that each section consists of, the blocks that belong to none, and findings."""

    sections: Mapping[Section, tuple[Blocks, ...]]
    elsewhere: Blocks
    """What stands before the sections and in unknown ones, headings included."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Heading:
    index: int
    level: int
    title: str
    line: int
    section: Section | None


def section_named(title: str) -> Section | None:
    """The section that a heading names; None where it names something else.

    Case, emoji, a number before it, and a tail behind an emoji, parenthesis, colon or dash do not
    matter; nor do words without a letter of ASCII, such as a translation.
    """
    number = _NUMBER.match(title)
    head = _TAIL.split(_before_emoji(title[number.end() if number else 0 :]), maxsplit=1)[0]
    words = _WORD.findall(head.casefold().replace("_", " "))
    return _NAMES.get(" ".join(word for word in words if word.isascii()))


def stretches(blocks: Sequence[SyntaxTreeNode]) -> Iterator[tuple[Section | None, int, int]]:
    """Each heading that begins a section, known or not, as `outline` divides them.

    What it names, its index among the blocks, and the index at which the section ends.
    """
    headings = _headings(blocks)
    top = list(_top(headings, _section_level(headings)))
    ends = [*(heading.index for heading in top[1:]), len(blocks)]
    for heading, end in zip(top, ends, strict=False):
        yield heading.section, heading.index, end


def outline(blocks: Sequence[SyntaxTreeNode]) -> Outline:
    """Divide the top-level blocks of a document into sections.

    Sections stand at the level of the topmost CLOSED or STABLE heading (where there is neither, of
    the topmost that names a section); such words in a heading below that level name a group within
    a section. A section ends at the next heading of its level or above. A section may have several
    parts, one for each heading.
    """
    headings = _headings(blocks)
    level = _section_level(headings)
    top = list(_top(headings, level))
    sections: dict[Section, list[Blocks]] = {}
    elsewhere = list(blocks[: top[0].index if top else len(blocks)])
    findings: list[Finding] = []
    ends = [*(heading.index for heading in top[1:]), len(blocks)]
    for heading, end in zip(top, ends, strict=False):
        if heading.section is None:
            elsewhere += blocks[heading.index : end]
        else:
            part = tuple(blocks[heading.index + 1 : end])
            sections.setdefault(heading.section, []).append(part)
        is_title = heading is headings[0] and heading.level == 1
        if heading.section or not is_title:
            findings += _finding(heading, level, sections)
    return Outline(
        {section: tuple(parts) for section, parts in sections.items()},
        tuple(elsewhere),
        tuple(findings),
    )


def _finding(
    heading: _Heading, level: int, sections: Mapping[Section, Sequence[Blocks]]
) -> Iterator[Finding]:
    name = f"section {heading.title!r}"
    if heading.section is None:
        message = f"{name} is none of the ledger's: what stands in it are no items"
        yield Finding(UNKNOWN_SECTION, heading.line, message)
    elif len(sections[heading.section]) > 1:
        message = f"{name} has a heading already: the items below both are joined"
        yield Finding(DUPLICATE_SECTION, heading.line, message)
    elif heading.level > level:
        message = f"{name} has a heading of level {heading.level}, the others of level {level}"
        yield Finding(MISPLACED_SECTION, heading.line, message)


def _headings(blocks: Iterable[SyntaxTreeNode]) -> list[_Heading]:
    headings = []
    for index, node in enumerate(blocks):
        level = level_of(node)
        prose = prose_of(node) if level else None
        if prose:
            section = section_named(prose.text)
            headings.append(_Heading(index, level, prose.text[:100], prose.line_at(0), section))
    return headings


def _section_level(headings: Iterable[_Heading]) -> int:
    named = [heading for heading in headings if heading.section]
    claimed = [heading.level for heading in named if heading.section in CLAIMED]
    return min(claimed or [heading.level for heading in named], default=2)


def _top(headings: Iterable[_Heading], level: int) -> Iterator[_Heading]:
    """The headings that begin a section, known or not.

    CLOSED or STABLE count at a lower level too, right below one another, where there is no heading
    for them at the level of sections: one hash too many must not turn the one into the other.
    """
    headings = list(headings)
    placed = {heading.section for heading in headings if heading.level <= level}
    current: Section | None = None
    for heading in headings:
        misplaced = heading.section in CLAIMED and heading.section not in placed
        if heading.level <= level or (misplaced and current in CLAIMED):
            current = heading.section
            yield heading


def _before_emoji(title: str) -> str:
    """The title up to the first emoji or other symbol that stands behind a word."""
    word = _WORD.search(title)
    for offset in range(word.end() if word else len(title), len(title)):
        if unicodedata.category(title[offset]) == "So":
            return title[:offset]
    return title
