"""The entries of a section: which blocks are items, and which belong to an item or to none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from markdown_it.tree import SyntaxTreeNode

from evidenced.ledger.dates import closing_date
from evidenced.ledger.labels import is_group, is_note, is_nothing, label_of, normal, starts_bold
from evidenced.ledger.markdown import Prose, is_list, level_of, prose_of
from evidenced.ledger.model import CLAIMED, Section
from evidenced.ledger.titles import Title, after_number, heading_title, title_of


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One item as it stands in the document: the prose that it begins with, and what is below.

    A pass of a journal is one too (`is_pass`), and has the day in its heading as `dated`: None
    where there is no such day.
    """

    section: Section
    title: Title
    head: Prose
    body: tuple[SyntaxTreeNode, ...]
    dated: date | None = None
    is_pass: bool = False

    @property
    def line(self) -> int:
        """The 1-based line on which the title begins."""
        return self.head.line_at(self.title.start)


@dataclass(slots=True)
class _Draft:
    """An entry to which blocks may still be added."""

    title: Title
    head: Prose
    body: list[SyntaxTreeNode] = field(default_factory=list)


def entries(section: Section, blocks: Sequence[SyntaxTreeNode]) -> tuple[Entry, ...]:
    """The items in one part of a section.

    An item is a bullet or number of a list, or a heading that is numbered or stands over details
    such as `**DoD**:`; in IN PROGRESS also a paragraph `**WIP**: title`. Other headings and bold
    lines stand over groups of items or over notes. A bullet that is only a detail belongs to the
    item before it.
    """
    drafts = _Reader(section).read(blocks)
    return tuple(Entry(section, draft.title, draft.head, tuple(draft.body)) for draft in drafts)


class _Reader:
    """Goes through the blocks of one part of a section."""

    def __init__(self, section: Section) -> None:
        self._section = section
        self._drafts: list[_Draft] = []
        self._over: Prose | None = None
        """The paragraph that the next list stands below."""
        self._open: _Draft | None = None
        """The paragraph that is an item itself, and takes what follows."""

    def read(self, blocks: Sequence[SyntaxTreeNode]) -> list[_Draft]:
        index = 0
        while index < len(blocks):
            node = blocks[index]
            if level_of(node):
                index = self._heading(blocks, index)
                continue
            if node.type == "paragraph":
                self._paragraph(node, blocks[index + 1 : index + 2])
            elif is_list(node):
                self._list(node)
            elif node.type == "hr":
                self._over = self._open = None
            elif self._open:
                self._open.body.append(node)
            index += 1
        return self._drafts

    def _heading(self, blocks: Sequence[SyntaxTreeNode], index: int) -> int:
        """Read the heading, and what is below it where it is an item; the index to go on from."""
        self._over = self._open = None
        prose = prose_of(blocks[index])
        if prose is None or not prose.text or is_nothing(prose.text):
            return index + 1
        below = _until(blocks, index, 6)
        if is_note(normal(prose.text)):
            return _until(blocks, index, level_of(blocks[index]))
        if not self._is_item(prose, blocks[index + 1 : below]):
            return index + 1
        end = _until(blocks, index, level_of(blocks[index]))
        title = heading_title(prose)
        if title:
            self._drafts.append(_Draft(title, prose, list(blocks[index + 1 : end])))
        return end

    def _is_item(self, heading: Prose, below: Sequence[SyntaxTreeNode]) -> bool:
        """Whether a heading is an item by itself; `below` is what it has before the next one."""
        key = normal(heading.text)
        if is_group(key):
            return False
        heads = [head for node in below if is_list(node) for head in _heads(node)]
        details = [index for index, head in enumerate(heads) if _is_detail(head)]
        if details:
            return not any(map(_is_titled, heads[: details[0]]))
        if any(_is_done(prose) for node in below if (prose := prose_of(node))):
            return True
        if self._section in CLAIMED:
            return after_number(heading.text) > 0 and not heads
        return after_number(heading.text) > 0 or not any(map(_is_titled, heads))

    def _paragraph(self, node: SyntaxTreeNode, following: Sequence[SyntaxTreeNode]) -> None:
        prose = prose_of(node)
        label = label_of(prose) if prose else None
        if self._open and label and label.is_detail:
            self._open.body.append(node)
            return
        self._over, self._open = prose, None
        if prose is None or label is None or self._section in CLAIMED:
            return
        is_work = label.is_work and self._section is Section.IN_PROGRESS
        if is_work or (label.bold and not label.is_detail and _has_details(following)):
            self._open = self._add(prose, [], after_number(prose.text))

    def _list(self, node: SyntaxTreeNode) -> None:
        if self._open:
            self._open.body.append(node)
            return
        if self._over and _is_over_notes(self._over, node):
            return
        for item in node.children:
            head, body = _split(item)
            if head is None:
                continue
            if self._section in CLAIMED:
                if not _is_note(head):
                    self._add(head, body)
            elif not _is_detail(head):
                self._add(head, body)
            elif self._drafts:
                self._drafts[-1].body.append(item)

    def _add(self, head: Prose, body: list[SyntaxTreeNode], start: int = 0) -> _Draft | None:
        label = label_of(head)
        is_work = label is not None and label.is_work and self._section not in CLAIMED
        start = label.end if label and is_work else start
        if is_nothing(head.text[start:]):
            return None
        title = title_of(head, start, colon=not is_work)
        if title is None:
            return None
        draft = _Draft(title, head, body)
        self._drafts.append(draft)
        return draft


