"""The pages of the documentation, taken apart: their fenced blocks and the commands in these."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "grafana/README.md",
    *sorted(f"docs/{p.name}" for p in ROOT.glob("docs/*.md")),
)
"""What people read and copy from; the references at the top are made and tested by themselves."""

ENDS = frozenset({"&&", "||", "|", ";", "&", "(", ")", "do", "then", "if", "!", "{", "}"})
REDIRECTS = frozenset({">", ">>", "<"})


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, its language, its text, and the paragraph before it."""

    page: str
    line: int
    language: str
    text: str
    before: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def text_of(page: str) -> str:
    """The page, by its path from the top of the repository."""
    return (ROOT / page).read_text("utf-8")


def blocks(page: str, *languages: str) -> list[Block]:
    """The fenced blocks of a page in their order, all or those in these languages."""
    found, before = [], ""
    for token in MarkdownIt().enable("table").parse(text_of(page)):
        if token.type == "inline":
            before = token.content
        if token.type == "fence" and token.map is not None:
            block = Block(page, token.map[0] + 1, token.info, token.content, before)
            found.append(block)
    return [block for block in found if not languages or block.language in languages]


def cells(page: str, header: str) -> Iterator[list[str]]:
    """The rows of the tables of a page that have this in their header, as their source has them."""
    for table in re.findall(r"(?m)^\|.*\n\| ---.*\n(?:\|.*\n)+", text_of(page)):
        head, _, *rows = table.splitlines()
        if header in head:
            for row in rows:
                yield [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]


def lines(script: str) -> list[str]:
    """The lines of a script as a shell takes them: joined where they go on, without comments."""
    joined = script.replace("\\\n", "")
    return [line for line in joined.splitlines() if line.strip() and line.lstrip()[0] != "#"]


def commands(script: str) -> list[list[str]]:
    """The words of each simple command of a script, without redirections and assignments."""
    found: list[list[str]] = []
    for line in lines(script):
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        for word in (*lexer, ";"):
            if word in ENDS:
                found.append(words)
                words = []
            elif words and words[-1] in REDIRECTS:
                words.pop()
            elif words or not re.match(r"\w+=", word):
                words.append(word)
    return [words for words in found if words]


def shown(block: Block) -> list[tuple[str, str]]:
    """The commands of a `console` block, each with the output that is shown below it."""
    parts = re.split(r"(?m)^\$ ", block.text)
    assert not parts[0], f"{block.place}: begins with no command"
    return [(command, output) for command, _, output in (p.partition("\n") for p in parts[1:])]


def like(output: str) -> re.Pattern[str]:
    """What is shown, as a pattern: times, numbers of four digits and white space differ.

    What ends in … may end otherwise, and … alone stands for anything.
    A line of nothing but … stands for any lines, and for none.
    """
    found = []
    for line in output.splitlines():
        if line.strip() == "…":
            found.append(r"(?:.*\n)*?")
        elif line.strip():
            found.append(r"\s*" + r"\s+".join(map(_word, line.split())) + r"\s*?\n")
    return re.compile("".join(found) + r"\s*\Z")


def _word(word: str) -> str:
    if word == "…":
        return r".*"
    if "…" in word:
        return r"\S+"
    if re.fullmatch(r"\d{4}-\d\d-\d\d|\d\d:\d\d|\(\d+s\)|\d{4,}", word):
        return re.sub(r"\d+", r"\\d+", re.escape(word))
    return re.escape(word)
