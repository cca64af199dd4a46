"""Markdown as a tree of blocks, and the running text of its inline content."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

MAX_NESTING = 60
"""Levels of blocks that are looked into: a list and its item are two."""

_BOX = re.compile(r"\[[ xX~-]\](?= |$)")
_TAG = re.compile(
    r"</?(?:a|b|code|del|em|i|ins|kbd|mark|s|small|span|strong|sub|sup|u)\b", re.IGNORECASE
)
_SPACE_TAG = re.compile(r"</?(?:br|p)\b", re.IGNORECASE)
_ID = re.compile(r"\s*id:\s*(\S{1,100})\s*\Z")
_LISTS = frozenset({"bullet_list", "ordered_list"})


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, end exclusive; `href` where it is a link."""

    start: int
    end: int
    href: str = ""

    def __contains__(self, offset: int) -> bool:
        return self.start <= offset < self.end


@dataclass(frozen=True, slots=True)
class Prose:
    """The running text of one block: marks removed, white space folded, spans kept by offset.

    `lines` holds where a line of the source begins, as (offset, line). `ids` are the names given
    in `<!-- id: name -->` comments.
    """

    text: str
    lines: tuple[tuple[int, int], ...]
    codes: tuple[Span, ...] = ()
    bold: tuple[Span, ...] = ()
    links: tuple[Span, ...] = ()
    ids: tuple[str, ...] = ()

    def line_at(self, offset: int) -> int:
        """The 1-based line of the source on which the character at `offset` stands."""
        return self.lines[bisect_right(self.lines, offset, key=lambda entry: entry[0]) - 1][1]

    def code_at(self, offset: int) -> Span | None:
        """The span of code marks in which the character at `offset` stands."""
        return _span_at(self.codes, offset)

    def in_link(self, offset: int) -> bool:
        """Whether the character at `offset` is part of a link's text."""
        return _span_at(self.links, offset) is not None

    def bold_line_after(self, offset: int) -> int:
        """Where the next line of the source begins that begins in bold; else the end."""
        bold = {span.start for span in self.bold}
        starts = (start for start, _ in self.lines if start > offset and start in bold)
        return min(starts, default=len(self.text))


def parse_blocks(text: str) -> tuple[SyntaxTreeNode, ...]:
    """The top-level blocks of CommonMark with tables and strikethrough.

    Text in a block of HTML is read like any other: `- <!-- id: x --> **Title**: text` would have
    none otherwise. Such a block is of type `inline`.
    """
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.core.ruler.after("block", "html_text", _read_html)
    return tuple(SyntaxTreeNode(parser.parse(text)).children)


def _read_html(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "html_block":
            begin = token.content.rfind("<!--")
            closed = begin < 0 or token.content.find("-->", begin) >= 0
            token.type = "inline"
            token.content = token.content if closed else token.content[:begin]
            token.children = []


def is_list(node: SyntaxTreeNode) -> bool:
    """Whether the block is a list, of bullets or of numbers."""
    return node.type in _LISTS


def level_of(node: SyntaxTreeNode) -> int:
    """The level of a heading, 1 to 6; 0 for any other block."""
    return int(node.tag[1]) if node.type == "heading" else 0


def prose_in(nodes: Iterable[SyntaxTreeNode]) -> Iterator[Prose]:
    """The text of all blocks, in order, those within others included: code and tables as well."""
    for node in nodes:
        prose = prose_of(node)
        if prose is None:
            yield from prose_in(node.children)
        elif prose.text or prose.ids:
            yield prose


def prose_of(node: SyntaxTreeNode) -> Prose | None:
    """The text of a block that holds text itself; None for one that only holds other blocks."""
    if node.type in {"heading", "paragraph"}:
        return prose_of(node.children[0]) if node.children else None
    if node.type not in {"inline", "fence", "code_block"}:
        return None
    token = node.token
    line = token.map[0] + 1 if token and token.map else 1
    builder = _Builder(line)
    if node.type == "inline":
        builder.add_inline(token.children or () if token else ())
    else:
        builder.add_code(node.content)
    return builder.prose()


def _span_at(spans: Sequence[Span], offset: int) -> Span | None:
    index = bisect_right(spans, offset, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and offset in spans[index] else None


class _Builder:
    """Collects the text of one block, folding white space as it goes."""

    def __init__(self, line: int) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._spaced = True
        self._line = line
        self._lines = [(0, line)]
        self._spans: dict[str, list[Span]] = {"code": [], "strong": [], "link": []}
        self._open: list[tuple[str, int, str]] = []
        self._ids: list[str] = []

    def prose(self) -> Prose:
        text = "".join(self._pieces).rstrip(" ")
        spans = {
            kind: tuple(
                replace(span, end=min(span.end, len(text)))
                for span in sorted(found, key=lambda span: span.start)
                if span.start < len(text) or kind == "link"
            )
            for kind, found in self._spans.items()
        }
        return Prose(
            text,
            tuple(self._lines),
            spans["code"],
            spans["strong"],
            spans["link"],
            tuple(self._ids),
        )

    def add_inline(self, tokens: Iterable[Token]) -> None:
        for index, token in enumerate(tokens):
            if token.type == "text":
                box = _BOX.match(token.content) if index == 0 else None
                self._add(token.content[box.end() :] if box else token.content)
            elif token.type == "code_inline":
                self.add_code(token.content)
            elif token.type in {"softbreak", "hardbreak"}:
                self._break(1)
            elif token.type == "html_inline":
                self.add_html(token.content)
            elif token.type == "image":
                start = self._length
                self.add_inline(token.children or ())
                source = str(token.attrs.get("src", ""))
                self._spans["link"].append(Span(start, self._length, source))
            elif token.nesting > 0:
                kind = token.type.removesuffix("_open")
                self._open.append((kind, self._length, str(token.attrs.get("href", ""))))
            elif token.nesting < 0 and self._open:
                kind, start, href = self._open.pop()
                if kind in self._spans:
                    self._spans[kind].append(Span(start, self._length, href))

    def add_code(self, content: str) -> None:
        start = self._length
        self._add(content)
        if self._length > start:
            self._spans["code"].append(Span(start, self._length))

    def add_html(self, content: str) -> None:
        """Comments are left out, but for the name in them; plain formatting tags as well."""
        at = 0
        while (start := content.find("<!--", at)) >= 0:
            self._add_tags(content[at:start])
            end = content.find("-->", start)
            named = _ID.match(content[start + 4 : end if end >= 0 else len(content)])
            if named:
                self._ids.append(named[1])
            at = end + 3 if end >= 0 else len(content)
        self._add_tags(content[at:])
        self._break(content.count("\n"))

    def _add_tags(self, content: str) -> None:
        if _SPACE_TAG.match(content):
            self._add(" ")
        elif not _TAG.match(content):
            self._add(content)

    def _add(self, content: str) -> None:
        words = content.split()
        lead = " " if content[:1].isspace() and not self._spaced else ""
        trail = " " if words and content[-1:].isspace() else ""
        piece = lead + " ".join(words) + trail
        if piece:
            self._pieces.append(piece)
            self._length += len(piece)
            self._spaced = piece.endswith(" ")

    def _break(self, count: int) -> None:
        if count:
            self._add(" ")
            self._line += count
            self._lines.append((self._length, self._line))
