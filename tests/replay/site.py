"""The site of a replay: a real server on loopback that answers as it is told, and its names."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict

ANY = "*"
"""The path that stands for all that are not named, and the name that does likewise."""


class Answer(BaseModel):
    """What a path answers: a status, headers and a body; or no answer at all.

    `size` bytes of filling follow the body. It comes after `wait` seconds, and each byte of its
    body `drip` seconds after the one before. `hang` says nothing, `reset` drops the connection. In
    a list of answers the first `times` requests get this one, later ones the next.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: int = 200
    headers: dict[str, str] = {}
    body: str = ""
    content: Any = None
    size: int = 0
    wait: float = 0.0
    drip: float = 0.0
    hang: bool = False
    reset: bool = False
    times: int = 1

    def encoded(self) -> tuple[bytes, bytes]:
        """The head and the body as they are sent."""
        body = (self.body if self.content is None else json.dumps(self.content)).encode()
        body += b"x" * self.size
        fields = {"Content-Length": str(len(body)), "Connection": "close", **self.headers}
        reason = HTTPStatus(self.status).phrase
        lines = (f"HTTP/1.1 {self.status} {reason}", *(f"{k}: {v}" for k, v in fields.items()))
        return "\r\n".join((*lines, "", "")).encode(), body


class Site:
    """Answers by path, which may change while it serves."""

    def __init__(self) -> None:
        self.everywhere: Answer | None = None
        """What all paths answer, whatever is said of each; None where they do not."""
        self._answers: dict[str, list[Answer]] = {}
        self._served: dict[str, int] = {}
        self.talking: set[asyncio.Task[None] | None] = set()

    def change(self, answers: Mapping[str, Sequence[Answer]]) -> None:
        """Answer these paths so from now on."""
        for path, given in answers.items():
            self._answers[path] = list(given)
            self._served[path] = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request on a connection."""
        task = asyncio.current_task()
        self.talking.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                head = await reader.readuntil(b"\r\n\r\n")
                await self._answer(self._next(head.split(b" ", 2)[1].decode()), writer)
        finally:
            self.talking.discard(task)
            writer.close()

    def _next(self, path: str) -> Answer:
        if self.everywhere is not None:
            return self.everywhere
        name = path if path in self._answers else ANY
        served = self._served[name]
        self._served[name] += 1
        for answer in self._answers[name][:-1]:
            served -= answer.times
            if served < 0:
                return answer
        return self._answers[name][-1]

    async def _answer(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        if answer.hang:
            await asyncio.Event().wait()
        if answer.reset:
            # A close that lingers for no time at all is a reset (socket(7), SO_LINGER).
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        await asyncio.sleep(answer.wait)
        head, body = answer.encoded()
        writer.write(head)
        if not answer.drip:
            writer.write(body)
        else:
            for byte in body:
                await asyncio.sleep(answer.drip)
                writer.write(bytes((byte,)))
                await writer.drain()
        await writer.drain()


@asynccontextmanager
async def serving(site: Site, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Serve on loopback, over IPv4 alone, while the block lasts; the port."""
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        talking = [task for task in site.talking if task is not None]
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)


class Name(StrEnum):
    """What becomes of a name that is looked up."""

    UP = "up"
    """It has the address of the site."""
    DUAL = "dual"
    """It has that, and before it an address of IPv6 at which nothing listens."""
    DEAD = "dead"
    """No name server answers."""
    BROKEN = "broken"
    """This host cannot look up names: its own fault."""
    BUG = "bug"
    """What looks up names has a bug."""


class Names:
    """A resolver with the signature of `socket.getaddrinfo`, which does as it is told."""

    def __init__(self) -> None:
        self.states: dict[str, Name] = {ANY: Name.UP}

    def __call__(self, host: str, port: int, family: int = 0, **more: int) -> list[Any]:
        """The addresses of a host; raises as `socket.getaddrinfo` does."""
        state = self.states.get(host, self.states[ANY])
        match state:
            case Name.DEAD:
                raise socket.gaierror(socket.EAI_AGAIN, "no name server answers")
            case Name.BROKEN:
                raise socket.gaierror(socket.EAI_SYSTEM, "no file descriptor")
            case Name.BUG:
                raise RuntimeError("a bug")
        four = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))
        found = (six, four) if state is Name.DUAL else (four,)
        return [each for each in found if family in {0, each[0]}]
