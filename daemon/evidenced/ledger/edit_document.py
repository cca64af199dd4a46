"""The bytes of a ledger file as lines that can be replaced, and back, without loss."""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MARK = "\ufeff"
_ENDS = ("\r\n", "\n", "\r")


class EditError(Exception):
    """An edit is refused; the message is one line that says by which rule."""


@dataclass(frozen=True, slots=True)
class Document:
    r"""A file as lines, each with its own line break; the last one may have none.

    Lines end at \n, \r\n or \r, as CommonMark has it, so that they are numbered as the reading of
    the ledger numbers them. Bytes that are not UTF-8 are lone surrogates (PEP 383). A byte order
    mark is no part of the first line, but kept as `mark`.
    """

    lines: tuple[str, ...]
    codec: str = "utf-8"
    mark: str = ""

    @classmethod
    def of(cls, data: bytes) -> "Document":
        """The document in a file's bytes. Raises EditError where they could not be given back.

        UTF-16 is known by its byte order mark; everything else is taken for UTF-8.
        """
        codec = "utf-8"
        for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
            codec = name if data.startswith(mark) else codec
        text = data.decode(codec, _errors(codec))
        bare = text.removeprefix(_MARK)
        found = cls(_split(bare), codec, text[: len(text) - len(bare)])
        if found.data != data:
            raise EditError("the file is no text that can be edited without loss")
        return found

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return "".join((self.mark, *self.lines)).encode(self.codec, _errors(self.codec))

    @property
    def newline(self) -> str:
        """The line break that most lines end in; a line feed where there is none."""
        counts = Counter(line[len(line.rstrip("\r\n")) :] for line in self.lines)
        return max(_ENDS, key=lambda end: (counts[end], end == "\n"))

    def spliced(self, begin: int, end: int, lines: Sequence[str]) -> "Document":
        """The document with `lines`, texts without line breaks or with, in place of others.

        `begin` and `end` are indices of lines, end exclusive. A line without a break gets that of
        the document; a file without a break at its end still has none.
        """
        new = [line if line.endswith(("\r", "\n")) else line + self.newline for line in lines]
        before, after = list(self.lines[:begin]), list(self.lines[end:])
        bare = bool(self.lines) and not self.lines[-1].endswith(("\r", "\n"))
        if bare and not after:
            if new and before and end == begin:
                before[-1] += self.newline
            kept = [*before, *new]
            # A blank line without its break is none.
            while kept and not kept[-1].strip("\r\n"):
                kept.pop()
            return replace(self, lines=(*kept[:-1], *(line.rstrip("\r\n") for line in kept[-1:])))
        # In a file of mixed breaks, one that ends in CR and an LF behind it would become one.
        if before and new and new[0] == "\n" and before[-1].endswith("\r"):
            new[0] = "\r\n"
        if new and after and after[0] == "\n" and new[-1].endswith("\r"):
            new[-1] = new[-1][:-1] + "\n"
        return replace(self, lines=(*before, *new, *after))

    def is_blank(self, index: int) -> bool:
        """Whether there is nothing on a line but white space; true beyond both ends."""
        inside = 0 <= index < len(self.lines)
        return not inside or not self.lines[index].strip(" \t\r\n")

    def text(self, index: int) -> str:
        """A line without its line break."""
        return self.lines[index].rstrip("\r\n")


def shown(lines: Iterable[str]) -> list[str]:
    """Lines for a terminal: without line breaks, and what cannot be printed as U+FFFD."""
    return [
        "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in line.rstrip("\r\n"))
        for line in lines
    ]


def _split(text: str) -> tuple[str, ...]:
    return tuple(_LINE.findall(text))


def _errors(codec: str) -> str:
    return "surrogateescape" if codec == "utf-8" else "surrogatepass"
