"""Repositories to commit reports to, made with the real git."""

import subprocess
from pathlib import Path
from typing import Any

from evidenced.app.committing import Committed, commit_report
from evidenced.config.report import CommitSettings

TEXT = "# Production facts\n\nMade {made}\n\n{facts}\n"


def run_git(folder: Path, *arguments: str, check: bool = True) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=check, capture_output=True, text=True
    )
    return done.stdout.rstrip("\n")


class Repository:
    """A work tree with one commit, and what git says about it."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.report = top / "FACTS.md"
        top.mkdir()
        self.git("init", "-q", "-b", "main")
        (top / "recipe.md").write_text("rye\n")
        self.git("add", "recipe.md")
        self.git("commit", "-q", "-m", "First")

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        return run_git(folder or self.top, *arguments)

    def write(self, facts: str, made: str = "at seven", path: Path | None = None) -> None:
        (path or self.report).write_text(TEXT.format(made=made, facts=facts))

    def hook(self, name: str, script: str) -> None:
        path = self.top / ".git" / "hooks" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    @property
    def log(self) -> list[str]:
        return self.git("log", "--format=%s", "HEAD").split("\n")

    async def commit(self, *paths: Path, refused: str = "", **settings: Any) -> Committed:  # noqa: ANN401  any setting
        made = CommitSettings.model_validate({"message": "Facts", "timeout": "20s", **settings})
        return await commit_report(paths or (self.report,), made, refused)
