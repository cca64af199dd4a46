"""A report as Markdown: what comes from elsewhere is text in it, and does nothing."""

from evidenced.workflow.markdown import code, code_cell, plain, table
from evidenced.workflow.report import Report
from evidenced.workflow.report_page import (
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


def report_markdown(report: Report) -> str:
    """The report as Markdown; the line that begins with `Made` is another one each time."""
    return "\n\n".join(map(_block, page(report))) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {text}"
        case Made(text):
            return text
        case Paragraph(line):
            return _line(line)
        case Bullets(lines):
            return "\n".join(f"- {_line(line)}" for line in lines)
        case Table(header, rows):
            cells = ((_line(cell, in_cell=True) for cell in row) for row in rows)
            return "\n".join(table(header, cells))


def _line(line: Line, *, in_cell: bool = False) -> str:
    return "".join(_span(span, in_cell) for span in line)


def _span(span: Span, in_cell: bool) -> str:
    match span.style:
        case Style.OWN:
            return span.text
        case Style.TOLD:
            return plain(span.text)
        case Style.CODE:
            return code_cell(span.text) if in_cell else code(span.text)
        case Style.STRONG:
            return f"**{span.text}**"
