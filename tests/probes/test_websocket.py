"""WebSockets: handshakes that succeed, that are refused or broken, and dialogues of messages."""

import asyncio
import base64
import hashlib
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from aiohttp import web

from evidenced.probes.attempt import Attempt, Outcome, Reason
from stopwatch import Stopwatch

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
Site = Callable[..., Awaitable[str]]
Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


class Authority(Protocol):
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


async def echo(request: web.Request) -> web.StreamResponse:
    """Greets with the header of the request, then says all back."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str("noise")
    await socket.send_str(f"hello {request.headers.get('X-Name', 'nobody')}")
    async for message in socket:
        if message.data == "bytes":
            await socket.send_bytes(b"\xff bytes")
        elif message.data == "close":
            break
        else:
            await socket.send_str(f"you said {message.data}")
    await socket.close()
    return socket


async def accept(reader: Reader, writer: Writer) -> None:
    """Do the server's side of the handshake."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    key = next(
        line.split(": ")[1] for line in head.splitlines() if line.startswith("Sec-WebSocket-Key")
    )
    guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    answer = base64.b64encode(hashlib.sha1((key + guid).encode()).digest()).decode()  # noqa: S324
    writer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {answer}\r\n\r\n".encode()
    )


async def test_a_handshake(site: Site, look_at: Look) -> None:
    base = (await site({"/ws": echo})).replace("http", "ws")
    attempt = await look_at("websocket", url=f"{base}/ws")
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts == {
        "status_code": 101,
        "upgraded": True,
        "ssl": False,
        "address": "127.0.0.1",
        "ip_protocol": 4,
    }
    assert [judgement.name for judgement in attempt.judgements] == ["status"]
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


async def test_a_dialogue(site: Site, look_at: Look) -> None:
    base = (await site({"/ws": echo})).replace("http", "ws")
    attempt = await look_at(
        "websocket",
        url=f"{base}/ws?token=swordfish",
        headers={"X-Name": "till 7"},
        dialogue=[
            {"expect": "hello till ([0-9])", "send": "number ${1}"},
            {"expect": "^you said number 7$", "send": "bytes"},
            {"expect": "bytes$"},
        ],
        expect={"latency": "4s"},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert [judgement.name for judgement in attempt.judgements] == [
        "status",
        "dialogue[0]",
        "dialogue[1]",
        "dialogue[2]",
        "latency",
    ]


async def test_a_dialogue_that_is_ended_without_a_match(site: Site, look_at: Look) -> None:
    base = (await site({"/ws": echo})).replace("http", "ws")
    attempt = await look_at(
        "websocket", url=f"{base}/ws", dialogue=[{"send": "close"}, {"expect": "^never$"}]
    )
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.BODY
    assert attempt.failure.expectation == "dialogue[1]"
    assert attempt.failure.detail == (
        'expected a message to match "^never$", found the end, after 2 others'
    )


async def test_credentials_in_the_address_are_sent(site: Site, look_at: Look) -> None:
    async def closed(request: web.Request) -> web.StreamResponse:
        wanted = f"Basic {base64.b64encode(b'ann:swordfish').decode()}"
        if request.headers.get("Authorization") != wanted:
            raise web.HTTPUnauthorized
        return await echo(request)

    base = (await site({"/ws": closed})).replace("http://", "ws://ann:swordfish@")
    attempt = await look_at("websocket", url=f"{base}/ws")
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure


@pytest.mark.parametrize("status", [200, 401, 404, 426, 503])
async def test_an_answer_that_is_no_handshake(status: int, site: Site, look_at: Look) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status)

    base = (await site({"/ws": answer})).replace("http", "ws")
    attempt = await look_at("websocket", url=f"{base}/ws")
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.STATUS
    assert attempt.failure.expectation == "status"
    assert attempt.failure.detail == f"expected status 101, found {status}"
    assert (attempt.facts["status_code"], attempt.facts["upgraded"]) == (status, False)


async def test_a_redirect_is_not_followed(site: Site, look_at: Look) -> None:
    asked: list[str] = []

    async def other(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return await echo(request)

    elsewhere = await site({"/ws": other})

    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"{elsewhere}/ws"})

    base = (await site({"/ws": redirect})).replace("http", "ws")
    attempt = await look_at("websocket", url=f"{base}/ws", headers={"X-Key": "swordfish"})
    assert attempt.failure is not None
    assert attempt.failure.detail == "expected status 101, found 307"
    assert attempt.facts["status_code"] == 307
    assert asked == []


