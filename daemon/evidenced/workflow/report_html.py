"""A report as one HTML page that loads nothing and runs nothing."""

from collections.abc import Iterator
from html import escape

from evidenced.workflow.markdown import one_line
from evidenced.workflow.report import Report
from evidenced.workflow.report_page import (
    TITLE,
    Block,
    Bullets,
    Heading,
    Line,
    Made,
    Paragraph,
    Span,
    Style,
    Table,
    page,
)

MADE = '<p class="made">'
"""What the line begins with that is another one each time."""

_HEAD = (
    "<!DOCTYPE html>",
    '<html lang="en">',
    '<meta charset="utf-8">',
    # Should anything ever get through as markup, it still may neither load nor run.
    '<meta http-equiv="Content-Security-Policy"',
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
    '<meta name="viewport" content="width=device-width">',
    f"<title>{TITLE}</title>",
    "<style>",
    ":root { color-scheme: light dark; font-family: sans-serif; line-height: 1.4 }",
    "body { margin: 1rem auto; max-width: 80rem; padding: 0 1rem }",
    ".table { overflow-x: auto }",
    "table { border-collapse: collapse }",
    "th, td { border: 1px solid gray; padding: .2rem .5rem }",
    "th, td { text-align: left; vertical-align: top }",
    "code { overflow-wrap: anywhere }",
    "</style>",
    "<body>",
)


def report_html(report: Report) -> str:
    """The report as HTML, a line for each thing, so that a diff shows only what changed."""
    lines = [*_HEAD, *(line for block in page(report) for line in _block(block))]
    return "\n".join([*lines, "</body>", "</html>"]) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"<h{level}>{escape(text)}</h{level}>"
        case Made(text):
            yield f"{MADE}{escape(text)}</p>"
        case Paragraph(line):
            yield f"<p>{_line(line)}</p>"
        case Bullets(lines):
            yield "<ul>"
            yield from (f"<li>{_line(line)}</li>" for line in lines)
            yield "</ul>"
        case Table(header, rows):
            yield '<div class="table"><table>'
            yield _row("th", (escape(name) for name in header))
            yield from (_row("td", map(_line, row)) for row in rows)
            yield "</table></div>"


def _row(tag: str, cells: Iterator[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _line(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Span) -> str:
    match span.style:
        case Style.OWN:
            return escape(span.text)
        case Style.TOLD:
            return escape(one_line(span.text))
        case Style.CODE:
            text = one_line(span.text)
            return f"<code>{escape(text)}</code>" if text else ""
        case Style.STRONG:
            return f"<strong>{escape(span.text)}</strong>"
