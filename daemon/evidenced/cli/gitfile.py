"""A file as git has it, and the top of the repository that it is in."""

import os
import subprocess
from pathlib import Path

PATIENCE = 10.0
"""Seconds that git may take."""

LIMIT = 64 * 1024 * 1024
"""The most bytes of a file that are read."""


def top_of(path: Path) -> Path | None:
    """The folder of the repository that a file is in; None where it is in none."""
    for folder in path.resolve().parents:
        if (folder / ".git").exists():
            return folder
    return None


def at_revision(path: Path, revision: str) -> bytes | None:
    """The bytes of a file at a revision; None where git has no such file or there is no git.

    Raises ValueError where there is no such revision.
    """
    path = path.resolve()
    if revision.startswith("-"):
        raise ValueError(f"git knows no revision {revision!r}")
    if top_of(path) is None:
        return None
    if _git(path.parent, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        if revision == "HEAD":
            return None
        raise ValueError(f"git knows no revision {revision!r}")
    data = _git(path.parent, "show", f"{revision}:./{path.name}")
    return data if data is not None and len(data) <= LIMIT else None


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git says; None where it fails, is not there or takes too long."""
    # Git sets these for its hooks; they must not lead to another repository than the file's.
    outside = ("GIT_DIR", "GIT_WORK_TREE", "GIT_PREFIX")
    environment = {key: value for key, value in os.environ.items() if key not in outside}
    try:
        done = subprocess.run(  # noqa: S603  no shell; the arguments are ours
            ["git", *arguments],  # noqa: S607  the git that the user has
            cwd=folder,
            env=environment | {"GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
