"""What probes share: it serves many at once, leaves nothing open, and is nobody else's."""

import asyncio
import os
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Any, Protocol

import pytest
from aiohttp import web

from evidenced.config.kinds.http import HttpSettings, TlsSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.http import probe
from evidenced.probes.resources import Resources
from stopwatch import Stopwatch

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
Site = Callable[..., Awaitable[str]]


class Lag(Protocol):
    longest: float
    beats: int


MeasuredLag = Callable[[], AbstractAsyncContextManager[Lag]]


class Authority(Protocol):
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


class Counted:
    """A site's handler that counts the connections it is asked on."""

    def __init__(self) -> None:
        self.ports: set[int] = set()

    async def handle(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        self.ports.add(request.transport.get_extra_info("peername")[1])
        return web.Response(text="hello")


@pytest.mark.parametrize(("reuse", "connections"), [(False, 3), (True, 1)])
async def test_connections_are_fresh_unless_they_are_to_be_kept(
    reuse: bool, connections: int, site: Site, look: Look
) -> None:
    counted = Counted()
    base = await site({"/": counted.handle})
    attempts = [await look(f"{base}/", reuse_connection=reuse) for _ in range(3)]
    assert {each.outcome for each in attempts} == {Outcome.SUCCESS}
    assert len(counted.ports) == connections
    assert attempts[-1].facts["address"] == "127.0.0.1"
    assert sum(attempts[-1].phases.values()) == pytest.approx(attempts[-1].duration, abs=0.005)


async def test_a_kept_connection_still_shows_its_certificate(
    site: Site, look: Look, authority: Authority
) -> None:
    counted = Counted()
    base = await site({"/": counted.handle}, authority.context("127.0.0.1"))
    tls = {"ca_file": authority.file}
    attempts = [await look(f"{base}/", reuse_connection=True, tls=tls) for _ in range(2)]
    assert len(counted.ports) == 1
    assert attempts[0].facts["cert_expiry"] == attempts[1].facts["cert_expiry"]
    assert "tls" in attempts[0].phases
    assert "tls" not in attempts[1].phases


@pytest.mark.parametrize(("method", "again"), [("GET", True), ("POST", False)])
async def test_a_kept_connection_that_was_closed_meanwhile(
    method: str, again: bool, serve: Serve, look: Look
) -> None:
    closing = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        if not closing.is_set():
            # Closes only when it has heard a further request, as a server does that gave it up.
            await reader.read(1)

    port = await serve(talk)
    url = f"http://127.0.0.1:{port}/"
    assert (await look(url, reuse_connection=True, method=method)).outcome is Outcome.SUCCESS
    closing.set()
    attempt = await look(url, reuse_connection=True, method=method)
    assert (attempt.outcome is Outcome.SUCCESS) is again


@pytest.mark.parametrize("reuse", [False, True], ids=["fresh", "kept"])
async def test_closing_leaves_nothing_open(
    reuse: bool, site: Site, serve: Serve, authority: Authority
) -> None:
    gone = [asyncio.Event() for _ in range(2)]
    waiting = iter(gone)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = next(waiting)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await reader.read()
        mine.set()

    addresses = [
        f"http://127.0.0.1:{await serve(talk)}/",
        f"https://127.0.0.1:{await serve(talk, authority.context('127.0.0.1'))}/",
    ]
    files = open_files()
    async with Resources() as resources:
        for url in addresses:
            settings = HttpSettings.model_validate(
                {"url": url, "reuse_connection": reuse, "tls": {"ca_file": authority.file}}
            )
            attempt = await probe(settings, 5, resources)
            assert attempt.outcome is Outcome.SUCCESS, attempt.failure
        watch = Stopwatch()
    assert watch.own() < 1
    for each in gone:
        await asyncio.wait_for(each.wait(), 30)
    async with asyncio.timeout(30):
        while open_files() > files:
            await asyncio.sleep(0.01)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [each for each in others if "aiohttp" in repr(each) or "evidenced" in repr(each)]


async def test_closing_drops_a_peer_that_does_not_take_part_in_it(
    serve: Serve, authority: Authority
) -> None:
    context = authority.context("127.0.0.1")

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(received, to_send, server_side=True)
        heard = b""
        while b"\r\n\r\n" not in heard:
            received.write(await reader.read(65536))
            with suppress(ssl.SSLWantReadError):
                tls.do_handshake()
                heard += tls.read(65536)
            writer.write(to_send.read())
        tls.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.write(to_send.read())
        await asyncio.Event().wait()

    port = await serve(deaf)
    settings = HttpSettings.model_validate(
        {
            "url": f"https://127.0.0.1:{port}/",
            "reuse_connection": True,
            "tls": {"ca_file": authority.file},
        }
    )
    files = open_files()
    async with Resources() as resources:
        attempt = await probe(settings, 5, resources)
        assert attempt.outcome is Outcome.SUCCESS, attempt.failure
        watch = Stopwatch()
    assert watch.own() < 0.3
    async with asyncio.timeout(30):
        while open_files() > files + 1:  # The server's own end stays.
            await asyncio.sleep(0.01)


async def test_closing_does_not_wait_for_a_resolver_that_hangs() -> None:
    release = threading.Event()

    def hang(*args: object, **kwargs: object) -> list[Any]:
        release.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "late")

    try:
        async with Resources(hang) as resources:
            attempt = await probe(HttpSettings(url="http://shop.example/"), 0.2, resources)
            assert attempt.failure is not None
            assert attempt.failure.reason is Reason.TIMEOUT
            assert attempt.failure.detail == (
                "deadline of 200ms passed while resolving shop.example"
            )
            watch = Stopwatch()
        assert watch.own() < 1
    finally:
        release.set()


