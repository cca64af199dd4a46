"""A target that holds each answer back for a known time, and writes down for how long it did.

    python slow.py HOST:PORT LOG

nginx cannot wait, so this is a server of its own, in its own process, and ahead of all others
where the kernel allows that. No timer is exact and no machine is idle, so it is not the time that
was meant that counts, but the one that passed from the request to the answer: it is logged.
"""

import asyncio
import os
import sys
import time
from contextlib import suppress
from functools import partial
from io import TextIOBase
from pathlib import Path
from typing import cast

import uvloop

HELD = 0.1
"""Seconds for which an answer is held back, at least."""
BODY = b"all shops are open"
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
)


class Slow(asyncio.Protocol):
    """One connection."""

    def __init__(self, log: TextIOBase) -> None:
        self._log = log
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where the answer goes."""
        # uvloop's own are no asyncio.Transport, but do as one.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hold the answer back once the request is whole; no request has a body."""
        began = time.perf_counter()
        self._received += data
        while b"\r\n\r\n" in self._received:
            request, _, self._received = self._received.partition(b"\r\n\r\n")
            path = request.split(b" ", 2)[1].decode("ascii")
            asyncio.get_running_loop().call_later(HELD, self._answer, path, time.time(), began)

    def _answer(self, path: str, at: float, began: float) -> None:
        held = time.perf_counter() - began
        self._transport.write(ANSWER)
        self._log.write(f"{at:.6f} {held:.6f} {path}\n")


async def main(listen: str, log: Path) -> None:
    """Serve until the process is ended."""
    with suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    host, _, port = listen.rpartition(":")
    with log.open("w", buffering=1, encoding="ascii") as file:
        server = await asyncio.get_running_loop().create_server(
            partial(Slow, file), host, int(port), backlog=1024
        )
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], Path(sys.argv[2])))
