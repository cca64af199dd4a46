"""Plain requests on connections of our own: aiohttp's parser without what surrounds it.

Most checks are one GET without cookies or a proxy. aiohttp's client spends three quarters of such a
request on what it does not need: pools with waiters, cookie jars, hooks, a task that writes. Here
the same protocol object of aiohttp, with its parser, its limits and its exceptions, sits on a
connection that is opened for it, so that what an answer means does not depend on the way it came.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import aiohappyeyeballs
import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import HeadersMixin, is_ip_address
from aiohttp.http import RawResponseMessage

from evidenced.probes.address import Address
from evidenced.probes.certificate import Chain, read_chain
from evidenced.probes.client import HEADER_LIMIT, Dropped, socket_for, tell_malformed
from evidenced.probes.course import Course, Phase
from evidenced.probes.plain import Plain, host_of
from evidenced.probes.shown import request_lines
from evidenced.probes.trace import Mark, listening, note

_AT_ONCE = 64 * 1024
_NEXT = 0.25
"""Seconds until the next address is tried beside the one before it (RFC 8305, 5)."""


class Protocol(ResponseHandler):
    """aiohttp's protocol of an answer, which notes when something came.

    Looks that begin together are answered together. Each then waits for its turn, and that time is
    this daemon's and not the target's.
    """

    made = 0.0
    """When the connection was there, with TLS where that was asked for, by the monotonic clock."""
    first = 0.0
    """When the first of the answer came; 0 before that."""
    last = 0.0
    """When the last of it did, likewise."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note that there is a connection."""
        self.made = time.monotonic()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Note that something came."""
        self.first = self.first or time.monotonic()
        super().data_received(data)

    def feed_data(
        self, data: tuple[RawResponseMessage, aiohttp.StreamReader], size: int = 0
    ) -> None:
        """Take a head that was read; its body may be there already, or come to an end later."""
        super().feed_data(data, size)
        data[1].on_eof(self._ended)

    def _ended(self) -> None:
        self.last = time.monotonic()


class Heard(HeadersMixin):
    """The head of an answer, and the body to be read."""

    def __init__(
        self, message: RawResponseMessage, content: aiohttp.StreamReader, wire: "_Wire"
    ) -> None:
        self.status: int = message.code
        self.version = message.version
        self.headers = message.headers
        self.content = content
        self.peer: tuple[Any, ...] | None = wire.peer
        self.chain: Chain = wire.chain
        self.first: float | None = wire.protocol.first or None
        self._headers = message.headers
        self._wire = wire

    @property
    def last(self) -> float | None:
        """When the last byte came; None as long as not all did."""
        return self._wire.protocol.last or None

    def close(self) -> None:
        """Let go of the connection: kept where that is wanted and all of the body was read."""
        self._wire.leave(read=self.content.at_eof())


class Wires:
    """The wires of one daemon, those that are kept for a next request among them."""

    def __init__(self, resolver: AbstractResolver, keep: float) -> None:
        """Names are resolved by this; `keep` is how long an unused connection is kept (s)."""
        self._resolver = resolver
        self._keep = keep
        self._shelves: dict[tuple[object, ...], list[_Wire]] = {}
        self._closed = False

    async def send(
        self,
        plain: Plain,
        context: ssl.SSLContext | None,
        server_hostname: str | None,
        *,
        keep: bool,
    ) -> Heard:
        """Send a request, over TLS where there is a context for it, and hear the answer's head.

        Raises what aiohttp's client raises of an answer; of the connection OSError (of name
        resolution socket.gaierror) and ssl.SSLError as they are.
        """
        if self._closed:
            raise RuntimeError("no more requests: the wires are closed")
        course = Course.current()
        shelf = self._shelf(plain, context, server_hostname) if keep else None
        while (wire := self._kept(shelf)) is not None:
            course.reused = True
            note(Mark.INFO, "a connection kept from before is used again")
            # It may have been closed before the request came (RFC 9112, 9.3.1).
            with suppress(aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
                return await wire.ask(plain, shelf)
        course.reused = False
        wire = await self._open(plain.request.address, context, server_hostname)
        try:
            return await wire.ask(plain, shelf)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            raise Dropped from error

    def _shelf(
        self, plain: Plain, context: ssl.SSLContext | None, server_hostname: str | None
    ) -> list["_Wire"]:
        route = Course.current().route
        at = route.address["host"] if route.address else ""
        key = (plain.request.address.origin, context, server_hostname, route.family, at)
        return self._shelves.setdefault(key, [])

    def _kept(self, shelf: list["_Wire"] | None) -> "_Wire | None":
        """The connection that was used last, while it is open and young enough."""
        while shelf:
            wire = shelf.pop()
            if wire.protocol.is_connected() and time.monotonic() - wire.since < self._keep:
                return wire
            wire.transport.abort()
        return None

    async def _open(
        self, address: Address, context: ssl.SSLContext | None, server_hostname: str | None
    ) -> "_Wire":
        course, secure = Course.current(), {}
        if context is not None:
            name = (server_hostname or address.host).rstrip(".")
            secure = {"ssl": context, "server_hostname": name}
        at = [address.host]
        if not is_ip_address(address.host):
            course.enter(Phase.RESOLVE)
            found = await self._resolver.resolve(address.host, address.port)
            at = [one["host"] for one in found]
        course.enter(Phase.CONNECT)
        if len(at) == 1 and "%" not in at[0]:
            return await _connected(at[0], address.port, secure)
        return await _first_connected(at, address.port, secure)

    def close(self) -> None:
        """Drop all connections that are kept; no request is sent from now on."""
        self._closed = True
        for shelf in self._shelves.values():
            for wire in shelf:
                wire.transport.abort()
        self._shelves.clear()


class _Wire:
    """One connection."""

    def __init__(self, transport: asyncio.Transport, protocol: Protocol) -> None:
        self.protocol = protocol
        self.transport = transport
        self.peer: tuple[Any, ...] | None = transport.get_extra_info("peername")
        self.chain = read_chain(transport.get_extra_info("ssl_object"))
        self.since = 0.0
        """When it was put on its shelf, by the monotonic clock."""
        self._shelf: list[_Wire] | None = None

    async def ask(self, plain: Plain, shelf: "list[_Wire] | None") -> Heard:
        """Send a request, and read the head of its answer; raises what aiohttp raises.

        The connection goes on this shelf, if any, once all of the answer was read.
        """
        self._shelf, protocol = shelf, self.protocol
        course = Course.current()
        course.hold(self.transport)
        _tell(plain, keep=shelf is not None)
        try:
            protocol.set_response_params(
                skip_payload=plain.request.method == "HEAD",
                read_until_eof=True,
                read_bufsize=_AT_ONCE,
                max_line_size=HEADER_LIMIT,
                max_field_size=HEADER_LIMIT,
            )
            protocol.first = protocol.last = 0.0
            # What was done since there is a connection took no time of the target's.
            course.skip(protocol.made)
            course.enter(Phase.PROCESSING)
            self.transport.write(plain.closing if shelf is None else plain.keeping)
            while True:
                message, content = await protocol.read()
                # Those in between are not the answer (RFC 9110, 15.2); after 101 it is not HTTP.
                if not 100 <= message.code <= 199 or message.code == 101:
                    break
                protocol.first = protocol.last = 0.0
        except BaseException:
            self.transport.abort()
            raise
        if closed := protocol.closed:
            closed.add_done_callback(partial(tell_malformed, protocol, content))
        return Heard(message, content, self)

    def leave(self, *, read: bool) -> None:
        """Put the connection on its shelf, or drop it."""
        shelf, self._shelf = self._shelf, None
        if shelf is None or not read or self.protocol.should_close:
            self.transport.abort()
        else:
            self.since = time.monotonic()
            shelf.append(self)


async def _connected(host: str, port: int, secure: Mapping[str, Any]) -> _Wire:
    """A connection to one address."""
    note(Mark.INFO, lambda: f"connecting to {host} port {port}")
    loop = asyncio.get_running_loop()
    make = partial(Protocol, loop)
    return _Wire(*await loop.create_connection(make, host, port, **secure))


async def _first_connected(hosts: Sequence[str], port: int, secure: Mapping[str, Any]) -> _Wire:
    """A connection to the first of several addresses that gives one (RFC 8305), as aiohttp does."""
    loop = asyncio.get_running_loop()
    infos = [_info(host, port) for host in hosts]
    while True:
        try:
            sock = await aiohappyeyeballs.start_connection(
                infos, happy_eyeballs_delay=_NEXT, loop=loop, socket_factory=socket_for
            )
            make = partial(Protocol, loop)
            return _Wire(*await loop.create_connection(make, sock=sock, **secure))
        except OSError:
            aiohappyeyeballs.pop_addr_infos_interleave(infos)
            if not infos:
                raise


def _info(host: str, port: int) -> aiohappyeyeballs.AddrInfoType:
    if ":" in host:
        peer: tuple[Any, ...] = (host, port, 0, 0)
        return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", peer)
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))


def _tell(plain: Plain, *, keep: bool) -> None:
    if listening():
        request = plain.request
        last = () if keep else (("Connection", "close"),)
        headers = (("Host", host_of(request)), *request.headers.items(), *last)
        for line in request_lines(request.method, request.address, headers):
            note(Mark.SENT, line)
