"""The table at the end: what had to page, what did, and how soon."""

from collections.abc import Iterator

import pytest

PROPERTY = "replay"
HEADER = ("scenario", "pages", "found", "false", "detected after (at most)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the score of each scenario, and those of all."""
    rows = sorted(_scores(terminalreporter), key=lambda row: row[0])
    if not rows:
        return
    terminalreporter.section("replay")
    table = [HEADER, *((row[0], *map(str, row[1:4]), _waited(row[4])) for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADER))]
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        terminalreporter.write_line("  ".join(cells).rstrip())
    expected, found, false = (
        sum(counts) for counts in zip(*(row[1:4] for row in rows), strict=True)
    )
    recall = 100 * found / expected if expected else 100
    terminalreporter.write_line(
        f"{len(rows)} scenarios, {expected} pages: recall {recall:g} %, false pages {false}"
    )


Row = tuple[str, int, int, int, list[list[float]]]


def _scores(terminalreporter: pytest.TerminalReporter) -> Iterator[Row]:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, row in getattr(report, "user_properties", ()):
                if name == PROPERTY and report.when == "call":
                    yield row


def _waited(waits: list[list[float]]) -> str:
    """The slowest page of a scenario, by how much of its time it took."""
    if not waits:
        return "no page"
    waited, most = max(waits, key=lambda wait: wait[0] / wait[1])
    return f"{waited:g} s ({most:g} s)"