def _until(blocks: Sequence[SyntaxTreeNode], index: int, level: int) -> int:
    """The index of the next heading of the level or above; the end where there is none."""
    for end in range(index + 1, len(blocks)):
        if 0 < level_of(blocks[end]) <= level:
            return end
    return len(blocks)


def _split(item: SyntaxTreeNode) -> tuple[Prose | None, list[SyntaxTreeNode]]:
    """The first prose in a list item, and the blocks after the one that it is in."""
    for index, node in enumerate(item.children):
        prose = prose_of(node)
        if node.type in {"paragraph", "heading", "inline"} and prose and prose.text:
            return prose, [*item.children[:index], *item.children[index + 1 :]]
        if is_list(node) and node.children:
            head, body = _split(node.children[0])
            return head, [*body, *node.children[1:], *item.children[index + 1 :]]
    return None, []


def _heads(node: SyntaxTreeNode) -> Iterator[Prose]:
    for item in node.children:
        head, _ = _split(item)
        if head:
            yield head


def _is_titled(head: Prose) -> bool:
    """Whether a bullet looks like an item of a section: a bold title or a closing date."""
    label = label_of(head)
    if label and label.bold:
        return not label.is_detail
    return starts_bold(head) or closing_date(head.text) is not None


def _is_over_notes(paragraph: Prose, node: SyntaxTreeNode) -> bool:
    """Whether a list below the paragraph holds notes and no items."""
    label = label_of(paragraph)
    if label is None:
        return False
    if label.bold and label.introduces:
        heads = list(_heads(node))
        return label.heads_notes or sum(map(_is_titled, heads)) * 2 <= len(heads)
    return label.is_note or (label.bold and label.heads_notes)


def _is_done(prose: Prose) -> bool:
    label = label_of(prose)
    return label is not None and label.is_done


def _is_detail(prose: Prose) -> bool:
    label = label_of(prose)
    return label is not None and label.is_detail and (label.bold or label.is_done)


def _is_note(prose: Prose) -> bool:
    label = label_of(prose)
    return label is not None and label.is_note and label.bold


def _has_details(following: Iterable[SyntaxTreeNode]) -> bool:
    return any(_is_detail(head) for node in following if is_list(node) for head in _heads(node))
