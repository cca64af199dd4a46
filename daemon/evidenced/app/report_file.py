"""The files of the report, and the memory of the last one. All here blocks on the file system."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from evidenced.config.report import ReportSettings
from evidenced.ledger.rewrite import Change, ChangedError, RewriteError, rewrite
from evidenced.workflow.report import Earlier, Report
from evidenced.workflow.report_json import earlier_of, report_json
from evidenced.workflow.report_text import rendered

NAME = "report-last.json"
"""The file in the folder of the state that has the last report, as JSON."""

REFUSED = "report-refused"
"""The file beside it that names the content which git refused."""

TRIES = 3
"""How often a file is written anew that another process wrote meanwhile."""

_LIMIT = 256 * 1024 * 1024


def write_report(report: Report, settings: ReportSettings) -> None:
    """Write each format whole, or none of them; raises RewriteError."""
    new = {path: rendered(report, made) for made, path in settings.paths.items()}
    for left in reversed(range(TRIES)):
        try:
            _write(new)
        except ChangedError:
            if not left:
                raise
        else:
            return


class ReportMemory:
    """What the last report said, and what of it git refused, over restarts and between processes.

    It stands in the folder of the state; without that, the JSON report is what is remembered.
    """

    def __init__(self, state: Path) -> None:
        self._path = state / NAME
        self._refused = state / REFUSED

    def earlier(self, settings: ReportSettings | None) -> Earlier | None:
        """What the next report is held against; None where no report is known."""
        beside = settings.paths.get("json") if settings else None
        found = (earlier_of(_text(path)) for path in (self._path, beside) if path is not None)
        return next((one for one in found if one is not None), None)

    def remember(self, report: Report) -> None:
        """Keep what a report says; raises RewriteError."""
        _write({self._path: report_json(report).encode("utf-8", "replace")})

    @property
    def refused(self) -> str:
        """The content that git refused last, or ""."""
        return _text(self._refused).strip()

    @refused.setter
    def refused(self, content: str) -> None:
        with suppress(RewriteError):
            if content != self.refused:
                _write({self._refused: f"{content}\n".encode()})


def _write(new: Mapping[Path, bytes]) -> None:
    rewrite([Change(path, _bytes(path), data) for path, data in new.items()])


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise RewriteError(f"{path}: cannot be written: {why}") from None


def _text(path: Path) -> str:
    """What a file says; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
