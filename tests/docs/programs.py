"""Programs beside a test, and waiting for them."""

import shlex
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from docs.blocks import ROOT

PARTS = ROOT / ".parts/root"
PATIENCE = 30.0
"""Seconds within which whatever is waited for must be so."""


@contextmanager
def process(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator[None]:
    """A program that runs until the end of the block, and must not have ended before."""
    with log.open("wb") as output:
        started = subprocess.Popen(words, cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        yield
        assert started.poll() is None, f"{shlex.join(words)}: {log.read_text('utf-8')}"
    finally:
        started.kill()
        started.wait()


def listens(port: int) -> bool:
    """Whether anybody listens on a port of loopback."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so; fails at the deadline."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
