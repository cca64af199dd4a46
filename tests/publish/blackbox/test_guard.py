"""Who may be looked at: by name, by address, after redirects, and whatever names resolve to."""

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from evidenced.config.kinds.dns import DnsSettings
from evidenced.config.kinds.http import HttpSettings
from evidenced.config.kinds.icmp import IcmpSettings
from evidenced.config.kinds.tcp import TcpSettings
from evidenced.config.probe import Allowed
from evidenced.publish.blackbox.guard import Guard, RefusedError, configured, split_host

Ask = Callable[..., Awaitable[Any]]
Site = Callable[..., Awaitable[str]]

HTTP = {"prober": "http", "timeout": "2s"}


def guard(*allow: str) -> Guard:
    return Guard(tuple(map(Allowed, allow)))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("db.shop.example", "192.0.2.7"),
        ("DB.shop.example.", "2001:db8::7"),
        ("elsewhere.example", "10.9.9.9"),
        ("elsewhere.example", "::ffff:10.9.9.9"),
    ],
)
def test_allowed_by_network_or_name(host: str, address: str) -> None:
    guard("10.0.0.0/8", "*.shop.example", "::ffff:0:0/96").check_address(host, 443, address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "0.0.0.0",  # noqa: S104  to be refused
        "::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
def test_never_looked_at_whatever_the_list_says(address: str) -> None:
    open_to_all = guard("0.0.0.0/0", "::/0", "*")
    with pytest.raises(RefusedError, match="never looked at"):
        open_to_all.check_address("meta.example", 80, address)


@pytest.mark.parametrize(
    ("allow", "host", "address"),
    [
        ((), "shop.example", "192.0.2.1"),
        (("*.shop.example",), "shop.example", "192.0.2.1"),
        (("*.shop.example",), "x.shop.example.evil.example", "192.0.2.1"),
        (("10.0.0.0/8",), "shop.example", "11.0.0.1"),
        (("10.0.0.0/8",), "11.0.0.1", "11.0.0.1"),
        (("2001:db8::/32",), "x", "2001:db9::1"),
        (("/run/*",), "/run/x", "127.0.0.1"),
    ],
)
def test_refused(allow: tuple[str, ...], host: str, address: str) -> None:
    with pytest.raises(RefusedError, match="not on the allow list"):
        guard(*allow).check_address(host, 80, address)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/run/a.sock", True), ("/run/../etc/x.sock", False), ("/tmp/a.sock", False)],  # noqa: S108
)
def test_paths(path: str, allowed: bool) -> None:
    rules = guard("/run/*.sock")
    if allowed:
        rules.check_path(path)
    else:
        with pytest.raises(RefusedError):
            rules.check_path(path)


def test_the_configured_targets_are_allowed_at_their_ports() -> None:
    checks = [
        HttpSettings.model_validate({"url": "http://shop.example:8080/x"}),
        TcpSettings.model_validate({"address": "db.example:5432"}),
        DnsSettings.model_validate({"name": "shop.example", "type": "A", "server": "192.0.2.53"}),
        IcmpSettings.model_validate({"host": "gate.example"}),
    ]
    assert configured(checks) == {
        ("shop.example", 8080),
        ("shop.example", 80),
        ("shop.example", 443),
        ("db.example", 5432),
        ("192.0.2.53", 53),
        ("gate.example", None),
    }
    rules = Guard((), configured(checks))
    rules.check_address("DB.example", 5432, "192.0.2.9")
    for host, port in (("db.example", 22), ("shop.example", 22), ("gate.example", 80)):
        with pytest.raises(RefusedError):
            rules.check_address(host, port, "192.0.2.9")


@pytest.mark.parametrize(
    ("text", "found"),
    [("a:1", ("a", 1)), ("[::1]:2", ("::1", 2)), ("1.2.3.4:65535", ("1.2.3.4", 65535))],
)
def test_split_host(text: str, found: tuple[str, int]) -> None:
    assert split_host(text) == found


@pytest.mark.parametrize("text", ["a", "a:", "a:x", "a:65536", "[::1]", "::1", "a:-1"])
def test_split_host_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="port"):
        split_host(text)


@pytest.mark.parametrize("text", ["::1", "[::1]", "host"])
def test_split_host_with_a_default(text: str) -> None:
    assert split_host(text, 53) == (text.strip("[]"), 53)


async def ok(request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def test_a_target_that_is_not_allowed_is_a_403(ask: Ask, site: Site) -> None:
    address = await site(ok=ok)
    assert (await ask(HTTP, f"http://{address}/ok", allow=())).status == 403
    assert (await ask(HTTP, f"http://{address}/ok", allow=("10.0.0.0/8",))).status == 403
    assert (await ask(HTTP, f"http://{address}/ok")).success == 1


@pytest.mark.parametrize("prober", ["tcp", "icmp", "grpc", "websocket", "unix"])
async def test_every_prober_asks_the_guard(ask: Ask, prober: str) -> None:
    target = {"unix": "/run/docker.sock", "icmp": "127.0.0.1"}.get(prober, "127.0.0.1:1")
    answer = await ask({"prober": prober, "timeout": "2s"}, target, allow=("10.0.0.0/8",))
    assert answer.status == 403
    assert "not on the allow list" in answer.text


async def test_the_dns_prober_asks_the_guard(ask: Ask) -> None:
    module = {"prober": "dns", "dns": {"query_name": "x.example"}}
    assert (await ask(module, "127.0.0.1:1", allow=("10.0.0.0/8",))).status == 403


@pytest.mark.parametrize(
    "host", ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "[::ffff:169.254.169.254]"]
)
async def test_other_ways_to_write_the_metadata_address(ask: Ask, host: str) -> None:
    assert (await ask(HTTP, f"http://{host}/", allow=("0.0.0.0/0", "::/0", "*"))).status == 403


async def test_a_redirect_to_a_forbidden_target_is_not_followed(ask: Ask, site: Site) -> None:
    asked = []

    async def inner(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="secret")

    private = await site(private=inner)

    async def hop(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"http://{private}/private".replace("127.0.0.1", "127.0.0.2"))

    address = await site(hop=hop)
    answer = await ask(HTTP, f"http://{address}/hop", allow=("127.0.0.1",))
    assert answer.success == 0
    assert answer.value("probe_http_redirects") == 1
    assert asked == []


async def test_a_redirect_to_the_metadata_service_is_not_followed(ask: Ask, site: Site) -> None:
    async def hop(request: web.Request) -> web.Response:
        raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")

    address = await site(hop=hop)
    answer = await ask(HTTP, f"http://{address}/hop", allow=("0.0.0.0/0",), debug="true")
    assert "never looked at" in answer.text
    assert "probe_success 0.0" in answer.text


async def test_a_name_that_changes_its_address_is_looked_up_once(ask: Ask, site: Site) -> None:
    async def hop(request: web.Request) -> web.Response:
        raise web.HTTPFound("/ok")

    address = await site(ok=ok, hop=hop)
    port = int(address.rpartition(":")[2])
    answers = iter(["127.0.0.1", "169.254.169.254", "169.254.169.254"])
    asked = []

    def lookup(host: str, port: int, family: int = 0, **_: int) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    target = f"http://rebinding.example:{port}/hop"
    answer = await ask(HTTP, target, allow=("127.0.0.0/8",), lookup=lookup)
    assert answer.success == 1
    assert asked == ["rebinding.example"]
