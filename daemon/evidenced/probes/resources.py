"""What the probes of one daemon share: connections, trust, threads."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

import aiohttp

from evidenced.config.kinds.http import TlsSettings
from evidenced.probes import client
from evidenced.probes.resolver import Lookup, Resolver
from evidenced.probes.threads import Workers, in_thread
from evidenced.probes.trust import build_context

_KEPT = 600.0
"""Seconds for which a connection is kept that a check wants to use again."""

_TRUSTED = 600.0
"""Seconds after which authorities are read again, so that a renewed file needs no restart."""

_CLOSING = 0.5
"""Seconds that closing may take before what is still open is dropped."""

_WORKERS = 2
"""Threads that judge. They compete with the event loop for Python's one lock, so more would slow
the loop and be no faster."""

T = TypeVar("T")


class Resources:
    """The shared resources of one daemon, to be made inside its event loop and closed at its end.

    An async context manager. `lookup` stands in for `socket.getaddrinfo`.
    """

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        resolver = Resolver(lookup)
        self._fresh = client.connector(resolver, keep=None)
        self._kept = client.connector(resolver, keep=_KEPT)
        self._trace = client.phases()
        self._workers = Workers(_WORKERS)
        self._contexts: dict[tuple[object, ...], tuple[float, asyncio.Future[ssl.SSLContext]]] = {}

    def session(self, *, keep: bool) -> aiohttp.ClientSession:
        """An HTTP session for one attempt, to be closed by it.

        It has cookies of its own. Each of its requests opens a connection, unless `keep` says that
        one of an earlier attempt may be used and that it may be kept for later ones.
        """
        return client.session(self._kept if keep else self._fresh, self._trace)

    async def trust(self, tls: TlsSettings) -> ssl.SSLContext:
        """The TLS context for these settings, built off the loop and then shared for a while.

        Raises TrustError where the authorities cannot be read.
        """
        key = (tls.verify, tls.ca_file)
        built, context = self._contexts.get(key, (-_TRUSTED, None))
        failed = context is not None and context.done() and context.exception() is not None
        if context is None or failed or time.monotonic() - built > _TRUSTED:
            context = in_thread(partial(build_context, tls))
            self._contexts[key] = (time.monotonic(), context)
        return await asyncio.shield(context)

    async def apart(self, call: Callable[[], T]) -> T:
        """What a costly call returns, worked out in a thread."""
        return await self._workers.run(call)

    async def close(self) -> None:
        """Close all connections; within a second, whatever the other ends do."""
        self._contexts.clear()
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
