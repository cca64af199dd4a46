"""A systemd of its own, in namespaces of this machine, for the tests of any room."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "systemd" / "box"
_NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--cgroup", "--root", "--wd")
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Box:
    """A host booted with systemd over a copy of this machine's files, on the machine's network.

    `init` is the number of its first process, as seen from outside.
    """

    init: str

    @property
    def root(self) -> Path:
        """Its files, as seen from outside."""
        return Path("/proc") / self.init / "root"

    @property
    def bus(self) -> str:
        """The address of its system bus, as seen from outside."""
        return f"unix:path={self.root}/run/dbus/system_bus_socket"

    def run(self, *command: str, check: bool = True) -> str:
        """What a command writes that runs inside; AssertionError where a checked one fails."""
        done = subprocess.run(
            ["nsenter", "--target", self.init, *_NAMESPACES, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=_ENVIRONMENT,
        )
        assert done.returncode == 0 or not check, (command, done.stdout, done.stderr)
        return done.stdout.strip()


@contextmanager
def booted(*, newer: bool = False) -> Iterator[Box]:
    """Boot such a host, with a newer systemd than Debian 12's where that is asked for.

    Without root the test fails, for one skipped would prove nothing.
    """
    if os.geteuid() != 0:
        pytest.fail("a real systemd is started in namespaces, which needs root: run this as root")
    started = subprocess.Popen(
        [PROGRAM, "sh", "-c", "echo $BOX_INIT; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **({"BOX_NEWER": "yes"} if newer else {})},
    )
    assert started.stdin
    assert started.stdout
    assert started.stderr
    with started:
        try:
            init = started.stdout.readline().strip()
            if not init:
                pytest.fail(started.stderr.read().strip())
            yield Box(init)
        finally:
            # What runs inside ends with its input, and the box with what runs inside.
            started.stdin.close()
            started.wait(60)
