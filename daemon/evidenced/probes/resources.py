"""What the probes of one daemon share: connections, trust, threads."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from evidenced.config.tls import TlsSettings
from evidenced.probes import client
from evidenced.probes.filecache import FileCache
from evidenced.probes.forgememory import ForgeMemory
from evidenced.probes.host.host import Host
from evidenced.probes.mailbox import Mailbox
from evidenced.probes.plain import First
from evidenced.probes.remembered import Remembered
from evidenced.probes.resolver import Lookup, Resolver
from evidenced.probes.routed import Routed
from evidenced.probes.threads import Workers, in_thread
from evidenced.probes.trust import build_context
from evidenced.probes.wire import Wires

_KEPT = 600.0
"""Seconds for which a connection is kept that a check wants to use again."""

_TRUSTED = 600.0
"""Seconds after which authorities are read again, so that a renewed file needs no restart."""

_OF_A_CONTEXT = (
    "verify",
    "ca_file",
    "min_version",
    "cert_file",
    "key_file",
    "key_password",
)
"""The settings that a context is made of; the name to ask for is not among them."""

_CLOSING = 0.5
"""Seconds that closing may take before what is still open is dropped."""

_WORKERS = 2
"""Threads that judge. They compete with the event loop for Python's one lock, so more would slow
the loop and be no faster."""

_READERS = 4
"""Threads that read files, which may be on a disk that hangs."""

T = TypeVar("T")


class Resources:
    """The shared resources of one daemon, to be made inside its event loop and closed at its end.

    An async context manager. `lookup` stands in for `socket.getaddrinfo`.
    """

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        self.resolver = Resolver(lookup)
        routed = Routed(self.resolver)
        self._fresh = client.connector(routed, keep=None)
        self._kept = client.connector(routed, keep=_KEPT)
        self._trace = client.phases()
        self.wires = Wires(routed, _KEPT)
        """Connections for plain requests."""
        self.first = Remembered(First.of)
        """What each check of kind http asks first."""
        self._workers = Workers(_WORKERS)
        self.host = Host()
        """What is seen of this host itself."""
        self._files = FileCache(Workers(_READERS))
        self.mailbox = Mailbox()
        """What is pushed to checks of that kind."""
        self.forges = ForgeMemory()
        """What is known of pull requests and workflows, and of the limits of their forges."""
        self._contexts: dict[tuple[object, ...], tuple[float, asyncio.Future[ssl.SSLContext]]] = {}

    def session(self, *, keep: bool) -> aiohttp.ClientSession:
        """An HTTP session for one attempt, to be closed by it.

        It has cookies of its own. Each of its requests opens a connection, unless `keep` says that
        one of an earlier attempt may be used and that it may be kept for later ones.
        """
        return client.session(self._kept if keep else self._fresh, self._trace)

    async def trust(
        self, tls: TlsSettings, alpn: tuple[str, ...] = ("http/1.1",)
    ) -> ssl.SSLContext:
        """The TLS context for these settings, built off the loop and then shared for a while.

        `alpn` are the protocols to offer (RFC 7301), none where it is empty.
        Raises TrustError where the authorities cannot be read.
        """
        key = (*(getattr(tls, name) for name in _OF_A_CONTEXT), alpn)
        built, context = self._contexts.get(key, (-_TRUSTED, None))
        failed = context is not None and context.done() and context.exception() is not None
        if context is None or failed or time.monotonic() - built > _TRUSTED:
            context = in_thread(partial(build_context, tls, alpn))
            self._contexts[key] = (time.monotonic(), context)
        return await asyncio.shield(context)

    async def file(self, path: Path) -> bytes:
        """What is in a file now, kept until it changes; raises FileError."""
        return await self._files.read(path)

    async def apart(self, call: Callable[[], T]) -> T:
        """What a costly call returns, worked out in a thread."""
        return await self._workers.run(call)

    async def close(self) -> None:
        """Close all connections; within a second, whatever the other ends do."""
        self._contexts.clear()
        self.wires.close()
        await self.host.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                await self._fresh.close(abort_ssl=True)
                await self._kept.close(abort_ssl=True)
        # A transport that was dropped is closed by the loop when it next comes round.
        await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
