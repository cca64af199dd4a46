"""A host on which the units of this project are installed, with things on it to be looked at."""

import os
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ports import free_port
from systemd_box import Box

PROJECT = Path(__file__).parents[2]
UNITS = PROJECT / "systemd"
PLACE = Path("/opt/evidenced")
DEADLINE = 45.0
"""Seconds for whatever is waited for: the machine may be busy with other tests."""

LEDGER = """# STATE

Updated: 2026-03-01T09:00Z

## CLOSED

- **Till**: answers at the counter. Closed 2026-02-20.

## STABLE

- **Larder**: has its list.
"""

_LAUNCH = """#!/bin/sh
export LD_LIBRARY_PATH={place}/base/lib PYTHONPATH={place}/daemon:{place}/site
export PYTHONDONTWRITEBYTECODE=1
exec {place}/base/{python} {what} "$@"
"""

# The same daemon, that can be made to get stuck from outside, in the two ways that a daemon can.
_STUCK = """import asyncio, signal, sys, time
from evidenced.watch.schedule import Schedule

def block_the_loop(*_):
    time.sleep(3600)

def hold_the_runs(*_):
    async def never(self, check, due):
        await asyncio.Event().wait()
    Schedule._one = never

signal.signal(signal.SIGUSR1, block_the_loop)
signal.signal(signal.SIGUSR2, hold_the_runs)
from evidenced.cli import main
main()
"""


@dataclass(frozen=True, slots=True)
class Host:
    """A host with the units installed; nothing of them is started yet."""

    box: Box

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file there, with the folders that it needs."""
        file = self.box.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command there; where it fails, what the daemon logged is in the error."""
        try:
            return self.box.run(*command, check=check)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.logs()}") from None

    def systemctl(self, *arguments: str, check: bool = True) -> str:
        """Run systemctl there, likewise."""
        return self.run("systemctl", *arguments, check=check)

    def show(self, unit: str) -> Mapping[str, str]:
        """The properties of a unit."""
        lines = self.systemctl("show", "--all", unit).splitlines()
        return dict(line.partition("=")[::2] for line in lines)

    def drop_in(self, unit: str, name: str, text: str) -> None:
        """Lay a drop-in beside a unit."""
        self.write(f"/etc/systemd/system/{unit}.d/{name}.conf", text)
        self.systemctl("daemon-reload")

    def configure(self, name: str, checks: str, more: str = "") -> int:
        """Write /etc/evidenced/NAME.yaml with a ledger and checks; the port that is listened on."""
        port = free_port()
        text = f"listen: 127.0.0.1:{port}\nledger: {{path: {PLACE}/shop/STATE.md}}\n{more}\n"
        text += "defaults: {interval: 1s, timeout: 800ms, retry: {attempts: 1}}\n"
        self.write(f"/etc/evidenced/{name}.yaml", text + f"checks:\n{checks}")
        return port

    def wait(self, what: str | Callable[[], str], holds: Callable[[], object]) -> None:
        """Wait until something holds; fails with what the daemon logged where it never does."""
        end = time.monotonic() + DEADLINE
        while not holds():
            if time.monotonic() > end:
                why = what if isinstance(what, str) else what()
                raise AssertionError(f"not within {DEADLINE:g} s: {why}\n{self.logs()}")
            time.sleep(0.05)

    def logs(self) -> str:
        """What the units said last."""
        return self.box.run("journalctl", "--no-pager", "-n", "60", "-u", "evidenced*", check=False)


def fetch(port: int, path: str = "/metrics", token: str = "", method: str = "GET") -> str:
    """What a daemon answers; raises OSError, for an answer that is no good as an HTTPError."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers=headers, method=method
    )
    with urllib.request.urlopen(request, timeout=DEADLINE) as answer:  # noqa: S310  an address of loopback
        return str(answer.read().decode())


def install(box: Box) -> Host:
    """Lay the package, the units and the user of this project into a box."""
    host = Host(box)
    python = Path(os.path.realpath(sys.executable)).relative_to(os.path.realpath(sys.base_prefix))
    folders = {
        "base": sys.base_prefix,
        "site": sysconfig.get_path("purelib"),
        "daemon": str(PROJECT / "daemon"),
    }
    for name, source in folders.items():
        # Where the project lies may be closed to other users, or hidden from services.
        box.run("mkdir", "-p", f"{PLACE}/{name}")
        box.run("mount", "--bind", source, f"{PLACE}/{name}")
    host.write(f"{PLACE}/main.py", "from evidenced.cli import main\nmain()\n")
    host.write(f"{PLACE}/stuck.py", _STUCK)
    for name, what in {"evidenced": "main.py", "evidenced-stuck": "stuck.py"}.items():
        text = _LAUNCH.format(place=PLACE, python=python, what=PLACE / what)
        host.write(f"/usr/local/bin/{name}", text, 0o755)
    host.write(f"{PLACE}/shop/STATE.md", LEDGER)
    for unit in UNITS.glob("evidenced*.*"):
        if unit.suffix != ".sysusers":
            host.write(f"/etc/systemd/system/{unit.name}", unit.read_text())
    host.write("/usr/lib/sysusers.d/evidenced.conf", (UNITS / "evidenced.sysusers").read_text())
    box.run("systemd-sysusers", "evidenced.conf")
    host.systemctl("daemon-reload")
    return host
