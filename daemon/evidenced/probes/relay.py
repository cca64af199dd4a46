"""A local socket that leads to a connection of ours, for a library that opens its own."""

import asyncio
import secrets
from types import TracebackType
from typing import Self

from evidenced.probes.stream import Stream


class Relay:
    """Hands what comes on one side to the other, until one of them ends.

    So a library that insists on connecting by itself, with resolution, TLS and timing out of our
    sight, goes over a connection whose every phase we have seen. The socket is of Linux' abstract
    kind, which leaves no file behind, with a name that nobody guesses; the first to connect is
    the only one.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._name = f"evidenced-{secrets.token_hex(16)}"
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.head = b""
        """The first bytes that have come from the other end, at most 16."""
        self.ended = False
        """Whether the other end has ended the connection."""
        self.error: Exception | None = None
        """What broke the connection."""

    @property
    def target(self) -> str:
        """Where to connect to, as gRPC writes it."""
        return f"unix-abstract:{self._name}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._connected, f"\0{self._name}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._server is not None  # noqa: S101  it is what calls
        if self._tasks:
            writer.transport.abort()
            return
        self._tasks = {
            asyncio.ensure_future(self._out(reader)),
            asyncio.ensure_future(self._back(writer)),
        }

    async def _out(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            self._stream.send(data)

    async def _back(self, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await self._stream.some():
                self.head = (self.head + data)[:16]
                writer.write(data)
                await writer.drain()
            self.ended = True
        except OSError as error:
            self.error = error
        finally:
            writer.transport.abort()
