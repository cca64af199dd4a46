"""The points that say when an item of IN PROGRESS or NEXT is done."""

import re
from collections.abc import Iterator, Sequence

from markdown_it.tree import SyntaxTreeNode

from evidenced.ledger.items import Entry
from evidenced.ledger.labels import is_done_heading, label_of, normal
from evidenced.ledger.markdown import Prose, is_list, level_of, prose_in, prose_of

_INLINE = re.compile(
    r"\bdone[ -]when\b ?:?"
    r"|\b(?:DoD|definition of done|acceptance criteria|exit criteria) ?(?:\([^()]{0,80}\) ?)?:",
    re.IGNORECASE,
)


def done_when(entry: Entry) -> tuple[str, ...]:
    """The points of an item, as plain text without check boxes.

    They are what stands under or behind `DoD:`, `Done when:` and the like. Where an item says
    nothing of the kind, its nested bullets are the points, but for details such as `**Risk**: …`.
    """
    said = [*_behind(entry.head, entry.title.rest), *_said(entry.body)]
    return tuple(point for point in said or _bullets(entry.body) if point)


def _said(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    """The points below and behind a label or heading that says so, at any depth."""
    below = False
    for node in nodes:
        prose = prose_of(node)
        if is_list(node):
            for item in node.children:
                yield from _points(item) if below else _said([item])
        elif node.type == "list_item":
            yield from _of_item(node)
        elif level_of(node):
            below = prose is not None and is_done_heading(normal(prose.text))
        elif prose is not None and node.type == "paragraph":
            label = label_of(prose)
            below = label is not None and label.is_done
            yield from _behind(prose, 0)


def _of_item(item: SyntaxTreeNode) -> Iterator[str]:
    """The points of a bullet: those nested in it where it is `DoD:`, else what it says itself."""
    first = prose_of(item.children[0]) if item.children else None
    label = label_of(first) if first else None
    if first is None or label is None or not label.is_done:
        yield from _said(item.children)
        return
    nested = [point for node in item.children[1:] for point in _all(node)]
    yield from nested or _behind(first, 0)


def _all(node: SyntaxTreeNode) -> Iterator[str]:
    if is_list(node):
        for item in node.children:
            yield from _points(item)
    elif prose := prose_of(node):
        yield prose.text


def _points(item: SyntaxTreeNode) -> Iterator[str]:
    yield " ".join(prose.text for prose in prose_in(item.children))


def _behind(prose: Prose, start: int) -> Iterator[str]:
    """The points that stand in the text itself, divided by semicolons."""
    said = _INLINE.search(prose.text, start)
    if said:
        for point in prose.text[said.end() : prose.bold_line_after(said.end())].split(";"):
            yield point.strip(" .")


def _bullets(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    for node in nodes:
        items = node.children if is_list(node) else [node] if node.type == "list_item" else []
        for item in items:
            first = next(iter(prose_in(item.children)), None)
            label = label_of(first) if first else None
            if first and not (label and label.is_detail):
                yield from _points(item)