async def test_a_handshake_with_a_wrong_key(serve: Serve, look_at: Look) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: d3Jvbmc=\r\n\r\n"
        )
        await reader.read()

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("websocket", url=f"ws://{address}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.PROTOCOL
    assert attempt.failure.detail == f"{address} answers 101 without a sound WebSocket handshake"


async def never(reader: Reader, writer: Writer) -> None:
    await reader.read()


async def mute(reader: Reader, writer: Writer) -> None:
    await accept(reader, writer)
    await reader.read()


async def drip(reader: Reader, writer: Writer) -> None:
    """Sends a frame of 100 bytes one by one, so that it is never whole in time."""
    await accept(reader, writer)
    writer.write(b"\x81\x64")
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("talk", "words"),
    [
        (never, "while waiting for the answer of"),
        (mute, 'while waiting for a message to match "hello", found 0 others'),
        (drip, 'while waiting for a message to match "hello", found 0 others'),
    ],
    ids=["no answer", "no message", "slow drip"],
)
async def test_every_reading_is_under_the_deadline(
    talk: Callable[..., Awaitable[None]], words: str, serve: Serve, look_at: Look
) -> None:
    url = f"ws://127.0.0.1:{await serve(talk)}/"
    watch = Stopwatch()
    attempt = await look_at("websocket", 0.3, url=url, dialogue=[{"expect": "hello"}])
    assert watch.all() >= 0.3
    assert watch.own() < 0.3 + 0.2
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.detail.startswith("deadline of 300ms passed ")
    assert words in attempt.failure.detail


async def test_a_peer_that_never_answers_the_end_keeps_nobody(serve: Serve, look_at: Look) -> None:
    url = f"ws://127.0.0.1:{await serve(mute)}/"
    for timeout in (5.0, 0.4):
        watch = Stopwatch()
        attempt = await look_at("websocket", timeout, url=url)
        assert watch.own() < min(timeout, 0.5) + 0.1
        assert attempt.outcome is Outcome.SUCCESS, attempt.failure
        assert attempt.duration < 0.35


@pytest.mark.parametrize(
    ("frames", "reason", "words"),
    [
        (b"", Reason.CONNECT, "closed in the middle of the dialogue"),
        (b"\xff\xff", Reason.PROTOCOL, "sends what is no WebSocket message"),
        (
            b"\x81\x7f" + (1 << 30).to_bytes(8, "big"),
            Reason.TOO_LARGE,
            "sends a message of more than 1024 KiB",
        ),
        (
            (b"\x81\x7e\xff\xff" + b"x" * 65535) * 20,
            Reason.TOO_LARGE,
            "sends more than 1024 KiB",
        ),
    ],
    ids=["closed", "garbage", "large message", "many messages"],
)
async def test_a_dialogue_that_breaks(
    frames: bytes, reason: Reason, words: str, serve: Serve, look_at: Look
) -> None:
    async def talk(reader: Reader, writer: Writer) -> None:
        await accept(reader, writer)
        writer.write(frames)
        if not frames:
            return
        await reader.read()

    address = f"127.0.0.1:{await serve(talk)}"
    attempt = await look_at("websocket", url=f"ws://{address}/", dialogue=[{"expect": "^hello"}])
    assert attempt.failure is not None
    assert attempt.failure.reason is reason
    assert attempt.failure.detail.endswith(words)
    assert address in attempt.failure.detail


async def test_a_port_that_is_refused(serve: Serve, look_at: Look) -> None:
    attempt = await look_at("websocket", url="ws://127.0.0.1:1/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == "connection to 127.0.0.1:1 refused"


async def test_tls(site: Site, look_at: Look, authority: Authority) -> None:
    base = await site({"/ws": echo}, authority.context("127.0.0.1"))
    url = f"{base.replace('http', 'ws')}/ws"
    attempt = await look_at(
        "websocket",
        url=url,
        tls={"ca_file": authority.file},
        dialogue=[{"expect": "hello"}],
        expect={"certificate": {"valid_for": "1d"}},
    )
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert (attempt.facts["ssl"], attempt.facts["tls_version"]) == (True, "TLS 1.3")
    assert set(attempt.phases) == {"connect", "tls", "processing"}


async def test_an_expired_certificate(site: Site, look_at: Look, authority: Authority) -> None:
    base = await site({"/ws": echo}, authority.context("127.0.0.1", expired=True))
    attempt = await look_at(
        "websocket",
        url=f"{base.replace('http', 'ws')}/ws",
        tls={"ca_file": authority.file},
        expect={"certificate": {"valid_for": "1d"}},
    )
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CERTIFICATE
    assert "has expired on" in attempt.failure.detail
    assert float(attempt.facts["cert_expiry"]) < time.time()
    assert [judgement.met for judgement in attempt.judgements] == [False]
