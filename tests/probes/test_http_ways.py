"""Which way an http check goes: through proxies, to each address, by one version of IP."""

import asyncio
import base64
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import pytest
import trustme
from aiohttp import web

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.http import probe
from evidenced.probes.resources import Resources

Look = Callable[..., Awaitable[Attempt]]
Site = Callable[..., Awaitable[str]]
Serve = Callable[..., Awaitable[int]]


class Authority(Protocol):
    ca: trustme.CA
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


PAGE = "<html><h1> Organic\n  Tomatoes </h1><p class=card>a<p class=card>b</html>"


def reason(attempt: Attempt) -> Reason | None:
    return attempt.failure.reason if attempt.failure else None


def detail(attempt: Attempt) -> str:
    return attempt.failure.detail if attempt.failure else ""


async def page(request: web.Request) -> web.Response:
    return web.Response(text=PAGE, content_type="text/html", headers={"X-App": "shop"})


# Proxies


class Proxy:
    """A proxy of our own: it passes requests on, and tunnels."""

    def __init__(self, credentials: str = "", refusal: bytes = b"") -> None:
        self.asked: list[str] = []
        self._wanted = base64.b64encode(credentials.encode()).decode()
        self._refusal = refusal

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        self.asked.append(f"{method} {target}")
        if self._wanted and f"Proxy-Authorization: Basic {self._wanted}\r\n" not in head:
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
        elif self._refusal:
            writer.write(self._refusal)
        else:
            await self._pass_on(method, target, head, reader, writer)

    async def _pass_on(
        self,
        method: str,
        target: str,
        head: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        port = int(target.removeprefix("http://").partition("/")[0].rpartition(":")[2])
        there, back = await asyncio.open_connection("127.0.0.1", port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            back.write(re.sub(r"http://[^/]*", "", head, count=1).encode())

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()

        tasks = [asyncio.create_task(pump(reader, back)), asyncio.create_task(pump(there, writer))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            back.close()


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
async def test_a_proxy_is_gone_through(
    secure: bool, authority: Authority, site: Site, serve: Serve, look: Look
) -> None:
    base = await site({"/": page}, authority.context("127.0.0.1") if secure else None)
    proxy = Proxy("ann:hunter2")
    port = await serve(proxy.talk)
    attempt = await look(
        f"{base}/", proxy=f"http://ann:hunter2@127.0.0.1:{port}", tls={"ca_file": authority.file}
    )
    assert attempt.outcome is Outcome.SUCCESS, detail(attempt)
    host = base.partition("://")[2]
    assert proxy.asked == [f"CONNECT {host}" if secure else f"GET {base}/"]
    assert "address" not in attempt.facts
    assert attempt.facts["ssl"] is secure
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


@pytest.mark.parametrize(
    ("proxy", "outcome", "why", "words"),
    [
        (Proxy("ann:other"), Outcome.UNKNOWN, Reason.DEPENDENCY, "wants other credentials"),
        (
            Proxy(refusal=b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n"),
            Outcome.FAILURE,
            Reason.CONNECT,
            "answers 502 when asked for",
        ),
    ],
    ids=["credentials", "no way on"],
)
async def test_a_proxy_that_does_not_let_through(
    proxy: Proxy, outcome: Outcome, why: Reason, words: str, serve: Serve, look: Look
) -> None:
    port = await serve(proxy.talk)
    attempt = await look("https://127.0.0.1:9/", proxy=f"http://ann:hunter2@127.0.0.1:{port}")
    assert (attempt.outcome, reason(attempt)) == (outcome, why)
    assert words in detail(attempt)
    assert "hunter2" not in str(attempt)


async def test_a_proxy_that_is_not_there_is_no_fault_of_the_target(look: Look) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    attempt = await look("https://127.0.0.1:9/", proxy=f"http://ann:hunter2@127.0.0.1:{port}")
    assert (attempt.outcome, reason(attempt)) == (Outcome.UNKNOWN, Reason.DEPENDENCY)
    assert f"no connection to the proxy 127.0.0.1:{port}" in detail(attempt)


# Addresses


Lookup = Callable[..., Sequence[Any]]


def names(*addresses: str) -> Lookup:
    """A name server that knows these addresses for every name."""

    def look_up(host: str, port: int, family: int = 0, **_: object) -> Sequence[Any]:
        found = [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port))
            for each in addresses
        ]
        matching = [each for each in found if family in (0, each[0])]
        if not matching:
            raise socket.gaierror(socket.EAI_NODATA, "none")
        return matching

    return look_up


async def visit(url: str, lookup: Lookup, timeout: float = 30.0, **settings: object) -> Attempt:
    async with Resources(lookup) as resources:
        return await probe(
            HttpSettings.model_validate({"url": url, **settings}), timeout, resources
        )


async def test_every_address_is_looked_at_and_the_bad_one_named(site: Site) -> None:
    base = (await site({"/": page})).replace("127.0.0.1", "shop.example")
    good = await visit(f"{base}/", names("127.0.0.1"), every_address=True)
    assert good.outcome is Outcome.SUCCESS
    assert (good.facts["addresses"], good.facts["addresses_failed"]) == (1, 0)
    bad = await visit(f"{base}/", names("127.0.0.1", "127.0.0.2"), every_address=True)
    assert reason(bad) is Reason.CONNECT
    assert detail(bad).startswith("127.0.0.2: connection to shop.example:")
    assert (bad.facts["addresses"], bad.facts["addresses_failed"]) == (2, 1)
    assert sum(bad.phases.values()) == pytest.approx(bad.duration, abs=0.005)


async def test_every_address_must_meet_what_is_expected() -> None:
    async def by_address(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        status = b"200" if writer.get_extra_info("sockname")[0] == "127.0.0.1" else b"500"
        writer.write(b"HTTP/1.1 " + status + b" X\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(by_address, "0.0.0.0", 0)  # noqa: S104  loopback is many
    async with server:
        port = server.sockets[0].getsockname()[1]
        attempt = await visit(
            f"http://shop.example:{port}/",
            names("127.0.0.1", "127.0.0.3", "127.0.0.4"),
            every_address=True,
        )
    assert reason(attempt) is Reason.STATUS
    assert detail(attempt) == "127.0.0.3 and 1 more of 3: expected status 2xx, found 500"
    [judgement] = attempt.judgements
    assert (judgement.met, judgement.found) == (False, "500 at 127.0.0.3")


async def test_one_address_that_hangs_hides_no_other_and_keeps_to_the_deadline(site: Site) -> None:
    base = (await site({"/": page})).replace("127.0.0.1", "shop.example")
    with socket.socket() as full:
        full.bind(("127.0.0.5", int(base.rpartition(":")[2])))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        lookup = names("127.0.0.5", "127.0.0.1")
        attempt = await visit(f"{base}/", lookup, 0.4, every_address=True)
        for each in waiting:
            each.close()
    assert reason(attempt) is Reason.TIMEOUT
    assert detail(attempt).startswith("127.0.0.5: deadline of 400ms passed while connecting")
    assert 0.4 <= attempt.duration < 0.9
    assert [each.met for each in attempt.judgements] == [True]


@pytest.mark.parametrize(
    ("host", "ip", "why"),
    [("shop.example", 4, None), ("shop.example", 6, Reason.DNS), ("127.0.0.1", 6, Reason.DNS)],
    ids=str,
)
async def test_the_version_of_ip(host: str, ip: int, why: Reason | None, site: Site) -> None:
    base = (await site({"/": page})).replace("127.0.0.1", host)
    for each in (False, True):
        attempt = await visit(f"{base}/", names("127.0.0.1"), ip=ip, every_address=each)
        assert reason(attempt) is why, detail(attempt)
        assert attempt.facts.get("ip_protocol") == (None if why else 4)
