"""The listener of the HTTP interface: its sockets, and the TLS on them, which may change."""

import asyncio
import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

import structlog
from aiohttp import web

from evidenced.app.server_tls import Context, server_context
from evidenced.config.sources import Mark, mark
from evidenced.config.web import WebSettings
from evidenced.config.web_tls import TlsServer
from evidenced.publish.access_errors import QuietProtocol

GRACE = 1.0
"""Seconds that requests under way are given at shutdown."""

HANDSHAKE = 10.0
"""Seconds in which a caller must have come to terms on TLS."""

BACKLOG = 128

SILENCE = 0.5
"""Seconds that a caller is given at shutdown to send the request for which it has connected."""

TICK = 0.01
"""Seconds between two looks whether they have."""

PAUSE = 1.0
"""Seconds to wait where no more connections can be had."""

Wanted = tuple[TlsServer, tuple[Mark, ...]] | None
"""The TLS that is asked for, with the marks of its files; None for none."""


class Listener:
    """Accepts connections for an application, on sockets that stay while the TLS on them changes.

    A changed certificate is for new connections; those that are open are not cut.
    """

    def __init__(
        self,
        sockets: list[socket.socket],
        protocol: Callable[[], QuietProtocol],
        connections: Callable[[], Iterable[object]],
    ) -> None:
        self._sockets = sockets
        self._connections = connections
        self._accepting: list[asyncio.Task[None]] = []
        self._protocol = protocol
        self._context: Context | None = None
        self._wanted: Wanted = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._warned = False
        self._log = structlog.get_logger()

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port of the first socket."""
        host, port = self._sockets[0].getsockname()[:2]
        return host, port

    async def start(self, settings: WebSettings) -> None:
        """Begin to accept; raises OSError where the certificate cannot be used."""
        tls = settings.tls_server_config
        self._wanted = await asyncio.to_thread(_wanted, tls)
        self._context = await asyncio.to_thread(server_context, tls) if tls else None
        for one in self._sockets:
            one.listen(BACKLOG)
            self._accepting.append(asyncio.create_task(self._accept(one), name="listener"))
        self._warn(settings)

    async def adopt(self, settings: WebSettings) -> None:
        """Take over what may have changed, the files of the certificate included.

        What cannot be used is logged, and what was in force before stays so.
        """
        tls = settings.tls_server_config
        wanted = await asyncio.to_thread(_wanted, tls)
        if wanted != self._wanted:
            try:
                self._context = await asyncio.to_thread(server_context, tls) if tls else None
            except OSError as error:
                why = getattr(error, "reason", None) or error.strerror
                self._log.error("the certificate was not taken over", why=why)
                return
            self._wanted = wanted
            self._log.info("TLS was set anew", on=tls is not None)
        self._warn(settings)

    async def _accept(self, listening: socket.socket) -> None:
        while True:
            # Not sock_accept: one that is accepted while this task is cancelled would be lost.
            await _readable(listening)
            try:
                connection, _ = listening.accept()
            except (BlockingIOError, ConnectionError):
                continue  # gone before it was taken
            except OSError as error:
                # Mostly too many open files, of which some will be closed.
                self._log.error("no connection can be accepted", why=error.strerror)
                await asyncio.sleep(PAUSE)
                continue
            connection.setblocking(False)
            self._keep(self._take(connection), "connection")

    async def _take(self, connection: socket.socket) -> None:
        """Come to terms on TLS, where it is on, and leave the connection to its protocol."""
        context = self._context
        limit = HANDSHAKE if context else None
        # What fails here is a caller that speaks something else, or trusts someone else.
        with suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, connection, ssl=context, ssl_handshake_timeout=limit
            )

    def _keep(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _warn(self, settings: WebSettings) -> None:
        if self._warned or settings.closed or all(map(_is_loopback, self._sockets)):
            return
        self._warned = True
        host, port = self.address
        self._log.warning(
            "everyone who reaches this address can read all that the daemon tells: set web, or "
            "listen on loopback behind a proxy",
            listen=f"{host}:{port}",
        )

    async def close(self) -> None:
        """Accept no more, and let those who were accepted already say what they want.

        Where the sockets are held by someone else, others wait there for the next daemon.
        """
        await _cancelled(self._accepting)
        for one in self._sockets:
            one.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE):
                while self._tasks or not all(map(_heard, self._connections())):  # noqa: ASYNC110  aiohttp has no event for it
                    await asyncio.sleep(TICK)
        await _cancelled(self._tasks)
        # What was heard just now becomes a request under way, which is then waited for.
        await asyncio.sleep(TICK)


@asynccontextmanager
async def listening(
    application: web.Application,
    listen: str,
    settings: WebSettings,
    held: Sequence[socket.socket] = (),
) -> AsyncIterator[Listener]:
    """Serve an application at HOST:PORT while the block lasts; OSError where that cannot be had.

    Sockets that are `held` for it are served on instead, and closed at the end.
    """
    runner = web.AppRunner(
        application, access_log=None, handler_cancellation=True, shutdown_timeout=GRACE
    )
    await runner.setup()
    try:
        server = runner.server
        if server is None:
            raise RuntimeError("the runner was set up, but has no server")
        loop = asyncio.get_running_loop()
        protocol = partial(QuietProtocol, server, loop=loop, access_log=None)  # type: ignore[arg-type]  # None is no log
        listener = Listener(
            list(held) or await _bound(listen), protocol, lambda: server.connections
        )
        try:
            await listener.start(settings)
            for key in settings.unheeded:
                structlog.get_logger().info("this key is taken, but cannot be done", key=key)
            yield listener
        finally:
            await listener.close()
    finally:
        await runner.cleanup()


async def _readable(one: socket.socket) -> None:
    """Wait until there is someone to be accepted."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(one, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(one)


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    some = tuple(tasks)
    for task in some:
        task.cancel()
    await asyncio.gather(*some, return_exceptions=True)


def _heard(connection: object) -> bool:
    return not isinstance(connection, QuietProtocol) or connection.heard


async def _bound(listen: str) -> list[socket.socket]:
    """Sockets bound to each address that HOST:PORT stands for."""
    host, _, port = listen.rpartition(":")
    found = await asyncio.get_running_loop().getaddrinfo(
        host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            sockets += _bind(family, address)
    except BaseException:
        for one in sockets:
            one.close()
        raise
    return sockets


def _bind(family: int, address: tuple[object, ...]) -> Iterator[socket.socket]:
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return  # a system without IPv6 may still know of it
    try:
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)
    except OSError as error:
        one.close()
        why = os.strerror(error.errno or 0).lower()
        raise OSError(error.errno, f"cannot listen on {address[0]}:{address[1]}: {why}") from None
    yield one


def _is_loopback(one: socket.socket) -> bool:
    host = str(one.getsockname()[0]).partition("%")[0]
    return ipaddress.ip_address(host).is_loopback


def _wanted(tls: TlsServer | None) -> Wanted:
    if tls is None:
        return None
    files = (tls.cert_file, tls.key_file, tls.client_ca_file)
    return tls, tuple(mark(file) for file in files if file is not None)
