"""The parameters of `/probe`, its statuses, its timeouts, and what `debug=true` shows."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from evidenced.publish.blackbox.handler import BadRequestError, probe_timeout, shown_target

Ask = Callable[..., Awaitable[Any]]
Serve = Callable[..., Awaitable[int]]
Site = Callable[..., Awaitable[str]]

HTTP = {"prober": "http", "timeout": "2s"}
SECRETS = ("sesame", "fennel", "caraway", "poppy")


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def host(request: web.Request) -> web.Response:
    return web.Response(status=200 if request.host == "shop.example" else 418)


async def ok(request: web.Request) -> web.Response:
    return web.Response(text="ok")


@pytest.mark.parametrize(
    ("module", "scrape", "offset", "used"),
    [
        (0.0, "15", 0.5, 14.5),
        (20.0, "15", 0.0, 15.0),
        (5.0, "15", 0.5, 5.0),
        (10.0, None, 0.5, 10.0),
        (10.0, "10", 0.5, 9.5),
        (0.0, None, 0.5, 119.5),
        (0.0, None, 0.0, 120.0),
        (0.0, "0", 0.5, 119.5),
        (0.0, "-3", 0.5, 119.5),
        (0.0, "0.2", 0.5, 0.2),
        (5.0, "0.2", 0.5, 0.2),
        (0.0, "inf", 0.5, 119.5),
    ],
)
def test_the_time_for_a_look(module: float, scrape: str | None, offset: float, used: float) -> None:
    assert probe_timeout(module, scrape, offset) == used


@pytest.mark.parametrize("scrape", ["soon", "nan", "1s"])
def test_a_timeout_that_is_no_number(scrape: str) -> None:
    with pytest.raises(BadRequestError) as error:
        probe_timeout(1.0, scrape, 0.5)
    assert error.value.status == 500


@pytest.mark.parametrize(
    ("module", "target", "query", "status", "said"),
    [
        (HTTP, "x", {"module": "other"}, 400, 'Unknown module "other"'),
        (None, "x", {"module": ""}, 400, 'Unknown module "http_2xx"'),
        (HTTP, None, {}, 400, "Target parameter is missing"),
        (HTTP, "", {}, 400, "Target parameter is missing"),
        (
            {"prober": "http", "http": {"headers": {"host": "a.example"}}},
            "x",
            {"hostname": "b.example"},
            400,
            "Host header defined both",
        ),
    ],
)
async def test_bad_requests(
    ask: Ask,
    module: dict[str, Any],
    target: str | None,
    query: dict[str, str],
    status: int,
    said: str,
) -> None:
    answer = await ask(module, target, **query)
    assert (answer.status, said in answer.text) == (status, True)


async def test_a_bad_timeout_header_is_a_500(ask: Ask) -> None:
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": "soon"}
    assert (await ask(HTTP, "127.0.0.1:1", headers=headers)).status == 500


@pytest.mark.parametrize(
    ("prober", "target"),
    [
        ("http", "http://127.0.0.1:{}/"),
        ("grpc", "127.0.0.1:{}"),
        ("websocket", "ws://127.0.0.1:{}/"),
        ("tcp", "127.0.0.1:{}"),
    ],
)
async def test_the_deadline_of_the_scrape_holds(
    ask: Ask, serve: Serve, prober: str, target: str
) -> None:
    port = await serve(silent)
    module: dict[str, Any] = {"prober": prober}
    if prober == "tcp":
        module["tcp"] = {"query_response": [{"expect": "never"}]}
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": "1.0"}
    answer = await ask(module, target.format(port), headers=headers)
    assert answer.success == 0
    assert answer.value("probe_timeout_seconds") == 0.5
    assert 0.45 < answer.value("probe_duration_seconds") < 1.5


async def test_hostname_is_the_host_header(ask: Ask, site: Site) -> None:
    address = await site(x=host)
    assert (await ask(HTTP, f"http://{address}/x")).success == 0
    assert (await ask(HTTP, f"http://{address}/x", hostname="shop.example")).success == 1


async def test_hostname_is_the_server_name_of_tcp(ask: Ask) -> None:
    module = {"prober": "tcp", "tcp": {"tls": True}}
    answer = await ask(module, "127.0.0.1:1", hostname="shop.example", debug="true")
    assert "server_name: shop.example" in answer.text


@pytest.mark.parametrize(
    "target", ["{0}/a%3Ab", "http://{0}/a:b", "http%3A%2F%2F{1}%2Fa%3Ab", "{1}/a:b"]
)
async def test_targets_that_are_encoded(ask: Ask, site: Site, target: str) -> None:
    address = await site(**{"a:b": ok})
    encoded = address.replace(":", "%3A")
    assert (await ask(HTTP, target.format(address, encoded))).success == 1


async def test_debug_shows_everything_but_secrets(ask: Ask, site: Site) -> None:
    address = await site(x=ok)
    module = {
        "prober": "http",
        "timeout": "2s",
        "http": {
            "method": "POST",
            "headers": {"X-Key": "sesame", "Accept": "text/html"},
            "http_headers": {"X-More": {"values": ["fennel"], "secrets": ["caraway"]}},
            "basic_auth": {"username": "baker", "password": "poppy"},
            "body": "token=sesame",
        },
    }
    answer = await ask(module, f"http://baker:poppy@{address}/x?k=fennel", debug="true")
    parts = (
        "Logs for the probe:",
        "Metrics that would have been returned:",
        "Module configuration:",
    )
    assert sorted(parts, key=answer.text.index) == [*parts]
    assert not [secret for secret in SECRETS if secret in answer.text]
    for shown in (
        "prober: http",
        "method: POST",
        "Accept: text/html",
        "password: <secret>",
        "probe_success 1.0",
        'msg="Beginning probe"',
        'msg="Probe succeeded"',
    ):
        assert shown in answer.text


async def test_what_a_dialogue_sends_is_not_shown(ask: Ask, serve: Serve) -> None:
    port = await serve(silent)
    module = {
        "prober": "tcp",
        "timeout": "300ms",
        "tcp": {"query_response": [{"send": "PASS sesame"}, {"expect": "never"}]},
    }
    answer = await ask(module, f"127.0.0.1:{port}", debug="true")
    assert "Deadline passed" in answer.text
    assert "sesame" not in answer.text


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("https://u:p@a.example/x?k=v", "https://a.example/x?…"),
        ("u:p@a.example:80", "a.example:80"),
        ("a.example:80", "a.example:80"),
        ("/run/x.sock", "/run/x.sock"),
    ],
)
def test_targets_are_shown_without_secrets(target: str, shown: str) -> None:
    assert shown_target(target) == shown


async def test_a_look_leaves_nothing_for_the_next(ask: Ask, site: Site) -> None:
    async def tagged(request: web.Request) -> web.Response:
        return web.Response(headers={"Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"})

    address = await site(x=tagged, y=ok)
    series = "probe_http_last_modified_timestamp_seconds"
    assert (await ask(HTTP, f"{address}/x")).value(series) == 1445412480
    assert (await ask(HTTP, f"{address}/y")).value(series) is None
