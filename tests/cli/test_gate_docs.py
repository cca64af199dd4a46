"""What docs/gate.md shows is run as it stands there, its workflow on hostile titles too."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from command_line import run

PAGE = Path(__file__).parents[2] / "docs" / "gate.md"
LEDGER = """## CLOSED
- **PM2 Resurrect**: both processes come back after boot. (Closed: 2026-03-01)

## STABLE

## IN PROGRESS
- **Star map**: of the southern sky.
  - **DoD**: /map returns 200
"""


def blocks(language: str) -> list[str]:
    tokens = MarkdownIt().parse(PAGE.read_text("utf-8"))
    found = [t.content for t in tokens if t.type == "fence" and t.info == language]
    assert found
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a ledger, a configuration, and the command on the path."""
    (tmp_path / "STATE.md").write_text(LEDGER, "utf-8")
    (tmp_path / "evidenced.yaml").write_text(
        "ledger: {path: STATE.md}\nlisten: 127.0.0.1:0\n", "utf-8"
    )
    command = tmp_path / "bin" / "evidenced"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m evidenced.cli "$@"\n', "utf-8")
    command.chmod(0o755)
    return tmp_path


def shell(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/bash", "-ec", script],
        cwd=folder,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def step() -> dict[str, Any]:
    (workflow,) = (yaml.safe_load(text) for text in blocks("yaml"))
    found: dict[str, Any] = workflow["jobs"]["gate"]["steps"][-1]
    return found


def test_the_title_reaches_the_shell_by_the_environment_only() -> None:
    assert step()["env"]["TITLE"] == "${{ github.event.pull_request.title }}"
    assert "${{" not in step()["run"]


@pytest.mark.parametrize(
    ("title", "status", "said"),
    [
        ("feat(map): southern star map", 0, "✔ GO"),
        ("fix: tea kettle", 3, "STATE.md:7: 'Star map' is in progress; approval is needed"),
        ("$(touch pwned)`touch pwned`; touch pwned", 3, "✘ REFUSED: $(touch pwned)"),
        ("--help", 3, "✘ REFUSED: --help"),
        ('"; touch pwned; "', 3, "✘ REFUSED"),
    ],
)
def test_the_workflow_gates_a_title(title: str, status: int, said: str, folder: Path) -> None:
    ran = shell(step()["run"], folder, TITLE=title)
    assert (ran.returncode, ran.stderr) == (status, "")
    assert said in ran.stdout
    assert not (folder / "pwned").exists()


def test_the_commands_and_the_match_are_as_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (commands,) = blocks("sh")
    words = [shlex.split(line, comments=True) for line in commands.splitlines()]
    assert [(program, run(*rest).status) for program, *rest in words] == [
        ("evidenced", 2),
        ("evidenced", 3),
    ]
    (shown,) = blocks("text")
    before, _, after = shown.partition("STATE.md:8), 0.87")
    ran = run("gate", "pm2 resurect on boot")
    assert before in ran.out
    assert after.strip() in ran.out
