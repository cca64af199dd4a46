"""The notices to a service manager, which is here a datagram socket that is read."""

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidenced.app.notify import Notifier


class Manager:
    """A socket that notices come to."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(address.replace("@", "\0", 1) if address[0] == "@" else address)

    def heard(self) -> list[str]:
        """What came in so far, a datagram a line."""
        found = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    abstract = f"@evidenced-test-{os.getpid()}"
    made = Manager(abstract if request.param == "abstract" else f"{tmp_path}/notify")
    yield made
    made.close()


@pytest.fixture
def notifier(manager: Manager) -> Iterator[Notifier]:
    made = Notifier(manager.address, watchdog=2.0)
    yield made
    made.close()


async def test_a_life_is_told_in_its_order(manager: Manager, notifier: Notifier) -> None:
    notifier.status("starting")
    notifier.starting(30)
    notifier.ready("1 claim")
    notifier.alive()
    notifier.status("1 claim")
    notifier.status("2 claims")
    notifier.stopping()
    assert manager.heard() == [
        "STATUS=starting",
        "EXTEND_TIMEOUT_USEC=30000000",
        "READY=1\nSTATUS=1 claim",
        "WATCHDOG=1",
        "STATUS=2 claims",
        "STOPPING=1\nSTATUS=stopping",
    ]


async def test_a_reload_has_the_time_at_which_it_began(
    manager: Manager, notifier: Notifier
) -> None:
    notifier.ready("1 claim")
    manager.heard()
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    async with notifier.reloading():
        (began,) = manager.heard()
    reloading, _, at = began.partition("\nMONOTONIC_USEC=")
    assert reloading == "RELOADING=1"
    assert before <= int(at) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert manager.heard() == ["READY=1"]


async def test_a_reload_that_fails_is_over_too(manager: Manager, notifier: Notifier) -> None:
    notifier.ready("1 claim")
    with pytest.raises(RuntimeError):
        async with notifier.reloading():
            raise RuntimeError
    assert manager.heard()[-1] == "READY=1"


async def test_who_is_not_ready_is_not_made_so_by_a_reload(
    manager: Manager, notifier: Notifier
) -> None:
    async with notifier.reloading():
        pass
    notifier.ready("1 claim")
    async with notifier.reloading():
        notifier.stopping()
    assert [line.partition("\n")[0] for line in manager.heard()] == [
        *("READY=1", "RELOADING=1", "STOPPING=1")
    ]


async def test_what_there_is_no_room_for_is_sent_later_in_its_order(
    manager: Manager, notifier: Notifier
) -> None:
    # A datagram socket of this kind takes some hundreds at most before it is read.
    wanted = [f"STATUS={number}" for number in range(3000)]
    for number in range(3000):
        notifier.status(str(number))
    heard: list[str] = []
    async with asyncio.timeout(30):
        while len(heard) < len(wanted):
            heard += manager.heard()
            await asyncio.sleep(0.01)
    assert heard == wanted


async def test_a_manager_that_is_gone_is_no_trouble(manager: Manager, notifier: Notifier) -> None:
    notifier.ready("1 claim")
    manager.close()
    notifier.alive()
    notifier.stopping()


@pytest.mark.parametrize(
    ("more", "watchdog"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())}, 0.5),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
    ],
    ids=["none", "anyone", "this-process", "another"],
)
def test_the_environment_names_it_and_no_child_hears_of_it(
    more: dict[str, str], watchdog: float | None
) -> None:
    environ = {"NOTIFY_SOCKET": "/run/nobody", "HOME": "/", **more}
    assert Notifier.found(environ).watchdog == watchdog
    assert environ == {"HOME": "/"}


async def test_without_a_manager_nobody_is_told() -> None:
    notifier = Notifier.found({})
    notifier.ready("1 claim")
    async with notifier.reloading():
        notifier.alive()
    notifier.stopping()
    notifier.close()
    assert notifier.watchdog is None


def test_an_address_of_another_kind_is_named() -> None:
    with pytest.raises(ValueError, match="expected a path or @NAME, found vsock:2:1"):
        Notifier.found({"NOTIFY_SOCKET": "vsock:2:1"})
