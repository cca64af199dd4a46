"""A first configuration."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evidenced.config.load import load

LEDGER = """\
# Ferry

## CLOSED
- **Fog horn**: It sounds. (Closed: 2026-01-09)
- **Night\u2028page**: /night returns 200, and /day?a="b" returns 404. (Closed: 2026-01-09)
- **Pilot**: ferry-pilot.service is enabled. (Closed: 2026-01-09)

## STABLE
- **Tickets**: /tickets returns 200
- **No**: /no returns 200
- **Crew**: is kind, /crew answers quickly
"""

Run = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ops").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "ops/STATE.md").write_text(LEDGER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_loads_and_the_paths_are_right(evidenced: Run, folder: Path) -> None:
    (folder / "etc").mkdir()
    url = "https://ferry.example"
    ran = evidenced("init", "--from", "ops/STATE.md", "--base-url", url, "-o", "etc/e.yaml")
    assert (ran.status, ran.err) == (0, "")
    settings = load(folder / "etc/e.yaml").ledger
    assert settings.path.resolve() == folder / "ops/STATE.md"
    assert settings.repository.resolve() == folder
    assert (settings.base_url, settings.derive) == (url, True)
    ran = evidenced("validate", "-c", "etc/e.yaml")
    assert ran.status == 0
    assert "2 checks, 6 claims" in ran.out
    assert [path.name for path in (folder / "etc").iterdir()] == ["e.yaml"]


def test_the_block_in_comments_is_a_part_of_it(evidenced: Run, folder: Path) -> None:
    evidenced("init", "--from", "ops/STATE.md", "--base-url", "https://ferry.example")
    path = folder / "evidenced.yaml"
    before, block = path.read_text().split("# checks:\n")
    assert "# fog-horn (CLOSED, line 4): Fog horn\n" in block
    assert "tickets" not in block
    path.write_text(before + "checks:\n" + re.sub("^# ", "", block, flags=re.MULTILINE))
    checks = {check.claims[0]: check.settings.target for check in load(path).checks}
    assert checks["pilot"] == "ferry-pilot.service"
    assert "/night" in checks["night-page"] or "/day" in checks["night-page"]


def test_no_file_is_written_over(evidenced: Run, folder: Path) -> None:
    path = folder / "evidenced.yaml"
    path.write_text("mine: true\n")
    arguments = ("init", "--from", "ops/STATE.md", "--base-url", "https://ferry.example")
    ran = evidenced(*arguments)
    assert (ran.status, len(ran.err.splitlines())) == (1, 1)
    assert path.read_text() == "mine: true\n"
    assert evidenced(*arguments, "--force").status == 0
    assert load(path).ledger.derive


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "none.md", "--base-url", "https://f.example"), "none.md: cannot be read"),
        (("--from", "ops/STATE.md", "--base-url", "f.example"), "--base-url: found 'f.example'"),
        (
            ("--from", "ops/STATE.md", "--base-url", "https://f.example", "-o", "none/e.yaml"),
            "none/e.yaml: cannot be written: No such file",
        ),
    ],
)
def test_bad_input_is_one_line(
    evidenced: Run, folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = evidenced("init", *arguments)
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert said in ran.err
    assert sorted(path.name for path in folder.iterdir()) == [".git", "ops"]
