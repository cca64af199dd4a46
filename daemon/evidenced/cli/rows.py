"""Rows of a label and a text that is folded beside it."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

Row = tuple[str, Text]


def folded(rows: Iterable[Row], out: Console, label_style: str = "bold") -> Iterator[Text]:
    """The lines of the rows, the texts one below the other, without white space at their ends."""
    listed = list(rows)
    indent = max((len(label) for label, _ in listed), default=0) + 2
    for label, text in listed:
        lines = text.wrap(out, max(out.width - indent, 20), overflow="fold")
        for number, line in enumerate(lines):
            whole = Text.assemble(((label if number == 0 else "").ljust(indent), label_style), line)
            whole.rstrip()
            yield whole


def print_rows(rows: Iterable[Row], out: Console, label_style: str = "bold") -> None:
    """Print the rows as `folded` gives them."""
    for line in folded(rows, out, label_style):
        out.print(line, soft_wrap=True)
