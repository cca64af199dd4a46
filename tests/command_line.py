"""Runs `evidenced ARGUMENTS…` in the process of the test, which saves the start of another one."""

import asyncio
import os
from contextlib import chdir, nullcontext
from pathlib import Path
from typing import NamedTuple

import structlog
from structlog.testing import capture_logs
from typer.testing import CliRunner

from evidenced.cli.commands import app


class Ran(NamedTuple):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


def run(*arguments: object, environment: dict[str, str | None] | None = None) -> Ran:
    """Run it here; what is in the environment comes on top, None takes away."""
    # A command sets up logs for its own process, which must not be those of the tests after it.
    logs = structlog.get_config() if structlog.is_configured() else None
    try:
        result = CliRunner().invoke(app, [str(a) for a in arguments], env=environment)
    finally:
        structlog.reset_defaults()
        if logs is not None:
            structlog.configure(**logs)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


async def beside(*arguments: object, cwd: Path | None = None, **environment: str) -> Ran:
    """Run it in a thread, while a daemon goes on in the loop of the test.

    It runs in a folder, and in an environment without what else would configure it. Current folder,
    environment and streams are those of the process, so one runs at a time.
    """
    wanted: dict[str, str | None] = {k: None for k in os.environ if k.startswith("EVIDENCED_")}
    wanted.update(environment)
    # What the daemon logs would stand in what the command wrote.
    with capture_logs(), chdir(cwd) if cwd else nullcontext():
        async with asyncio.timeout(60):
            return await asyncio.to_thread(run, *arguments, environment=wanted)
