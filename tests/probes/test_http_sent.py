"""What a probe sends, to the byte."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from evidenced import __version__
from evidenced.probes.attempt import Attempt, Outcome

Look = Callable[..., Awaitable[Attempt]]
Site = Callable[..., Awaitable[str]]
Serve = Callable[..., Awaitable[int]]


class Listener:
    """A server that keeps what it hears, to the byte, and says that all is well."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"\r\nContent-Length: (\d+)\r\n", head)
        self.heard.append(head + await reader.readexactly(int(length[1]) if length else 0))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def test_what_is_sent_by_default(serve: Serve, look: Look) -> None:
    listener = Listener()
    port = await serve(listener.talk)
    await look(f"http://127.0.0.1:{port}/")
    assert listener.heard[0].decode().splitlines() == [
        "GET / HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"User-Agent: evidenced/{__version__}",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate, br",
        "Connection: close",
        "",
    ]


async def test_headers_and_body_arrive_unchanged(serve: Serve, look: Look) -> None:
    listener = Listener()
    await look(
        f"http://127.0.0.1:{await serve(listener.talk)}/",
        method="POST",
        body='{"ö": 1}',
        headers={"X-oDD-case": "a  b;c=d", "user-agent": "me", "host": "shop.example"},
    )
    head, _, body = listener.heard[0].decode().partition("\r\n\r\n")
    assert head.splitlines() == [
        "POST / HTTP/1.1",
        "host: shop.example",
        "X-oDD-case: a  b;c=d",
        "user-agent: me",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate, br",
        "Content-Length: 9",
        "Connection: close",
    ]
    assert body == '{"ö": 1}'


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/a%7eb/%2F/x", "/a%7eb/%2F/x"),
        ("/a/../b", "/a/../b"),
        ("/a?x=%41+b&y=[1]", "/a?x=%41+b&y=[1]"),
        ("/αγορά?q=ν%", "/%CE%B1%CE%B3%CE%BF%CF%81%CE%AC?q=%CE%BD%"),
        ("/#top", "/"),
        ("", "/"),
        ("?x", "/?x"),
    ],
    ids=str,
)
async def test_the_target_is_sent_as_it_is_written(
    written: str, sent: str, serve: Serve, look: Look
) -> None:
    listener = Listener()
    await look(f"http://127.0.0.1:{await serve(listener.talk)}{written}")
    assert listener.heard[0].decode().startswith(f"GET {sent} HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("user", "settings", "expected"),
    [
        ("", {"auth": {"username": "ann", "password": "pä:ss"}}, "Basic YW5uOnDDpDpzcw=="),
        ("", {"auth": {"token": "t0ken"}}, "Bearer t0ken"),
        ("ann:p%40ss@", {}, "Basic YW5uOnBAc3M="),
        ("ann:p%40ss@", {"auth": {"token": "t0ken"}}, "Bearer t0ken"),
        ("", {"headers": {"authorization": "Own x"}}, "Own x"),
        ("ann:p%40ss@", {"headers": {"authorization": "Own x"}}, "Own x"),
    ],
    ids=["basic", "bearer", "address", "address and bearer", "header", "address and header"],
)
async def test_credentials_arrive(
    user: str, settings: dict[str, object], expected: str, site: Site, look: Look
) -> None:
    seen: list[str | None] = []

    async def guarded(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response()

    base = await site({"/": guarded})
    attempt = await look(f"{base.replace('://', f'://{user}')}/", **settings)
    assert attempt.outcome is Outcome.SUCCESS
    assert seen == [expected]
    assert attempt.facts["final_url"] == f"{base}/"
