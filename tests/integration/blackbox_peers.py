"""Plain and hostile servers on loopback, for two programs to look at side by side."""

import asyncio
import gzip
import ssl
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import grpc
import trustme
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from integration.blackbox_names import Names, names

HELLO = b"hello from the bakery, 12 loaves\n"
LARGE = b"all work and no play " * 400
MODIFIED = "Wed, 21 Oct 2015 07:28:00 GMT"

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Talk = Callable[[Reader, Writer], Awaitable[None]]


def answer(
    status: str = "200 OK", body: bytes | None = HELLO, *headers: str, length: bool = True
) -> bytes:
    head = [f"HTTP/1.1 {status}", "Connection: close", *headers]
    if length and body is not None:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + (body or b"")


def chunked(*parts: bytes) -> bytes:
    body = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (*parts, b""))
    return answer("200 OK", None, "Transfer-Encoding: chunked") + body


def deflated(body: bytes) -> bytes:
    raw = zlib.compressobj(wbits=-15)
    return raw.compress(body) + raw.flush()


@dataclass(frozen=True)
class Request:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    async def read(cls, reader: Reader) -> "Request":
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return cls(method, path, headers, body)


FIXED = {
    "/ok": answer(),
    "/empty": answer(body=b""),
    "/large": answer(body=LARGE),
    "/204": answer("204 No Content", None),
    "/304": answer("304 Not Modified", None),
    "/299": answer("299 Fine"),
    "/300": answer("300 Choose"),
    "/404": answer("404 Not Found", b"not here\n"),
    "/500": answer("500 Oops", b"broken\n"),
    "/chunked": chunked(b"one, ", b"two, ", b"three"),
    "/unlimited": answer(length=False),
    "/short": answer("200 OK", None, "Content-Length: 500") + HELLO,
    "/http10": answer().replace(b"HTTP/1.1", b"HTTP/1.0"),
    "/modified": answer("200 OK", HELLO, f"Last-Modified: {MODIFIED}"),
    "/modified-badly": answer("200 OK", HELLO, "Last-Modified: yesterday"),
    "/headers": answer("200 OK", HELLO, "X-Tag: red", "X-Tag: blue", "X-Empty: "),
    "/gzip": answer("200 OK", gzip.compress(LARGE, mtime=0), "Content-Encoding: gzip"),
    "/two-gzips": answer("200 OK", gzip.compress(HELLO, mtime=0) * 2, "Content-Encoding: gzip"),
    "/cut-gzip": answer("200 OK", gzip.compress(LARGE, mtime=0)[:-20], "Content-Encoding: gzip"),
    "/deflate": answer("200 OK", deflated(LARGE), "Content-Encoding: deflate"),
    "/br": answer("200 OK", brotli.compress(LARGE), "Content-Encoding: br"),
    "/bomb": answer("200 OK", gzip.compress(b"\0" * 30_000_000, mtime=0), "Content-Encoding: gzip"),
    "/json": answer("200 OK", b'{"status": "ok"}', "Content-Type: application/json"),
    "/302": answer("302 Found", b"", "Location: /ok"),
    "/307": answer("307 Temporary Redirect", b"", "Location: /posted"),
    "/twice": answer("301 Moved", b"", "Location: /302"),
    "/loop": answer("302 Found", b"round and round", "Location: /loop"),
    "/nowhere": answer("302 Found", b""),
    "/to-ftp": answer("302 Found", b"", "Location: ftp://127.0.0.1/"),
    "/to-nobody": answer("302 Found", b"", "Location: http://127.0.0.1:1/"),
    "/set-cookie": answer("302 Found", b"", "Location: /need-cookie", "Set-Cookie: jar=full"),
    "/garbage": b"\x00\x01\x02 this is not HTTP\r\n\r\n",
    "/http09": HELLO,
    "/nothing": b"",
    "/bad-chunks": answer("200 OK", None, "Transfer-Encoding: chunked") + b"zzz\r\nhello\r\n",
    "/not-utf8": answer(body=b"caf\xe9 ouvert"),
}


async def serve_http(reader: Reader, writer: Writer) -> None:
    request = await Request.read(reader)
    path = request.path.partition("?")[0]
    if path in FIXED:
        said = FIXED[path]
        if request.method == "HEAD":
            said = said.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        writer.write(said)
    elif path == "/reset":
        writer.write(answer("200 OK", None, "Content-Length: 500") + HELLO)
        await writer.drain()
        writer.transport.abort()
    elif path == "/hang":
        await asyncio.sleep(60)
    elif path == "/drip":
        writer.write(answer("200 OK", None, "Content-Length: 500"))
        for _ in range(14):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)
        await asyncio.sleep(60)
    else:
        writer.write(conditional(request, path))


def conditional(request: Request, path: str) -> bytes:
    """An answer that is good only if the request is as it should be."""
    host = request.headers.get("host", "")
    good = {
        "/posted": request.method == "POST" and request.body == b"flour=1kg",
        "/need-cookie": request.headers.get("cookie") == "jar=full",
        "/need-basic": request.headers.get("authorization") == "Basic YmFrZXI6eWVhc3Q=",
        "/need-bearer": request.headers.get("authorization") == "Bearer sourdough",
        "/need-agent": request.headers.get("user-agent") == "oven/1",
        "/need-host": host == "shop.example",
        "/need-localhost": host.startswith("localhost:"),
        "/need-query": request.path.endswith("?a=%20b&c=%2F"),
    }.get(path)
    if good is None:
        return answer("404 Not Found", b"unknown\n")
    return answer() if good else answer("403 Forbidden", b"no\n")


