"""`evidenced status --watch` beside a real daemon: in a pipe, as JSON, and in a terminal."""

import asyncio
import fcntl
import json
import os
import pty
import re
import signal
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import yaml

from evidenced.app.daemon import Daemon
from evidenced.app.life import running

LATEST = 60.0
"""Seconds after which something does not come any more, on a machine with much else to do."""


@asynccontextmanager
async def watched_file(folder: Path) -> AsyncIterator[tuple[Path, str]]:
    """A daemon that looks at a file each second; the file, and the daemon's address."""
    (folder / "STATE.md").write_text("# State\n\n## STABLE\n\n- **Oven**: bakes at 230 degrees\n")
    oven = folder / "oven"
    oven.write_text("hot")
    config = folder / "evidenced.yaml"
    settings = {
        "listen": "127.0.0.1:0",
        "ledger": {"path": "STATE.md"},
        "defaults": {"interval": "1s", "timeout": "500ms", "confirm": {"failures": 1}},
        "checks": [{"name": "oven", "claims": ["oven"], "file": {"path": str(oven)}}],
    }
    config.write_text(yaml.safe_dump(settings))
    async with running(config) as daemon:
        await verified(daemon)
        yield oven, "http://{}:{}".format(*daemon.address)


async def verified(daemon: Daemon) -> None:
    async with asyncio.timeout(LATEST):
        while daemon.board.claims["oven"].standing != "verified":
            await asyncio.sleep(0.05)


def heeding() -> None:
    """Let SIGINT end the process, also where the tests themselves run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def started(
    *arguments: str, out: int = asyncio.subprocess.PIPE
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "evidenced.cli", "status", "--watch", *arguments,
        stdout=out, env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"}, preexec_fn=heeding,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> int:
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(LATEST):
        return await process.wait()


async def test_each_change_is_one_document(tmp_path: Path) -> None:
    async with watched_file(tmp_path) as (oven, url):
        process = await started("--json", "--url", url)
        assert process.stdout is not None
        async with asyncio.timeout(LATEST):
            before = json.loads(await process.stdout.readline())
            oven.unlink()
            after = json.loads(await process.stdout.readline())
            while not after["contradicted"]:
                after = json.loads(await process.stdout.readline())
        assert before["contradicted"] == []
        assert [one["id"] for one in after["contradicted"]] == ["oven"]
        assert await ended(process) == 0


async def test_a_daemon_that_is_gone_is_said_in_a_pipe(tmp_path: Path) -> None:
    async with watched_file(tmp_path) as (_, url):
        process = await started("--url", url)
        assert process.stdout is not None
        async with asyncio.timeout(LATEST):
            first = (await process.stdout.readline()).decode()
    assert first.startswith("STATUS")
    async with asyncio.timeout(LATEST):
        while not (line := (await process.stdout.readline()).decode()).startswith("NO ANSWER"):
            assert line
    assert await ended(process) == 0


async def test_nobody_there_at_first_is_an_error() -> None:
    process = await started("--url", "http://127.0.0.1:1")
    async with asyncio.timeout(LATEST):
        assert await process.wait() == 2


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 80, 0, 0))
    os.set_blocking(ours, False)
    yield ours, theirs
    os.close(ours)


async def test_a_terminal_shows_it_live_without_colour_where_none_is_wanted(
    tmp_path: Path, terminal: tuple[int, int]
) -> None:
    ours, theirs = terminal
    shown = bytearray()

    async def says(text: str) -> None:
        end = time.monotonic() + LATEST
        while text.encode() not in shown:
            assert time.monotonic() < end, shown[-4000:].decode(errors="replace")
            with suppress(BlockingIOError):
                shown.extend(os.read(ours, 65536))
            await asyncio.sleep(0.05)

    async with watched_file(tmp_path) as (oven, url):
        process = await started("--url", url, out=theirs)
        os.close(theirs)
        await says("✔ nothing")
        oven.unlink()
        await says("✘ 1 of 1 claim:")
        await says("Ctrl-C ends this.")
        assert await ended(process) == 0
    colours = re.findall(rb"\x1b\[[0-9;]*3[0-9][0-9;]*m", bytes(shown))
    assert colours == []