async def test_each_attempt_resolves_the_name(site: Site) -> None:
    port = (await site({"/": hello})).rpartition(":")[2]
    asked: list[str] = []

    def lookup(host: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  getaddrinfo's own
        asked.append(host)
        return socket.getaddrinfo("127.0.0.1", *args, **kwargs)

    async with Resources(lookup) as resources:
        for _ in range(2):
            settings = HttpSettings(url=f"http://shop.example:{port}/")
            assert (await probe(settings, 5, resources)).outcome is Outcome.SUCCESS
    assert asked == ["shop.example"] * 2


async def test_many_at_once_on_a_slow_site_leave_the_loop_free(
    site: Site, look: Look, measured_lag: MeasuredLag
) -> None:
    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response()

    base = await site({"/": slow})
    async with measured_lag() as lag:
        began = time.monotonic()
        attempts = await asyncio.gather(*(look(f"{base}/") for _ in range(200)))
        took = time.monotonic() - began
    assert {each.outcome for each in attempts} == {Outcome.SUCCESS}
    # One after the other they would take 100 s.
    assert took < 30
    assert lag.longest < 5
    assert lag.beats > 20


async def test_many_at_once_on_a_slow_resolver_leave_the_loop_and_other_names_free(
    site: Site, measured_lag: MeasuredLag
) -> None:
    base = await site({"/": hello})
    port = base.rpartition(":")[2]
    release = threading.Event()
    asked: list[str] = []

    def lookup(host: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  getaddrinfo's own
        asked.append(host)
        if host.startswith("slow"):
            release.wait(30)
        return socket.getaddrinfo("127.0.0.1", *args, **kwargs)

    async with Resources(lookup) as resources, measured_lag() as lag:

        async def take(host: str) -> Attempt:
            return await probe(HttpSettings(url=f"http://{host}:{port}/"), 10, resources)

        slow = [asyncio.create_task(take(f"slow{n % 100}.example")) for n in range(200)]
        while len(asked) < 100:
            await asyncio.sleep(0.01)
        quick = await take("quick.example")
        assert quick.outcome is Outcome.SUCCESS
        assert quick.duration < 5
        assert not any(each.done() for each in slow)
        release.set()
        assert {each.outcome for each in await asyncio.gather(*slow)} == {Outcome.SUCCESS}
        assert sorted(asked) == sorted({*asked}), "probes that ask for a name share its lookup"
    assert lag.longest < 5


async def test_a_context_is_built_once_and_off_the_loop(
    resources: Resources, authority: Authority
) -> None:
    tls = TlsSettings(ca_file=authority.file)
    first, second = await asyncio.gather(resources.trust(tls), resources.trust(tls))
    named = await resources.trust(TlsSettings(ca_file=authority.file, server_name="shop"))
    assert first is second is named
    assert first is not await resources.trust(TlsSettings())
    assert first is not await resources.trust(TlsSettings(ca_file=authority.file, verify=False))


async def test_a_failure_to_read_authorities_is_not_remembered(
    resources: Resources, authority: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    shutil.copy(authority.file, file)
    tls = TlsSettings(ca_file=str(file))
    file.write_text("nothing")
    with pytest.raises(Exception, match="cannot read the authorities"):
        await resources.trust(tls)
    shutil.copy(authority.file, file)
    assert isinstance(await resources.trust(tls), ssl.SSLContext)


async def test_authorities_are_read_again_after_a_while(
    resources: Resources, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = TlsSettings(ca_file=authority.file)
    first = await resources.trust(tls)
    monkeypatch.setattr("evidenced.probes.resources._TRUSTED", 0.0)
    assert first is not await resources.trust(tls)


async def test_authorities_that_take_too_long_are_no_fault_of_the_target(
    resources: Resources, authority: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    shutil.copy(authority.file, file)
    settings = HttpSettings.model_validate(
        {"url": "https://127.0.0.1:9/", "tls": {"ca_file": str(file)}}
    )
    file.unlink()
    os.mkfifo(file)
    attempt = await probe(settings, 0.2, resources)
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure is not None
    assert attempt.failure.detail == "the authorities to trust were not read within 200ms"
    file.write_text("")


async def test_two_can_live_in_one_process(site: Site) -> None:
    counted = Counted()
    settings = HttpSettings(url=f"{await site({'/': counted.handle})}/", reuse_connection=True)
    async with Resources() as one:
        async with Resources() as other:
            assert (await probe(settings, 5, other)).outcome is Outcome.SUCCESS
        assert (await probe(settings, 5, one)).outcome is Outcome.SUCCESS
    assert len(counted.ports) == 2