async def banner(reader: Reader, writer: Writer) -> None:
    writer.write(b"SSH-2.0-bakery_1.0\r\n")
    await reader.readline()


async def irc(reader: Reader, writer: Writer) -> None:
    await reader.readuntil(b"USER prober prober prober :prober\n")
    writer.write(b":irc.bakery NOTICE AUTH :*** wait\r\nPING :yeast42\r\n")
    if await reader.readline() == b"PONG yeast42\n":
        writer.write(b":irc.bakery 001 prober :Welcome\n")
    else:
        writer.write(b":irc.bakery 433 no\n")
    await reader.read()


async def silent(reader: Reader, writer: Writer) -> None:
    await reader.read()


async def closing(reader: Reader, writer: Writer) -> None:
    writer.write(b"no line end, and gone")


async def lines(reader: Reader, writer: Writer) -> None:
    for number in range(50):
        writer.write(f"line {number}\n".encode())
    writer.write(b"the end\n")


async def endless(reader: Reader, writer: Writer) -> None:
    while True:
        writer.write(b"x" * 4096)
        await writer.drain()


def smtp(context: ssl.SSLContext, reply: bytes = b"220 2.0.0 Ready\r\n") -> Talk:
    async def talk(reader: Reader, writer: Writer) -> None:
        writer.write(b"220 bakery ESMTP\r\n")
        assert (await reader.readline()).startswith(b"EHLO")
        writer.write(b"250-bakery\r\n250-SIZE 100\r\n250 STARTTLS\r\n")
        assert await reader.readline() == b"STARTTLS\n"
        writer.write(reply)
        await writer.drain()
        await writer.start_tls(context)
        if await reader.readline() == b"EHLO again\n":
            writer.write(b"250-bakery\r\n250 AUTH\r\n")
        await reader.read()

    return talk


@dataclass
class Peers:
    """The addresses of the servers by name, and the file of their authority."""

    ca_file: Path
    ports: dict[str, int] = field(default_factory=dict)

    def address(self, template: str) -> str:
        """A target with `{name}` for a server's port."""
        return template.format(**self.ports)


def server_context(
    ca: trustme.CA, *identities: str, expired: bool = False, root: bool = False
) -> ssl.SSLContext:
    until = datetime.now(UTC) + timedelta(days=-1 if expired else 90)
    certificate = ca.issue_cert(*identities, not_after=until)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if root:
        certificate.cert_chain_pems.append(ca.cert_pem)
    certificate.configure_cert(context)
    return context


@contextmanager
def grpc_server(services: dict[str, int]) -> Iterator[int]:
    server = grpc.server(ThreadPoolExecutor(2))
    servicer = health.HealthServicer()
    for name, status in services.items():
        servicer.set(name, status)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


@contextmanager
def serving(folder: Path) -> Iterator[Peers]:
    """All servers, in a thread of their own until the block is left."""
    ca = trustme.CA()
    alone = trustme.CA()
    ca_file = folder / "ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    peers = Peers(ca_file)
    good = server_context(ca, "localhost", "127.0.0.1", "::1")
    old = server_context(ca, "localhost", "127.0.0.1")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    plan: dict[str, tuple[Talk, ssl.SSLContext | None]] = {
        "http": (serve_http, None),
        "https": (serve_http, good),
        "https_old": (serve_http, old),
        "https_alone": (serve_http, server_context(alone, "localhost", "127.0.0.1")),
        "https_expired": (serve_http, server_context(ca, "localhost", "127.0.0.1", expired=True)),
        "https_other": (serve_http, server_context(ca, "other.example")),
        "https_root": (serve_http, server_context(ca, "localhost", "127.0.0.1", root=True)),
        "banner": (banner, None),
        "banner_tls": (banner, good),
        "irc": (irc, None),
        "silent": (silent, None),
        "closing": (closing, None),
        "lines": (lines, None),
        "endless": (endless, None),
        "smtp": (smtp(good), None),
        "smtp_refusing": (smtp(good, b"454 not now\r\n"), None),
        "dns_tls": (names, good),
    }
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def one_port_for_both(
        loop: asyncio.AbstractEventLoop,
    ) -> tuple[asyncio.DatagramTransport, asyncio.Server]:
        """Names answer by UDP and TCP at one port: one that both have free."""
        while True:
            udp, _ = await loop.create_datagram_endpoint(Names, local_addr=("127.0.0.1", 0))
            port = udp.get_extra_info("sockname")[1]
            try:
                return udp, await asyncio.start_server(guarded(names), "127.0.0.1", port)
            except OSError:
                udp.close()

    async def run() -> None:
        servers = []
        for name, (talk, context) in plan.items():
            server = await asyncio.start_server(guarded(talk), "127.0.0.1", 0, ssl=context)
            servers.append(server)
            peers.ports[name] = server.sockets[0].getsockname()[1]
        six = await asyncio.start_server(guarded(serve_http), "::1", 0)
        servers.append(six)
        peers.ports["http6"] = six.sockets[0].getsockname()[1]
        transport, tcp = await one_port_for_both(loop)
        peers.ports["dns"] = transport.get_extra_info("sockname")[1]
        servers.append(tcp)
        ready.set()
        await stop.wait()
        transport.close()
        for server in servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    statuses = health_pb2.HealthCheckResponse
    with grpc_server({"": statuses.SERVING, "oven": statuses.NOT_SERVING}) as port:
        peers.ports["grpc"] = port
        thread.start()
        assert ready.wait(10)
        try:
            yield peers
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()


def guarded(talk: Talk) -> Talk:
    """The same, at peace with whoever hangs up."""

    async def peaceful(reader: Reader, writer: Writer) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError, AssertionError):
                await talk(reader, writer)
                await writer.drain()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    return peaceful
