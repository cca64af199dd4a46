"""Every kind of look works inside the sandbox of the unit, or with the drop-in made for it."""

import asyncio
import re
import sqlite3
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import dns.message
import dns.rrset
import grpc.aio
import pytest
import trustme
from aiohttp import web
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from evidenced.probes.registry import KINDS
from systemd.hosting import PLACE, UNITS, Host, fetch

SHOP = f"{PLACE}/shop"
CHECKS = {
    "http": "{url: 'http://127.0.0.1:HTTP/', expect: {body: {contains: bread}}}",
    "websocket": "{url: 'ws://127.0.0.1:HTTP/live', dialogue: [{send: hello}, {expect: hello}]}",
    "prometheus": "{server: 'http://127.0.0.1:HTTP', query: up, expect: {value: {eq: 1}}}",
    "forge": "{forge: forgejo, base_url: 'http://127.0.0.1:HTTP', repository: oven/till, "
    "pull_request: 7}",
    "tcp": "{address: '127.0.0.1:HTTP'}",
    "tls": f"{{address: 'localhost:TLS', tls: {{ca_file: {SHOP}/ca.pem}}}}",
    "grpc": "{address: '127.0.0.1:GRPC'}",
    "dns": "{name: till.example, server: '127.0.0.1:DNS', expect: {answers: [192.0.2.7]}}",
    "unix": "{path: /run/larder}",
    "file": "{glob: '/etc/host*', expect: {count: {min: 1}}}",
    "port": "{listen: '127.0.0.1:HTTP'}",
    "process": "{name: sleep, user: root}",
    "command": "{run: [sh, -c, 'echo warm; id -un'], limits: {memory: 1GiB, files: 64}, "
    "expect: {stdout: {contains: [warm, evidenced]}}}",
    "sql": "{url: 'sqlite:////opt/evidenced/shop/orders.db', query: select count(*) from orders, "
    "expect: {value: {eq: 1}}}",
    "push": "{every: 1d}",
}
WITH_DROP_IN = {
    "icmp": ("icmp", "{host: 127.0.0.1, count: 1}"),
    "systemd": ("dbus", "{unit: oven.service}"),
}


async def _query(_: web.Request) -> web.Response:
    sample = {"metric": {"__name__": "up"}, "value": [1700000000, "1"]}
    return web.json_response(
        {"status": "success", "data": {"resultType": "vector", "result": [sample]}}
    )


async def _pull(_: web.Request) -> web.Response:
    return web.json_response({"number": 7, "state": "closed", "merged": True})


async def _bread(_: web.Request) -> web.Response:
    return web.Response(text="bread")


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(message.data)
    return socket


class _Names(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = dns.message.make_response(dns.message.from_wire(data), recursion_available=True)
        answer.answer.append(dns.rrset.from_text("till.example.", 300, "IN", "A", "192.0.2.7"))
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def shop(host: Host) -> AsyncIterator[Mapping[str, int]]:
    """All that is looked at, on this machine and in the box; the ports of it."""
    async with AsyncExitStack() as stack:
        application = web.Application()
        application.router.add_get("/", _bread)
        application.router.add_get("/live", _echo)
        application.router.add_route("*", "/api/v1/query", _query)
        application.router.add_get("/api/v1/repos/oven/till/pulls/7", _pull)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        authority = trustme.CA()
        host.write(f"{SHOP}/ca.pem", authority.cert_pem.bytes().decode())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        secure = await asyncio.start_server(
            lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context
        )
        stack.callback(secure.close)
        loop = asyncio.get_running_loop()
        names, _ = await loop.create_datagram_endpoint(_Names, local_addr=("127.0.0.1", 0))
        stack.callback(names.close)
        recipes = grpc.aio.server()
        servicer = health.aio.HealthServicer()
        await servicer.set("", health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(servicer, recipes)
        port = recipes.add_insecure_port("127.0.0.1:0")
        await recipes.start()
        stack.push_async_callback(recipes.stop, None)
        host.write("/etc/systemd/system/larder.socket", "[Socket]\nListenStream=/run/larder\n")
        host.write("/etc/systemd/system/larder.service", "[Service]\nExecStart=sleep infinity\n")
        await asyncio.to_thread(host.systemctl, "daemon-reload")
        await asyncio.to_thread(host.systemctl, "start", "larder.socket")
        (host.box.root / SHOP.lstrip("/") / "orders.db").write_bytes(orders())
        yield {
            "HTTP": runner.addresses[0][1],
            "TLS": secure.sockets[0].getsockname()[1],
            "DNS": names.get_extra_info("sockname")[1],
            "GRPC": port,
        }


def orders() -> bytes:
    """A small database, as a file."""
    database = sqlite3.connect(":memory:")
    with database:
        database.execute("create table orders (loaf text)")
        database.execute("insert into orders values ('rye')")
    made = database.serialize()
    database.close()
    return made


def successes(port: int) -> dict[str, bool]:
    found = re.findall(r'^probe_success\{check="([^"]+)".*} ([01])', fetch(port), re.MULTILINE)
    return {name: value == "1.0" or value == "1" for name, value in found}


async def looked_at(host: Host, name: str, looks: Mapping[str, str], token: str = "") -> None:
    """Run a daemon with one check a kind until each of them has succeeded."""
    async with shop(host) as ports:
        checks = "".join(f"  - {{name: {kind}, {kind}: {look}}}\n" for kind, look in looks.items())
        for word, number in ports.items():
            checks = checks.replace(word, str(number))
        more = f"tokens: {{push: {token}}}" if token else ""
        port = await asyncio.to_thread(host.configure, name, checks, more)
        await asyncio.to_thread(host.systemctl, "start", f"evidenced@{name}")
        try:
            if token:
                await asyncio.to_thread(fetch, port, "/api/v1/push/push", token, "POST")
            wanted = dict.fromkeys(looks, True)
            await asyncio.to_thread(
                host.wait,
                lambda: "\n".join(re.findall("probe_failure_info.*", fetch(port))),
                lambda: successes(port) == wanted,
            )
        finally:
            await asyncio.to_thread(host.systemctl, "stop", f"evidenced@{name}")


async def test_the_kinds_work_inside_the_sandbox(host: Host) -> None:
    await looked_at(host, "sandbox", CHECKS, token="crumbs-and-crusts")


@pytest.mark.parametrize("kind", WITH_DROP_IN)
async def test_a_kind_works_with_its_drop_in(host: Host, kind: str) -> None:
    drop_in, look = WITH_DROP_IN[kind]
    text = (UNITS / "drop-ins" / f"{drop_in}.conf").read_text()
    host.drop_in(f"evidenced@{kind}.service", drop_in, text)
    await looked_at(host, kind, {kind: look})
    said = host.box.run(
        *("systemd-analyze", "security", "--no-pager", f"evidenced@{kind}.service"),
    )
    level = re.search(r"exposure level for \S+: ([0-9.]+)", said)
    assert level
    assert float(level[1]) <= 2.0


def test_each_kind_is_tried() -> None:
    assert {*CHECKS, *WITH_DROP_IN} == set(KINDS)
