"""Servers that do what no server should: each failure has its reason and none comes late."""

import asyncio
import gzip
import itertools
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from evidenced.probes.attempt import DETAIL_LIMIT, Attempt, Outcome, Reason
from stopwatch import Stopwatch

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Says = Callable[..., Talk]
Serve = Callable[..., Awaitable[int]]
Look = Callable[..., Awaitable[Attempt]]

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GRACE = 0.5
"""Seconds after its deadline within which a probe must have returned."""


@pytest.fixture(params=["a wire", "aiohttp's client"])
def look(request: pytest.FixtureRequest, look: Look) -> Look:
    """Look on either way that a request may go; a header of the connection itself asks for one."""
    if request.param == "a wire":
        return look

    async def take(url: str, timeout: float = 30.0, /, **settings: object) -> Attempt:
        return await look(url, timeout, **{"headers": {"Connection": "close"}, **settings})

    return take


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Drop the connection so that the kernel sends a reset."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing more until the other end has gone."""
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then, so that only a deadline over everything ends it."""
    while not writer.is_closing():
        writer.write(b".")
        await asyncio.sleep(0.02)


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A body without an end, as fast as it is taken."""
    while not writer.is_closing():
        writer.write(b"x" * 65536)
        await writer.drain()


ENDINGS: dict[str, tuple[tuple[bytes, ...], Talk | None, Reason, str]] = {
    "closed before an answer": ((), None, Reason.CONNECT, "closed before an answer"),
    "reset before an answer": ((), reset, Reason.CONNECT, "reset before an answer"),
    "closed in the head": ((OK + b"X: y",), None, Reason.CONNECT, "closed before an answer"),
    "closed in the body": (
        (OK + b"Content-Length: 10\r\n\r\n", b"abc"),
        None,
        Reason.CONNECT,
        "in the middle of the body",
    ),
    "reset in the body": (
        (OK + b"Content-Length: 10\r\n\r\n", b"abc"),
        reset,
        Reason.CONNECT,
        "in the middle of the body",
    ),
    "closed between chunks": (
        (CHUNKED, b"3\r\nabc\r\n"),
        None,
        Reason.CONNECT,
        "in the middle of the body",
    ),
    "garbage": ((b"\x00\xff hello world\r\n\r\n",), None, Reason.PROTOCOL, "not HTTP/1"),
    "HTTP/0.9": ((b"<html>Tomatoes</html>",), None, Reason.PROTOCOL, "not HTTP/1"),
    "HTTP/2": ((b"HTTP/2 200 OK\r\n\r\n",), None, Reason.PROTOCOL, "not HTTP/1"),
    "no header": ((OK + b"what is this\r\n\r\n",), None, Reason.PROTOCOL, "malformed"),
    "two lengths": (
        (OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",),
        None,
        Reason.PROTOCOL,
        "malformed",
    ),
    "header line without an end": (
        (OK + b"X: " + b"y" * 100_000,),
        silence,
        Reason.PROTOCOL,
        "header line of more than 32,768 bytes",
    ),
    "headers without an end": (
        (OK + b"X: y\r\n" * 10_000,),
        silence,
        Reason.PROTOCOL,
        "too many headers",
    ),
    "bad chunk": ((CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",), silence, Reason.PROTOCOL, "malformed"),
    "not gzip": (
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\n", b"Tomatoes"),
        None,
        Reason.PROTOCOL,
        "content-encoding",
    ),
    "unknown encoding": (
        (OK + b"Content-Encoding: br\r\nContent-Length: 8\r\n\r\n", b"Tomatoes"),
        None,
        Reason.PROTOCOL,
        "content-encoding",
    ),
}


@pytest.mark.parametrize("case", ENDINGS.values(), ids=ENDINGS.keys())
async def test_an_answer_that_breaks_off_or_breaks_the_protocol(
    case: tuple[tuple[bytes, ...], Talk | None, Reason, str], serve: Serve, says: Says, look: Look
) -> None:
    parts, then, reason, words = case
    port = await serve(says(*parts, then=then))
    attempt = await look(f"http://user:hunter2@127.0.0.1:{port}/a?token=s3cret")
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is reason
    assert words in attempt.failure.detail
    assert len(attempt.failure.detail) <= DETAIL_LIMIT
    assert not any(word in attempt.failure.detail for word in ("hunter2", "s3cret", "Tomatoes"))
    assert attempt.judgements == ()
    assert attempt.duration < 4


async def test_a_bad_chunk_after_the_head_does_not_wait_for_the_deadline(
    serve: Serve, look: Look
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED + b"3\r\nabc\r\n")
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.write(b"zz\r\n")
        await reader.read()

    attempt = await look(f"http://127.0.0.1:{await serve(talk)}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.PROTOCOL
    assert attempt.facts["status_code"] == 200
    assert attempt.duration < 4


LATE: dict[str, tuple[tuple[bytes, ...], Talk, str]] = {
    "silent": ((), silence, "waiting for the answer of 127.0.0.1:"),
    "only informs": ((b"HTTP/1.1 100 Continue\r\n\r\n" * 3,), silence, "waiting for the answer"),
    "a slow head": ((OK + b"X: ",), drip, "waiting for the answer of"),
    "a slow body": ((OK + b"Content-Length: 1000000\r\n\r\n",), drip, "reading the body from"),
    "a body without an end": ((OK + b"\r\n",), silence, "reading the body from"),
}


@pytest.mark.parametrize("case", LATE.values(), ids=LATE.keys())
async def test_the_deadline_is_over_everything(
    case: tuple[tuple[bytes, ...], Talk, str], serve: Serve, says: Says, look: Look
) -> None:
    parts, then, words = case
    port = await serve(says(*parts, then=then))
    watch = Stopwatch()
    attempt = await look(f"http://127.0.0.1:{port}/", 0.3)
    assert watch.all() >= 0.3
    assert watch.own() < 0.3 + GRACE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.detail.startswith("deadline of 300ms passed while ")
    assert words in attempt.failure.detail
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


async def test_the_deadline_passes_while_connecting(look: Look) -> None:
    with socket.socket() as listener:
        # A full queue: the kernel answers no further connection.
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            with suppress(BlockingIOError):
                each.connect(("127.0.0.1", port))
        attempt = await look(f"http://127.0.0.1:{port}/", 0.2)
        for each in waiting:
            each.close()
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert f"connecting to 127.0.0.1:{port}" in attempt.failure.detail
    assert set(attempt.phases) == {"connect"}


async def test_no_time_left_at_all(serve: Serve, says: Says, look: Look) -> None:
    port = await serve(says(OK + b"\r\n"))
    attempt = await look(f"http://127.0.0.1:{port}/", 0.0)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT


async def test_nobody_listens(look: Look) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    attempt = await look(f"http://127.0.0.1:{port}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == f"connection to 127.0.0.1:{port} refused"
    assert attempt.facts == {}


@pytest.mark.parametrize("host", ["shop.invalid", f"{'a' * 64}.invalid"])
async def test_a_name_that_is_not_there(host: str, look: Look) -> None:
    attempt = await look(f"http://{host}/")
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.DNS
    assert host in attempt.failure.detail
    assert "resolve" in attempt.phases


async def test_an_endless_body_is_read_to_the_limit_and_no_further(
    serve: Serve, says: Says, look: Look
) -> None:
    port = await serve(says(OK + b"\r\n", then=flood))
    attempt = await look(f"http://127.0.0.1:{port}/")
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.facts["body_bytes"] == 1024 * 1024


async def test_a_gzip_bomb_is_unpacked_to_the_limit_and_no_further(
    serve: Serve, says: Says, look: Look
) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    head = OK + f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    port = await serve(says(head + bomb, then=silence))
    attempt = await look(f"http://127.0.0.1:{port}/", body_limit="64KiB")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TOO_LARGE
    assert attempt.facts["body_bytes"] == 64 * 1024
    assert attempt.facts["content_length"] == len(bomb)


async def test_an_empty_200(serve: Serve, says: Says, look: Look) -> None:
    port = await serve(says(OK + b"Content-Length: 0\r\n\r\n"))
    attempt = await look(f"http://127.0.0.1:{port}/", expect={"json": {"$.status": "ok"}})
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.JSON
    assert attempt.failure.detail == 'expected $.status to be "ok", found an empty body'


async def test_a_request_is_sent_once(serve: Serve, look: Look) -> None:
    connections = itertools.count()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        next(connections)
        await reader.readuntil(b"\r\n\r\n")

    attempt = await look(f"http://127.0.0.1:{await serve(talk)}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert next(connections) == 1


async def test_a_peer_that_takes_nothing_in_leaves_nothing_behind(serve: Serve, look: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # it can read, too
        await asyncio.Event().wait()

    url = f"http://127.0.0.1:{await serve(talk)}/"
    files = open_files()
    attempt = await look(url, 0.2, method="POST", body="x" * 20_000_000)
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    async with asyncio.timeout(30):
        while open_files() > files + 1:  # The server's own end stays.
            await asyncio.sleep(0.01)
