"""Git as a program: it asks nobody anything, and does not outlive its deadline."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LIMIT = 64 * 1024 * 1024
"""The most bytes of its output that are read."""

CLOSING = 2.0
"""Seconds that it is given to take its locks away before it is killed."""

_ELSEWHERE = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)
"""Variables that git sets for its hooks: they would lead to another repository than the file's."""

_ALONE: Mapping[str, str] = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "true",
    "GIT_MERGE_AUTOEDIT": "no",
    "LC_ALL": "C",
}
"""Nobody is there to be asked, and what it says is read by a program."""

_QUIET = ("--literal-pathspecs", "-c", "gc.auto=0", "-c", "maintenance.auto=false")


@dataclass(frozen=True, slots=True)
class Done:
    """How git ended: its exit status, negative for a signal, and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def ok(self) -> bool:
        """Whether it did what it was to do."""
        return self.status == 0

    @property
    def text(self) -> str:
        """The standard output as text, without the newline at its end."""
        return self.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


async def git(folder: Path, *arguments: str, extra: Mapping[str, str] | None = None) -> Done:
    """Run git in a folder, with `extra` variables; raises OSError where it cannot be started.

    The caller sets the deadline. Where that passes, git and its hooks are ended: with SIGTERM, at
    which git takes its lock files away, then with SIGKILL. It has a session of its own, so neither
    ssh nor a hook finds a terminal to ask at.
    """
    ours = {key: value for key, value in os.environ.items() if key not in _ELSEWHERE}
    # Files, not pipes: what a hook leaves running would hold these open.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = await asyncio.create_subprocess_exec(
            "git",
            *_QUIET,
            *arguments,
            cwd=folder,
            env={**ours, **_ALONE, **(extra or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            status = await process.wait()
        finally:
            if process.returncode is None:
                await _end(process)
        out.seek(0)
        err.seek(0)
        return Done(status, out.read(LIMIT), err.read(LIMIT))


async def _end(process: asyncio.subprocess.Process) -> None:
    _signal(process, signal.SIGTERM)
    try:
        async with asyncio.timeout(CLOSING):
            await process.wait()
    except TimeoutError:
        pass
    finally:
        # The group may have hooks in it that git did not wait for.
        _signal(process, signal.SIGKILL)
        await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
