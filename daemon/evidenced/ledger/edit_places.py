"""Where the items and sections of a ledger stand in its file, by lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from markdown_it.tree import SyntaxTreeNode

from evidenced.ledger.edit_document import Document
from evidenced.ledger.items import Entry, entries
from evidenced.ledger.labels import is_nothing, label_of
from evidenced.ledger.markdown import is_list, level_of, parse_blocks, prose_in
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.ledger.parse import parse_data
from evidenced.ledger.sections import stretches
from evidenced.ledger.text import decode

Lines = tuple[int, int]
"""Indices of lines, end exclusive."""


class Form(Enum):
    """How an item is written."""

    BULLET = auto()
    HEADING = auto()
    PARAGRAPH = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """An item with its lines; its first block, which has the title, ends at `head_end`."""

    item: Item
    form: Form
    begin: int
    head_end: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a section: its heading, its items, and the remark that there are none."""

    section: Section
    level: int
    heading: Lines
    end: int
    places: tuple[Place, ...]
    nothing: Lines | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything in a document stands.

    `stamp` is the index of the line outside of the sections that states the last update.
    """

    document: Document
    ledger: Ledger
    parts: tuple[Part, ...]
    stamp: int | None

    def of(self, section: Section) -> tuple[Part, ...]:
        """The parts of a section, in their order."""
        return tuple(part for part in self.parts if part.section is section)

    def place(self, item: Item) -> Place:
        """Where an item of this very reading stands."""
        return next(place for part in self.parts for place in part.places if place.item is item)


def find_places(document: Document) -> Places:
    """Read a document, and find where in it everything stands. Never raises."""
    data = document.data
    ledger = parse_data(data)
    blocks = parse_blocks(decode(data)[0])
    items = {section: iter(ledger.sections[section]) for section in Section}
    parts = tuple(
        _part(document, section, blocks[index:end], items[section])
        for section, index, end in stretches(blocks)
        if section is not None
    )
    stamp = ledger.updated_line - 1 if ledger.updated else None
    return Places(document, ledger, parts, stamp)


def _part(
    document: Document,
    section: Section,
    blocks: Sequence[SyntaxTreeNode],
    items: Iterator[Item],
) -> Part:
    heading, below = blocks[0], blocks[1:]
    # The items come in the order of the entries, as the reading makes them one of the other.
    places = tuple(
        _place(document, entry, next(items), below) for entry in entries(section, tuple(below))
    )
    end = max((_lines(node)[1] for node in blocks), default=0)
    nothing = None if places else next(_nothing(below), None)
    return Part(section, level_of(heading), _lines(heading), end, places, nothing)


def _place(document: Document, entry: Entry, item: Item, blocks: Sequence[SyntaxTreeNode]) -> Place:
    line = entry.head.lines[0][1] - 1
    top = next(node for node in blocks if _lines(node)[0] <= line < _lines(node)[1])
    own, form = top, Form.HEADING if level_of(top) else Form.PARAGRAPH
    if is_list(top):
        form = Form.BULLET
        own = next(node for node in top.children if _lines(node)[0] <= line < _lines(node)[1])
    end = _lines(own)[1]
    for node in entry.body:
        if node.type == "hr":
            break
        end = max(end, _lines(node)[1])
    begin = _lines(own)[0]
    while end > begin + 1 and document.is_blank(end - 1):
        end -= 1
    return Place(item, form, begin, min(max(entry.head.lines[-1][1], begin + 1), end), end)


def _nothing(blocks: Iterable[SyntaxTreeNode]) -> Iterator[Lines]:
    """The lines of a remark such as `- (none)`, which is no item."""
    for node in blocks:
        if level_of(node):
            return
        whole = node.children if is_list(node) else [node] if node.type == "paragraph" else []
        for one in whole:
            prose = next(prose_in([one]), None)
            label = label_of(prose) if prose else None
            start = label.end if label and label.is_work else 0
            if prose and prose.text and is_nothing(prose.text[start:]):
                begin, end = _lines(one)
                yield begin, min(end, prose.lines[-1][1])


def _lines(node: SyntaxTreeNode) -> Lines:
    return node.map or (0, 0)
