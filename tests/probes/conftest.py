"""Real servers on loopback for the probes to look at: well-behaved, hostile, and with TLS."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from evidenced.config.check import CheckSettings
from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.attempt import Attempt
from evidenced.probes.http import probe
from evidenced.probes.registry import KINDS
from evidenced.probes.resources import Resources

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Look = Callable[..., Awaitable[Attempt]]
Serve = Callable[..., Awaitable[int]]
Site = Callable[..., Awaitable[str]]


@pytest.fixture
async def resources() -> AsyncIterator[Resources]:
    async with Resources() as shared:
        yield shared


@pytest.fixture
def look(resources: Resources) -> Look:
    """Take one look: `look(url, timeout, **settings)`, the settings as in the configuration."""

    async def take(url: str, timeout: float = 30.0, /, **settings: object) -> Attempt:
        return await probe(
            HttpSettings.model_validate({"url": url, **settings}), timeout, resources
        )

    return take


@pytest.fixture
def look_at(resources: Resources) -> Look:
    """Take one look of any kind: `look_at(kind, timeout, **settings)`."""

    async def take(kind: str, timeout: float = 30.0, /, **settings: object) -> Attempt:
        check = CheckSettings.model_validate({"name": "it", kind: settings})
        return await KINDS[kind].probe(check.settings, timeout, resources)

    return take


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server that does what `talk` says with each connection; gives its port.

    With a path it is a Unix socket there.
    """
    servers: list[asyncio.Server] = []
    talking: set[asyncio.Task[Any]] = set()

    async def start(talk: Talk, tls: ssl.SSLContext | None = None, path: Path | None = None) -> int:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talking.add(task)
            try:
                with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                    await talk(reader, writer)
                writer.close()
            except asyncio.CancelledError:
                writer.transport.abort()
            finally:
                talking.discard(task)

        if path is not None:
            servers.append(await asyncio.start_unix_server(connected, path, ssl=tls))
            return 0
        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
        servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()
    for _ in range(5):  # A connection that was just taken gets a task of its own first.
        await asyncio.sleep(0)
    for task in tuple(talking):
        task.cancel()
    await asyncio.gather(*talking, return_exceptions=True)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """Start an ordinary site with handlers by path; gives its address without a slash."""
    runners: list[web.AppRunner] = []

    async def start(handlers: dict[str, Handler], tls: ssl.SSLContext | None = None) -> str:
        app = web.Application()
        for path, handler in handlers.items():
            app.router.add_route("*", path, handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        scheme = "https" if tls else "http"
        return f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture(scope="session")
def says() -> Callable[..., Talk]:
    """A conversation: hear the request out, say the parts one after the other, then go on."""

    def conversation(*parts: bytes, then: Talk | None = None) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            for part in parts:
                writer.write(part)
                await writer.drain()
            if then is not None:
                await then(reader, writer)

        return talk

    return conversation


@dataclass
class Authority:
    """An authority of our own, with the file that it is trusted by."""

    ca: trustme.CA
    file: str

    def context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """A server's context with a certificate for these names."""
        until = datetime.now(UTC) - timedelta(days=1) if expired else None
        certificate = self.ca.issue_cert(*names, not_after=until)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    ca = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.cert_pem.write_to_path(file)
    return Authority(ca, str(file))


@pytest.fixture(scope="session")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's context with a certificate that nobody has signed but its owner."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "alone")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("alone") / "alone.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@dataclass
class Lag:
    """How long the event loop kept others waiting."""

    longest: float = 0.0
    beats: int = 0


@pytest.fixture(scope="session")
def measured_lag() -> Callable[[], AbstractAsyncContextManager[Lag]]:
    """Measure the longest delay of a timer of ten milliseconds while a block runs."""

    @asynccontextmanager
    async def measure() -> AsyncIterator[Lag]:
        lag = Lag()

        async def beat() -> None:
            while True:
                due = time.monotonic() + 0.01
                await asyncio.sleep(0.01)
                lag.longest = max(lag.longest, time.monotonic() - due)
                lag.beats += 1

        beating = asyncio.create_task(beat())
        try:
            yield lag
        finally:
            beating.cancel()

    return measure
