"""What the service manager is told of this process: the protocol of sd_notify(3)."""

import asyncio
import os
import socket
import time
from collections import deque
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager

import structlog

AGAIN = 0.05
"""Seconds until what the manager had no room for is sent once more."""

_MICROSECONDS = 1_000_000


class Notifier:
    """Tells the manager how it stands with this process; without an address nobody is told.

    Nothing of it waits: what there is no room for is sent later, in its order. It is used from
    within the running event loop.
    """

    def __init__(self, address: str | None = None, watchdog: float | None = None) -> None:
        """`address` is a path, or @ and a name in the abstract namespace.

        `watchdog` are the seconds of silence after which the manager ends this process.
        """
        self.watchdog = watchdog
        self._address = None if address is None else _in_the_abstract(address)
        self._socket: socket.socket | None = None
        self._waiting: deque[bytes] = deque()
        self._is_ready = False
        self._status = ""

    @classmethod
    def found(cls, environ: MutableMapping[str, str]) -> "Notifier":
        """The one whom the environment names; what names it is taken out, for it is for us alone.

        Raises ValueError for an address of a kind that is not known.
        """
        address = environ.pop("NOTIFY_SOCKET", None)
        period = environ.pop("WATCHDOG_USEC", None)
        watched = environ.pop("WATCHDOG_PID", None)
        ours = watched is None or watched == str(os.getpid())
        watchdog = int(period) / _MICROSECONDS if period and ours else None
        if address and address[0] not in "/@":
            raise ValueError(f"NOTIFY_SOCKET: expected a path or @NAME, found {address}")
        return cls(address or None, watchdog)

    def ready(self, status: str) -> None:
        """All stands, and looks are taken."""
        self._is_ready, self._status = True, status
        self._send("READY=1", f"STATUS={status}")

    def status(self, status: str) -> None:
        """One line for people; sent where it is another than before."""
        if status != self._status:
            self._status = status
            self._send(f"STATUS={status}")

    def alive(self) -> None:
        """The beat is kept; where there is a watchdog it goes off unless this is said in time."""
        if self.watchdog is not None:
            self._send("WATCHDOG=1")

    def starting(self, seconds: float) -> None:
        """It is not ready yet, and asks for so many more seconds."""
        self._send(f"EXTEND_TIMEOUT_USEC={int(seconds * _MICROSECONDS)}")

    def stopping(self) -> None:
        """It is about to end."""
        self._is_ready = False
        self._send("STOPPING=1", "STATUS=stopping")

    @asynccontextmanager
    async def reloading(self) -> AsyncIterator[None]:
        """Reads its configuration again while the block lasts; told only of one that is ready."""
        if not self._is_ready:
            yield
            return
        # By this time a manager of version 253 knows the reload that it asked for.
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send("RELOADING=1", f"MONOTONIC_USEC={now}")
        try:
            yield
        finally:
            if self._is_ready:
                self._send("READY=1")

    def close(self) -> None:
        """Say no more."""
        self._waiting.clear()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, *lines: str) -> None:
        if self._address is not None:
            self._waiting.append("\n".join(lines).encode())
            self._flush()

    def _flush(self) -> None:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        while self._waiting:
            try:
                self._socket.sendto(self._waiting[0], self._address or "")
            except BlockingIOError:
                asyncio.get_running_loop().call_later(AGAIN, self._flush_later)
                return
            except OSError as error:
                # Nothing that is done here depends on being heard.
                structlog.get_logger().warning("the service manager is not told", why=str(error))
            self._waiting.popleft()

    def _flush_later(self) -> None:
        if self._waiting and self._socket is not None:
            self._flush()


def _in_the_abstract(address: str) -> str:
    """The address as the system takes it: a name in the abstract namespace begins with a zero."""
    return "\0" + address[1:] if address.startswith("@") else address
