"""What keeps the clock, asked on a real D-Bus on which a timedated of our own answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import BusType, PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.service import ServiceInterface, dbus_property

from evidenced.app.doctor import clock

NAME = "org.freedesktop.timedate1"


class Timedated(ServiceInterface):
    """The one property of org.freedesktop.timedate1(5) that matters here."""

    def __init__(self, synchronized: bool) -> None:
        super().__init__(NAME)
        self._synchronized = synchronized

    @dbus_property(access=PropertyAccess.READ, name="NTPSynchronized")
    def synchronized(self) -> "b":  # type: ignore[name-defined]  # noqa: F821  the type on the bus
        return self._synchronized


OPEN = (
    '<policy context="default"><allow send_destination="*"/><allow own="*"/>'
    '<allow eavesdrop="true"/></policy>'
)


@asynccontextmanager
async def _timedated(synchronized: bool) -> AsyncIterator[None]:
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    bus.export("/org/freedesktop/timedate1", Timedated(synchronized))
    await bus.request_name(NAME)
    try:
        yield
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


@pytest.fixture
async def bus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: None
) -> AsyncIterator[None]:
    """A bus of our own in the place of the system's."""
    address = f"unix:path={tmp_path}/bus"
    config = tmp_path / "bus.conf"
    config.write_text(
        f"<busconfig><type>session</type><listen>{address}</listen>{OPEN}</busconfig>"
    )
    process = await asyncio.create_subprocess_exec(
        "dbus-daemon",
        f"--config-file={config}",
        "--nofork",
        "--print-address",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        await process.stdout.readline()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    try:
        yield
    finally:
        process.kill()
        await process.communicate()


@pytest.mark.parametrize(
    ("synchronized", "verdict", "what"),
    [
        (True, "ok", "the clock is kept by NTP"),
        (False, "warning", "the clock is not synchronized by NTP"),
    ],
    ids=["kept", "not kept"],
)
async def test_what_timedated_says(
    synchronized: bool,
    verdict: str,
    what: str,
    bus: None,
    read: Callable[..., Any],
    said: Callable[..., Any],
) -> None:
    async with _timedated(synchronized):
        found = said(await clock.examine(await read()))
    assert found[0] == (verdict, what)


async def test_a_bus_without_timedated(
    bus: None, read: Callable[..., Any], said: Callable[..., Any]
) -> None:
    kept, _ = said(await clock.examine(await read()))
    assert kept[0] == "not looked at"
