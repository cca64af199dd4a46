"""A real systemd with units of our own in every state that matters."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidenced.config.kinds.systemd import SystemdSettings
from evidenced.probes.attempt import Attempt
from evidenced.probes.resources import Resources
from evidenced.probes.systemd import probe

BOX = Path(__file__).parent / "box"
_NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--cgroup", "--root", "--wd")
_WANTED = "[Install]\nWantedBy=multi-user.target\n"
UNITS = {
    "oven.service": "[Service]\nExecStart=/bin/sleep infinity\n" + _WANTED,
    "cold.service": "[Service]\nExecStart=/bin/sleep infinity\n" + _WANTED,
    "burnt.service": "[Service]\nExecStart=/bin/sh -c 'exit 3'\n",
    "killed.service": "[Service]\nExecStart=/bin/sh -c 'kill -SEGV $$$$'\n",
    "lit.service": "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n" + _WANTED,
    "swept.service": "[Service]\nType=oneshot\nExecStart=/bin/true\n",
    "flicker.service": "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\n"
    "RestartSec=100ms\nExecStart=/bin/sleep 0.05\n",
    "slow.service": "[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n",
    "dough@.service": "[Service]\nExecStart=/bin/sleep infinity\n",
    "hatch.socket": "[Socket]\nListenStream=/run/hatch\n",
    "hatch.service": "[Service]\nExecStart=/bin/sleep infinity\n",
    "dawn.timer": "[Timer]\nOnCalendar=daily\nUnit=swept.service\n",
    "once.timer": "[Timer]\nOnActiveSec=0\nAccuracySec=1ms\nUnit=swept.service\n",
    "garbled.service": "[Service]\nExecStart=\n",
}


@dataclass(frozen=True, slots=True)
class Box:
    """A systemd of its own; `init` is the number of its first process."""

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
        """What a command writes that runs inside."""
        done = subprocess.run(
            ["nsenter", "--target", self.init, *_NAMESPACES, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        )
        assert done.returncode == 0 or not check, (command, done.stderr)
        return done.stdout.strip()


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """A systemd with UNITS; without root the test fails, for one skipped would prove nothing."""
    if os.geteuid() != 0:
        pytest.fail("a real systemd is started in namespaces, which needs root: run this as root")
    started = subprocess.Popen(
        [BOX, "sh", "-c", "echo $BOX_INIT; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdin
    assert started.stdout
    assert started.stderr
    with started:
        try:
            init = started.stdout.readline().strip()
            if not init:
                pytest.fail(started.stderr.read().strip())
            inside = Box(init)
            _furnish(inside)
            yield inside
        finally:
            # What runs inside ends with its input, and the box with what runs inside.
            started.stdin.close()
            started.wait(10)


def _furnish(box: Box) -> None:
    for name, text in UNITS.items():
        (box.root / "etc/systemd/system" / name).write_text(text)
    box.run("systemctl", "daemon-reload")
    box.run("systemctl", "mask", "dough@rye.service")
    box.run("systemctl", "enable", "oven.service", "lit.service")
    box.run("systemctl", "start", "oven.service", "lit.service", "dough@wheat.service")
    box.run("systemctl", "start", "hatch.socket", "dawn.timer", "once.timer")
    box.run("systemctl", "start", "--no-block", "slow.service")
    for name in ("burnt", "killed", "flicker"):
        box.run("systemctl", "start", f"{name}.service", check=False)


Look = Callable[..., Awaitable[Attempt]]


@pytest.fixture
async def resources(box: Box, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Resources]:
    """Resources whose system bus is that of the box."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", box.bus)
    async with Resources() as shared:
        yield shared


@pytest.fixture
def look(resources: Resources) -> Look:
    """Take one look: `look(unit, **expect)`, what is expected as in the configuration."""

    async def take(unit: str, /, **expect: object) -> Attempt:
        settings = SystemdSettings.model_validate({"unit": unit, "expect": expect})
        return await probe(settings, 5.0, resources)

    return take


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], Awaitable[bool]]], Awaitable[None]]:
    """Wait until a condition holds, for ten seconds at most."""

    async def wait(condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(10):
            while not await condition():
                await asyncio.sleep(0.02)

    return wait
