import subprocess
import sys
from pathlib import Path

import pytest

from evidenced.app.report_file import NAME, ReportMemory, write_report
from evidenced.config.report import ReportSettings
from evidenced.ledger.rewrite import RewriteError
from evidenced.workflow.report import CheckFacts, Report, as_earlier


def report(made: float = 1000.0, checks: int = 1) -> Report:
    looks = (CheckFacts(f"oven-{n}", "http", "x", "success", 60.0) for n in range(checks))
    return Report(made=made, claims=(), checks=tuple(looks))


def settings(path: Path, *formats: str) -> ReportSettings:
    return ReportSettings.model_validate({"path": path, "formats": list(formats or ["markdown"])})


def test_each_format_is_written_and_nothing_else(tmp_path: Path) -> None:
    wanted = settings(tmp_path / "FACTS.md", "markdown", "html", "json")
    write_report(report(), wanted)
    write_report(report(made=2000.0), wanted)
    assert {one.name for one in tmp_path.iterdir()} == {"FACTS.md", "FACTS.html", "FACTS.json"}
    assert "00:33:20" in (tmp_path / "FACTS.md").read_text()


FULL = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_report_file import report, settings
from evidenced.app.report_file import write_report
from evidenced.ledger.rewrite import RewriteError

resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
try:
    write_report(report(2000.0, checks=60), settings(Path(sys.argv[1]), "markdown", "json"))
except RewriteError as error:
    print(error)
"""


def test_on_a_full_disk_the_old_report_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "FACTS.md"
    write_report(report(), settings(path, "markdown", "json"))
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    command = [sys.executable, "-c", FULL, str(path), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    # The Markdown would have fitted: neither format is written where one is not.
    assert done.stdout == f"{tmp_path / 'FACTS.json'}: cannot be written: File too large\n"
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize("path", ["none/FACTS.md", "folder.md"])
def test_what_cannot_be_written_is_said(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(RewriteError, match=r"cannot be written: (No such file|Is a directory)"):
        write_report(report(), settings(tmp_path / path))


def test_the_last_report_is_remembered(tmp_path: Path) -> None:
    wanted = settings(tmp_path / "FACTS.md")
    memory = ReportMemory(tmp_path)
    assert memory.earlier(wanted) is None
    memory.remember(report())
    assert ReportMemory(tmp_path).earlier(wanted) == as_earlier(report())
    (tmp_path / NAME).write_text("{")
    assert memory.earlier(wanted) is None


def test_without_a_state_the_json_is_what_is_remembered(tmp_path: Path) -> None:
    wanted = settings(tmp_path / "FACTS.md", "json")
    write_report(report(), wanted)
    memory = ReportMemory(tmp_path / "none")
    assert memory.earlier(wanted) == as_earlier(report())
    assert memory.earlier(None) is None
    with pytest.raises(RewriteError):
        memory.remember(report())


def test_what_was_refused_is_remembered(tmp_path: Path) -> None:
    memory = ReportMemory(tmp_path)
    assert memory.refused == ""
    memory.refused = "f00d"
    assert ReportMemory(tmp_path).refused == "f00d"
    memory.refused = ""
    assert ReportMemory(tmp_path).refused == ""
