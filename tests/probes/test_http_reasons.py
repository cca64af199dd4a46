"""The reason of each failure that a peer can bring about: one row for each, in one place."""

import asyncio
import gzip
import socket
import struct
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.http import probe
from evidenced.probes.resources import Resources

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Says = Callable[..., Talk]
Serve = Callable[..., Awaitable[int]]
Look = Callable[..., Awaitable[Attempt]]

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


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


def one_site(*parts: bytes, then: Talk | None = None, hear: bytes = b"\r\n\r\n") -> Talk:
    """A server that hears a request out, says this, and goes on as it is told."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(hear)
        for part in parts:
            writer.write(part)
            await writer.drain()
        if then is not None:
            await then(reader, writer)

    return talk


def fails(code: int) -> Callable[..., list[Any]]:
    """A resolver that fails as the system's does with this code."""

    def look_up(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(code, "")

    return look_up


def hangs(over: threading.Event) -> Callable[..., list[Any]]:
    """A resolver that does not answer before a test is over."""

    def look_up(*_: object, **__: object) -> list[Any]:
        over.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "")

    return look_up


ALERT = bytes.fromhex("15030300020228")
"""A fatal TLS alert: handshake_failure (RFC 8446, 6)."""

BOMB = gzip.compress(bytes(20_000_000))

REASONS: dict[str, tuple[Talk, dict[str, Any], Reason, str]] = {
    "TLS alert": (one_site(ALERT, hear=b"\x01"), {"scheme": "https"}, Reason.TLS, "alert"),
    "reset mid-body": (
        # More than the buffers on the way take, so that the head was read when the reset comes.
        one_site(OK + b"Content-Length: 30000000\r\n\r\n", b"x" * 20_000_000, then=reset),
        {"body_limit": "100MiB"},
        Reason.CONNECT,
        "in the middle of the body",
    ),
    "slow drip": (
        one_site(OK + b"Content-Length: 1000000\r\n\r\n", then=drip),
        {"timeout": 0.3},
        Reason.TIMEOUT,
        "deadline of 300ms passed while reading the body",
    ),
    "endless body": (
        one_site(OK + b"\r\n", then=flood),
        {"body_limit": "64KiB"},
        Reason.TOO_LARGE,
        "expected at most 65,536 bytes of body, found more",
    ),
    "gzip bomb": (
        one_site(OK + b"Content-Encoding: gzip\r\n\r\n" + BOMB, then=silence),
        {"body_limit": "64KiB"},
        Reason.TOO_LARGE,
        "expected at most 65,536 bytes of body, found more",
    ),
    "redirect loop": (
        one_site(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
        {},
        Reason.REDIRECT,
        "redirects in a loop",
    ),
    "header flood": (
        one_site(OK + b"X: y\r\n" * 10_000, then=silence),
        {},
        Reason.PROTOCOL,
        "too many headers",
    ),
    "HTTP/0.9": (one_site(b"<html>Tomatoes</html>"), {}, Reason.PROTOCOL, "not HTTP/1"),
    "200 with an empty body": (
        one_site(OK + b"Content-Length: 0\r\n\r\n"),
        {"expect": {"body": {"size": {"min": 1}}}},
        Reason.BODY,
        "expected a body of at least 1 bytes, found 0 bytes",
    ),
}


@pytest.mark.parametrize("case", REASONS.values(), ids=REASONS.keys())
async def test_the_reason_is_right(
    case: tuple[Talk, dict[str, Any], Reason, str], serve: Serve, look: Look
) -> None:
    talk, settings, reason, words = case
    given = {"scheme": "http", "timeout": 30.0, **settings}
    url = f"{given.pop('scheme')}://127.0.0.1:{await serve(talk)}/"
    attempt = await look(url, given.pop("timeout"), **given)
    assert attempt.failure is not None
    assert (attempt.outcome, attempt.failure.reason) == (Outcome.FAILURE, reason)
    assert words in attempt.failure.detail
    assert "Tomatoes" not in attempt.failure.detail
    assert attempt.duration < 2
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (socket.EAI_NONAME, "shop.example not found"),
        (socket.EAI_NODATA, "shop.example has no address"),
        (socket.EAI_AGAIN, "no answer from the name servers"),
        (socket.EAI_FAIL, "the name servers failed"),
    ],
    ids=["not found", "no address", "resolver dead", "resolver failed"],
)
async def test_the_reason_is_right_of_a_name_that_does_not_resolve(code: int, words: str) -> None:
    async with Resources(fails(code)) as resources:
        for each in (False, True):
            settings = {"url": "http://shop.example/", "every_address": each}
            attempt = await probe(HttpSettings.model_validate(settings), 5.0, resources)
            assert attempt.failure is not None
            assert (attempt.outcome, attempt.failure.reason) == (Outcome.FAILURE, Reason.DNS)
            assert words in attempt.failure.detail


async def test_a_resolver_that_hangs_is_a_timeout_in_the_resolution() -> None:
    over = threading.Event()
    async with Resources(hangs(over)) as resources:
        for each in (False, True):
            settings = {"url": "http://shop.example/", "every_address": each}
            attempt = await probe(HttpSettings.model_validate(settings), 0.2, resources)
            assert attempt.failure is not None
            assert attempt.failure.reason is Reason.TIMEOUT
            assert attempt.failure.detail.endswith("while resolving shop.example")
    over.set()
