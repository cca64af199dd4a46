"""TLS: handshakes that succeed, that fail, and what is seen of certificates either way."""

import asyncio
import shutil
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest
import uvloop
from aiohttp import web

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.http import probe
from evidenced.probes.resources import Resources
from stopwatch import Stopwatch

Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
Site = Callable[..., Awaitable[str]]


class Authority(Protocol):
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext: ...


async def hello(request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_a_trusted_certificate(site: Site, look: Look, authority: Authority) -> None:
    base = await site({"/": hello}, authority.context("localhost"))
    port = base.rpartition(":")[2]
    attempt = await look(f"https://localhost:{port}/", tls={"ca_file": authority.file})
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert attempt.facts["ssl"] is True
    assert float(attempt.facts["cert_expiry"]) > time.time()
    assert set(attempt.phases) == {"resolve", "connect", "tls", "processing", "transfer"}
    assert attempt.phases["tls"] > 0
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "has expired on "),
        ("wrong name", "is for another name"),
        ("wrong address", "is for another address"),
        ("self-signed", "is self-signed"),
        ("unknown", "is issued by an unknown authority"),
    ],
)
async def test_a_certificate_that_is_not_trusted(
    certificate: str,
    words: str,
    site: Site,
    look: Look,
    authority: Authority,
    self_signed: ssl.SSLContext,
) -> None:
    contexts = {
        "expired": lambda: authority.context("127.0.0.1", expired=True),
        "wrong name": lambda: authority.context("elsewhere.example"),
        "wrong address": lambda: authority.context("127.0.0.2"),
        "self-signed": lambda: self_signed,
        "unknown": lambda: authority.context("127.0.0.1"),
    }
    base = await site({"/": hello}, contexts[certificate]())
    if certificate == "wrong name":
        base = base.replace("127.0.0.1", "localhost")
    tls = {} if certificate in {"unknown", "self-signed"} else {"ca_file": authority.file}
    attempt = await look(f"{base}/", tls=tls)
    assert attempt.outcome is Outcome.FAILURE
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CERTIFICATE
    assert attempt.failure.detail.startswith(f"certificate of {base.removeprefix('https://')} ")
    assert words in attempt.failure.detail
    expiry = float(attempt.facts["cert_expiry"])
    assert (expiry < time.time()) is (certificate == "expired")
    assert (await look(f"{base}/", tls={"verify": False})).outcome is Outcome.SUCCESS


async def test_without_verification_the_expiry_is_still_seen(
    site: Site, look: Look, authority: Authority
) -> None:
    base = await site({"/": hello}, authority.context("127.0.0.1", expired=True))
    attempt = await look(f"{base}/", tls={"verify": False})
    assert attempt.outcome is Outcome.SUCCESS
    assert float(attempt.facts["cert_expiry"]) < time.time()


async def test_the_server_name_is_asked_for_and_verified(
    site: Site, look: Look, authority: Authority
) -> None:
    asked: list[str] = []
    context = authority.context("shop.example")
    context.sni_callback = lambda _, name, __: asked.append(name)
    base = await site({"/": hello}, context)
    tls = {"ca_file": authority.file, "server_name": "shop.example"}
    assert (await look(f"{base}/", tls=tls)).outcome is Outcome.SUCCESS
    assert asked == ["shop.example"]


def demanding(context: ssl.SSLContext) -> Callable[..., Awaitable[None]]:
    """A server's side of a handshake that sends the alert it ends with, and waits to be heard.

    asyncio's own servers drop the connection before their alert has gone out.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(received, to_send, server_side=True)
        refused = False
        while data := await reader.read(65536):
            received.write(data)
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                refused = True
            writer.write(to_send.read())
            if refused:
                writer.write_eof()
                await reader.read()

    return talk


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_an_alert_of_the_server(
    version: ssl.TLSVersion, serve: Serve, look: Look, authority: Authority
) -> None:
    context = authority.context("127.0.0.1")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.file)
    context.minimum_version = context.maximum_version = version
    port = await serve(demanding(context))
    attempt = await look(f"https://127.0.0.1:{port}/", tls={"ca_file": authority.file})
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TLS
    assert attempt.failure.detail.startswith(f"no TLS with 127.0.0.1:{port}: ")
    assert "alert" in attempt.failure.detail


async def test_a_server_that_does_not_speak_tls(serve: Serve, look: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    port = await serve(talk)
    attempt = await look(f"https://127.0.0.1:{port}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TLS
    assert attempt.failure.detail == (
        f"no TLS with 127.0.0.1:{port}: what answers does not speak TLS"
    )


async def test_a_connection_closed_in_the_handshake(serve: Serve, look: Look) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    attempt = await look(f"https://127.0.0.1:{await serve(talk)}/")
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail.endswith("closed in the TLS handshake")


async def test_the_deadline_passes_in_the_handshake(serve: Serve, look: Look) -> None:
    watch = Stopwatch()
    port = await serve(silence)
    attempt = await look(f"https://127.0.0.1:{port}/", 0.4, tls={"verify": False})
    assert watch.own() < 0.4 + 0.5
    assert attempt.failure is not None
    assert attempt.failure.reason is Reason.TIMEOUT
    assert f"in the TLS handshake with 127.0.0.1:{port}" in attempt.failure.detail
    assert attempt.phases["tls"] > 0.1


async def test_a_redirect_to_tls_sums_its_phases(
    site: Site, look: Look, authority: Authority
) -> None:
    secure = await site({"/": hello}, authority.context("127.0.0.1"))

    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": f"{secure}/"})

    base = await site({"/": redirect})
    attempt = await look(f"{base}/", tls={"ca_file": authority.file})
    assert attempt.outcome is Outcome.SUCCESS, attempt.failure
    assert (attempt.facts["ssl"], attempt.facts["redirects"]) == (True, 1)
    assert {"connect", "tls"} < set(attempt.phases)
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file or directory"), ("no certificate", "not PEM")],
    ids=["missing", "not PEM"],
)
async def test_authorities_that_cannot_be_read_are_our_own_fault(
    content: str | None,
    words: str,
    resources: Resources,
    authority: Authority,
    tmp_path: Path,
) -> None:
    file = tmp_path / "ca.pem"
    shutil.copy(authority.file, file)
    settings = HttpSettings.model_validate(
        {"url": "https://127.0.0.1:9/", "tls": {"ca_file": str(file)}}
    )
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    attempt = await probe(settings, 5, resources)
    assert attempt.outcome is Outcome.UNKNOWN
    assert attempt.failure is not None
    assert attempt.failure.detail == f"cannot read the authorities in {file}: {words}"


def test_the_same_under_uvloop(authority: Authority) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async def run() -> list[Attempt]:
        attempts = []
        for expired in (False, True):
            context = authority.context("localhost", expired=expired)
            server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
            port = server.sockets[0].getsockname()[1]
            settings = HttpSettings.model_validate(
                {"url": f"https://localhost:{port}/", "tls": {"ca_file": authority.file}}
            )
            async with Resources() as resources:
                attempts.append(await probe(settings, 5, resources))
            server.close()
            await server.wait_closed()
        return attempts

    good, bad = uvloop.run(run())
    assert good.outcome is Outcome.SUCCESS, good.failure
    assert set(good.phases) == {"resolve", "connect", "tls", "processing", "transfer"}
    assert sum(good.phases.values()) == pytest.approx(good.duration, abs=0.005)
    assert bad.failure is not None
    assert bad.failure.reason is Reason.CERTIFICATE
    assert float(bad.facts["cert_expiry"]) < time.time()
