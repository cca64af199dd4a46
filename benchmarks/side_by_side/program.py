"""A program that is run and measured from outside, by what the kernel says of it."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

TICK = os.sysconf("SC_CLK_TCK")
PATIENCE = 20.0
"""Seconds that a program has for ending by itself."""


def free_address() -> str:
    """HOST:PORT on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
    return f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class Program:
    """A program under way."""

    process: asyncio.subprocess.Process
    log: Path

    def cpu(self) -> float:
        """Seconds of processor that it and all that it started have used; 10 ms exactly."""
        return sum(_cpu(pid) for pid in _family(self.process.pid))

    def peak(self) -> int:
        """The most bytes of memory that it ever held at once."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    def alive(self) -> None:
        """Raise RuntimeError with the end of its log where it has ended."""
        if self.process.returncode is not None:
            end = self.log.read_text("utf-8", "replace")[-2000:]
            raise RuntimeError(f"{self.log.stem} ended: {end}")

    async def answers(self, url: str, seconds: float) -> None:
        """Wait until it answers 200 there; RuntimeError where it does not in so many seconds."""
        end = time.monotonic() + seconds
        limit = aiohttp.ClientTimeout(total=seconds)
        async with aiohttp.ClientSession(timeout=limit) as session:
            while time.monotonic() < end:
                self.alive()
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(url) as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.05)
        raise RuntimeError(f"{self.log.stem} does not answer within {seconds:g} s")


@asynccontextmanager
async def program(
    command: Sequence[str | Path],
    log: Path,
    *,
    core: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Program]:
    """Run a program while the block lasts, on one core where one is given; its output in a log."""
    pinned = () if core is None else ("taskset", "-c", str(core))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(*pinned, *command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
        )
    try:
        yield Program(process, log)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    family = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("ascii").split():
            family += _family(int(child))
    return family


def _cpu(pid: int) -> float:
    """User and system time of a process, and of those of its children that have ended."""
    # The name, in parentheses, may hold blanks itself; see proc(5).
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK
