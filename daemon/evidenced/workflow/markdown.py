"""Text from anywhere as Markdown that says it and does nothing else.

Backslashes, code spans and fences are those of CommonMark (sections 2.4, 4.5, 6.1), tables those of
GitHub Flavored Markdown (4.10).
"""

import re
from collections.abc import Iterable, Iterator

_ESCAPED = re.compile(r"([\\`*_\[\]<&|~])")
_BACKTICKS = re.compile("`+")


def plain(text: str) -> str:
    """The text on one line, with nothing in it that is markup."""
    escaped = _ESCAPED.sub(r"\\\1", one_line(text))
    if escaped.endswith("#"):
        # It would be taken for the end of a heading.
        escaped = f"{escaped[:-1]}\\#"
    # At its beginning it could still be a list, a quotation, a heading or the line under one.
    return re.sub(r"^([-+=#>]|[0-9]{1,9}[.)])", _guarded, escaped)


def code(text: str) -> str:
    """The text on one line as a code span, whatever backticks are in it."""
    line = one_line(text)
    if not line:
        return ""
    marks = "`" * (_longest(line) + 1)
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{marks}{pad}{line}{pad}{marks}"


def code_cell(text: str) -> str:
    """The same for a cell of a table, which a bar would end even inside of a code span."""
    return code(text).replace("|", r"\|")


def fenced(text: str, language: str = "text") -> str:
    """The text in a fenced block that nothing in it can end."""
    lines = "\n".join(_printable(line) for line in text.split("\n"))
    marks = "`" * max(3, _longest(lines) + 1)
    return f"{marks}{language}\n{lines}\n{marks}"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a table; its cells are made by `plain` and `code_cell`."""
    names = list(header)
    yield _row(names)
    yield _row("---" for _ in names)
    yield from map(_row, rows)


def one_line(text: str) -> str:
    """The text with all white space as single spaces, and what cannot be printed as U+FFFD.

    That includes marks that turn the direction of writing, which could make a line look otherwise
    than it is.
    """
    return _printable(" ".join(text.split()))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _longest(text: str) -> int:
    return max((len(found) for found in _BACKTICKS.findall(text)), default=0)


def _guarded(found: re.Match[str]) -> str:
    return f"{found[1][:-1]}\\{found[1][-1]}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
