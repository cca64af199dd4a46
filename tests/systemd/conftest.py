"""A real systemd with units of our own in every state that matters."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from evidenced.config.kinds.systemd import SystemdSettings
from evidenced.probes.attempt import Attempt
from evidenced.probes.resources import Resources
from evidenced.probes.systemd import probe
from systemd.hosting import DEADLINE, Host, install
from systemd_box import Box, booted

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


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """A systemd with UNITS."""
    with booted() as box:
        _furnish(box)
        yield box


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


@pytest.fixture(scope="session")
def host(box: Box) -> Host:
    """The box with the units of this project installed."""
    return install(box)


@pytest.fixture(scope="session")
def newer() -> Iterator[Host]:
    """A host with a newer systemd than Debian 12's, and the units of this project."""
    with booted(newer=True) as box:
        yield install(box)


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
    """Wait until a condition holds; fails where it never does."""

    async def wait(condition: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not await condition():
                await asyncio.sleep(0.02)

    return wait
