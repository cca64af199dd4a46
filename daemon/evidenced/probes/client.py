"""aiohttp's client as probes need it: watched through its own hooks, and honest about failures."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, Self

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError

from evidenced.probes.address import Address
from evidenced.probes.certificate import NOTHING_SHOWN, read_chain
from evidenced.probes.course import Course, Phase
from evidenced.probes.shown import request_lines
from evidenced.probes.trace import Mark, listening, note

HEADER_LIMIT = 32 * 1024
"""Bytes of one header line. aiohttp's own limit of 8 KiB is less than some sites' policies take."""

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})


class Dropped(aiohttp.ClientError):
    """The connection was closed before there was an answer."""


class WatchedResponse(aiohttp.ClientResponse):
    """A response that keeps what its connection was, which is released by the time it is there."""

    peer: tuple[Any, ...] | None = None
    """The address of the other end, as the socket has it."""

    chain = NOTHING_SHOWN
    """The certificates that the other end has shown, and what TLS agreed on."""

    first: float | None = None
    last: float | None = None
    """When its first and its last byte came: aiohttp's client does not tell."""

    async def start(self, connection: Connection) -> Self:
        """Read the head of the answer."""
        transport, protocol = connection.transport, connection.protocol
        if transport is not None and protocol is not None:
            Course.current().hold(transport)
            self.peer = transport.get_extra_info("peername")
            self.chain = read_chain(transport.get_extra_info("ssl_object"))
            if closed := protocol.closed:
                closed.add_done_callback(partial(self._tell, protocol))
        await super().start(connection)
        return self

    def _tell(self, protocol: ResponseHandler, closed: asyncio.Future[None]) -> None:
        tell_malformed(protocol, self.content, closed)


def tell_malformed(
    protocol: ResponseHandler, body: aiohttp.StreamReader | None, closed: asyncio.Future[None]
) -> None:
    """Hand an error of the parser on to whoever reads the body, once the connection is closed.

    aiohttp 3.14 closes the connection where chunks are malformed, but leaves a reader of the body
    waiting for ever when they came after the head of the answer.
    """
    if not closed.cancelled():
        closed.exception()  # Otherwise asyncio logs that nobody has asked for it.
    error = protocol.exception()
    if isinstance(error, HttpProcessingError) and body and body.exception() is None:
        body.set_exception(error)


async def once(
    request: ClientRequest,
    handler: Callable[[ClientRequest], Awaitable[aiohttp.ClientResponse]],
) -> aiohttp.ClientResponse:
    """A middleware that sends a request once, where aiohttp would quietly send it twice.

    aiohttp repeats an idempotent request whose connection was closed without an answer, which
    would hide from a monitor just what it is there to see. Only a connection that was kept may have
    been closed before the request came (RFC 9112, 9.3.1), and only then is it repeated here.
    """
    while True:
        try:
            return await handler(request)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            if not Course.current().reused or request.method not in _IDEMPOTENT:
                raise Dropped from error


def phases() -> aiohttp.TraceConfig:
    """Hooks that tell the current course in which phase a request is.

    The beginning of TLS is told by the handshake itself (`trust.Handshake`), the beginning of the
    transfer by whoever gets the response.
    """

    def entering(
        phase: Phase, *, reused: bool | None = None, said: str = ""
    ) -> Callable[..., Awaitable[None]]:
        async def enter(
            session: aiohttp.ClientSession, context: SimpleNamespace, params: object
        ) -> None:
            course = Course.current()
            course.enter(phase)
            if said:
                note(Mark.INFO, said)
            if reused is not None:
                course.reused = reused

        return enter

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_start.append(entering(Phase.CONNECT, reused=False))
    trace.on_dns_resolvehost_start.append(entering(Phase.RESOLVE))
    trace.on_dns_resolvehost_end.append(entering(Phase.CONNECT))
    trace.on_connection_create_end.append(entering(Phase.PROCESSING))
    trace.on_connection_reuseconn.append(
        entering(Phase.PROCESSING, reused=True, said="a connection kept from before is used again")
    )
    trace.on_request_headers_sent.append(_tell_request)
    return trace


async def _tell_request(
    session: aiohttp.ClientSession,
    context: SimpleNamespace,
    params: aiohttp.TraceRequestHeadersSentParams,
) -> None:
    if listening():
        for line in request_lines(
            params.method, Address.parse(str(params.url)), params.headers.items()
        ):
            note(Mark.SENT, line)


def socket_for(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket for one address, as aiohttp would make it itself."""
    family, kind, protocol, _, peer = address
    note(Mark.INFO, lambda: f"connecting to {peer[0]} port {peer[1]}")
    return socket.socket(family, kind, protocol)


def session(connector: aiohttp.BaseConnector, trace: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    """A session for one attempt, with cookies of its own, on a connector that outlives it.

    It has no timeouts: an attempt has one deadline, over everything.
    """
    return aiohttp.ClientSession(
        connector=connector,
        connector_owner=False,
        cookie_jar=aiohttp.CookieJar(unsafe=True),
        timeout=aiohttp.ClientTimeout(),
        trace_configs=[trace],
        middlewares=(once,),
        response_class=WatchedResponse,
        max_line_size=HEADER_LIMIT,
        max_field_size=HEADER_LIMIT,
    )


def connector(
    resolver: aiohttp.abc.AbstractResolver, *, keep: float | None
) -> aiohttp.TCPConnector:
    """A connector without a limit, because the concurrency of checks is limited already.

    `keep` is how long an unused connection is kept, in seconds; None for not at all.
    """
    if keep is None:
        return aiohttp.TCPConnector(
            resolver=resolver,
            use_dns_cache=False,
            limit=0,
            force_close=True,
            socket_factory=socket_for,
        )
    return aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=False,
        limit=0,
        keepalive_timeout=keep,
        socket_factory=socket_for,
    )
