"""A report in each of its formats, and whether two of one format say the same."""

from collections.abc import Callable, Mapping

from evidenced.config.report import Format
from evidenced.workflow import report_html, report_json
from evidenced.workflow.report import Report
from evidenced.workflow.report_markdown import report_markdown

RENDERED: Mapping[Format, Callable[[Report], str]] = {
    "markdown": report_markdown,
    "html": report_html.report_html,
    "json": report_json.report_json,
}
"""How each format is made."""

_MADE = tuple(mark.encode() for mark in ("Made ", report_html.MADE, report_json.MADE))


def rendered(report: Report, made: Format) -> bytes:
    """The report in a format, as UTF-8; half a surrogate pair becomes a question mark."""
    return RENDERED[made](report).encode("utf-8", "replace")


def lasting(data: bytes) -> bytes:
    """A report, in whatever format, without the line that is another one each time."""
    lines = data.split(b"\n")
    made = next((n for n, line in enumerate(lines) if line.startswith(_MADE)), None)
    return data if made is None else b"\n".join(lines[:made] + lines[made + 1 :])
