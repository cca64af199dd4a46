"""One connection as the stream kinds need it: opened, read by lines or bytes, moved into TLS."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import aiohappyeyeballs

from evidenced.probes.attempt import Fact
from evidenced.probes.certificate import Chain, read_chain
from evidenced.probes.course import Course, Phase
from evidenced.probes.resources import Resources

LINE_LIMIT = 64 * 1024
"""Bytes of one line; more without an end of it is no line."""

STREAM_LIMIT = 1024 * 1024
"""Bytes that one attempt reads."""

_STAGGER = 0.25
"""Seconds before the next address is tried beside one that does not answer (RFC 8305)."""

_FAMILIES: Mapping[str, socket.AddressFamily] = MappingProxyType(
    {"any": socket.AF_UNSPEC, "4": socket.AF_INET, "6": socket.AF_INET6}
)

_NEVER = 10 * 365 * 86_400.0
"""Seconds for asyncio's own deadline of a handshake: an attempt has one deadline."""


class FloodError(Exception):
    """The peer sends more than is read; the text says how much, after its name."""


class LeftoverError(Exception):
    """The peer has sent in the clear what comes after the agreement on TLS.

    Taken for part of what comes over TLS, it would let anyone on the way speak in its name.
    """


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a port."""

    host: str
    port: int
    ip: str = "any"
    """The version of IP to go by: `any`, `4` or `6`."""

    @property
    def peer(self) -> str:
        """HOST:PORT."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Local:
    """A Unix socket."""

    path: str
    host: str = ""

    @property
    def peer(self) -> str:
        """The path."""
        return self.path


class Stream(asyncio.Protocol):
    """A connection: what has come and is not read yet, and a way to send.

    asyncio's own StreamReader does not say whether something is unread, which must be known before
    TLS begins in the middle of a connection. The connection belongs to the current course, which
    drops it at the end of the attempt.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._received = 0
        self._ended = False
        self._error: Exception | None = None
        self._changed = asyncio.Event()

    @property
    def transport(self) -> asyncio.Transport:
        """The transport now in use: the one of TLS once that has begun."""
        if self._transport is None:
            raise ConnectionAbortedError
        return self._transport

    @property
    def address_facts(self) -> dict[str, Fact]:
        """The facts `address` (the IP address connected to) and `ip_protocol`."""
        name = self.transport.get_extra_info("peername")
        if not isinstance(name, tuple):
            return {}
        return {"address": str(name[0]), "ip_protocol": 6 if ":" in name[0] else 4}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        # One of streams, though uvloop's are of no class of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        Course.current().hold(self._transport)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        self._unread += data
        self._received += len(data)
        if self._received > STREAM_LIMIT:
            self._error = FloodError(f"sends more than {STREAM_LIMIT // 1024} KiB")
            self.transport.abort()
        self._changed.set()

    def eof_received(self) -> None:
        """Called by the loop."""
        self._ended = True
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self._ended = True
        self._error = self._error or exc
        self._changed.set()

    async def line(self) -> str | None:
        """The next line, without its end; what stands after the last end of line counts as one.

        None where there is no more. Raises OSError where the connection broke, and FloodError.
        """
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > LINE_LIMIT:
                raise FloodError(f"sends a line of more than {LINE_LIMIT // 1024} KiB")
            if not await self._more():
                if not self._unread:
                    return None
                end = len(self._unread)
                break
        line = self._take(end + 1).removesuffix(b"\n").removesuffix(b"\r")
        return line.decode("utf-8", "replace")

    async def exactly(self, count: int) -> bytes:
        """The next bytes, fewer where the connection ends; raises OSError where it broke."""
        while len(self._unread) < count and await self._more():
            pass
        return self._take(count)

    async def some(self) -> bytes:
        """What has come, at least one byte; none where the connection has ended.

        What is read like this does not count towards the limit. Raises OSError where it broke.
        """
        while not self._unread and await self._more():
            pass
        self._received = 0
        return self._take(len(self._unread))

    def send(self, data: bytes) -> None:
        """Send all of this; what goes wrong is told by the next reading."""
        self.transport.write(data)

    async def start_tls(self, context: ssl.SSLContext, server_name: str | None) -> Chain:
        """Do the handshake; gives what was shown in it.

        Raises LeftoverError, and the errors of sockets and of TLS.
        """
        if self._unread:
            raise LeftoverError
        if self._error is not None:
            raise self._error
        if self._ended:
            raise ConnectionResetError
        Course.current().enter(Phase.TLS)
        transport = await asyncio.get_running_loop().start_tls(
            self.transport,
            self,
            context,
            server_hostname=server_name,
            ssl_handshake_timeout=_NEVER,
        )
        if transport is None:  # Closed while it was at it.
            raise ConnectionResetError
        self.connection_made(transport)
        return read_chain(transport.get_extra_info("ssl_object"))

    def _take(self, count: int) -> bytes:
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken

    async def _more(self) -> bool:
        """Wait for more to come; False where the connection has ended."""
        if isinstance(self._error, FloodError):
            raise self._error
        if not self._ended:
            self._changed.clear()
            await self._changed.wait()
            return True
        if self._error is not None:
            raise self._error
        return False


async def connect(endpoint: Endpoint, resources: Resources) -> Stream:
    """Open a connection: to the first of the host's addresses that takes it.

    Tells the current course its phases. Raises OSError.
    """
    course = Course.current()
    course.enter(Phase.RESOLVE)
    found = await resources.resolver.resolve(endpoint.host, endpoint.port, _FAMILIES[endpoint.ip])
    course.enter(Phase.CONNECT)
    addresses = [
        (
            each["family"],
            socket.SOCK_STREAM,
            each["proto"],
            "",
            _sockaddr(each["host"], endpoint.port, each["family"]),
        )
        for each in found
    ]
    connected = await aiohappyeyeballs.start_connection(addresses, happy_eyeballs_delay=_STAGGER)
    return await _over(connected)


async def connect_local(path: str) -> Stream:
    """Open a connection to a Unix socket; BlockingIOError where its queue is full, or OSError."""
    Course.current().enter(Phase.CONNECT)
    local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        local.setblocking(False)
        # Done at once or not at all (unix(7)): a loop that waited would take EAGAIN for under way.
        local.connect(path)
    except BaseException:
        local.close()
        raise
    return await _over(local)


async def _over(connected: socket.socket) -> Stream:
    """The stream over a connected socket, which it then owns."""
    loop = asyncio.get_running_loop()
    try:
        if connected.family == socket.AF_UNIX:
            _, stream = await loop.create_unix_connection(Stream, sock=connected)
        else:
            _, stream = await loop.create_connection(Stream, sock=connected)
    except BaseException:
        connected.close()
        raise
    Course.current().enter(Phase.PROCESSING)
    return stream


def _sockaddr(host: str, port: int, family: int) -> tuple[str, int] | tuple[str, int, int, int]:
    if family != socket.AF_INET6:
        return (host, port)
    address, _, scope = host.partition("%")
    return (address, port, 0, int(scope or 0))
