"""What came after blackbox_exporter 0.23: CEL, bytes, labels, `unix`, `websocket`, and more."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

Ask = Callable[..., Awaitable[Any]]
Serve = Callable[..., Awaitable[int]]
Site = Callable[..., Awaitable[str]]


def cel(**keys: str) -> dict[str, Any]:
    return {"prober": "http", "timeout": "5s", "http": keys}


def says(body: bytes | str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body.encode() if isinstance(body, str) else body)

    return handler


@pytest.mark.parametrize(
    ("document", "expression", "holds"),
    [
        ({"status": "ok"}, "body.status == 'ok'", True),
        ({"status": "bad"}, "body.status == 'ok'", False),
        ({"n": 1}, "body.n == 1.0", True),
        ({"n": 1}, "body.n >= 0.5 && body.n < 2", True),
        ({"n": 2.5}, "body.n > 2", True),
        ({"s": "1"}, "body.s == 1", False),
        ({"s": "1"}, "body.s != 1", True),
        ({"n": 2**70}, "body.n > 1", True),
        ({"a": [{"up": True}, {"up": False}]}, "body.a.all(x, x.up)", False),
        ("🥖", "body == '🥖'", True),
        (["a", "b"], "size(body) == 2", True),
        (True, "body", True),
        ({"x": None}, "body.x == null", True),
    ],
)
async def test_cel(ask: Ask, site: Site, document: object, expression: str, holds: bool) -> None:
    address = await site(x=says(json.dumps(document)))
    must = await ask(cel(fail_if_body_json_not_matches_cel=expression), f"{address}/x")
    must_not = await ask(cel(fail_if_body_json_matches_cel=expression), f"{address}/x")
    assert (must.success, must_not.success) == (float(holds), float(not holds))
    flags = [each.value("probe_failed_due_to_cel") for each in (must, must_not)]
    assert flags == [float(not holds), float(holds)]


@pytest.mark.parametrize(
    ("body", "expression"),
    [
        ("", "true"),
        ("not json", "true"),
        ("NaN", "true"),
        (b"\xff\xfe\xff", "true"),
        ("[" * 100_000, "true"),
        ('{"a": 1}', "body.b == 1"),
        ('{"a": 1}', "body.a"),
        ('{"a": "x"}', "body.a < 1"),
        (json.dumps("x" * 2_000_000), "true"),
    ],
    ids=["empty", "no JSON", "NaN", "bytes", "deep", "missing", "no boolean", "unlike", "long"],
)
async def test_cel_that_cannot_be_evaluated_fails_both_ways(
    ask: Ask, site: Site, body: bytes | str, expression: str
) -> None:
    address = await site(x=says(body))
    for key in ("fail_if_body_json_not_matches_cel", "fail_if_body_json_matches_cel"):
        answer = await ask(cel(**{key: expression}), f"{address}/x")
        assert (answer.success, answer.value("probe_failed_due_to_cel")) == (0, 1)


async def test_without_cel_there_is_no_flag_for_it(ask: Ask, site: Site) -> None:
    address = await site(x=says("{}"))
    answer = await ask({"prober": "http"}, f"{address}/x")
    assert answer.value("probe_failed_due_to_cel") is None


async def bread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"BREAD rye 2\n")
    line = await reader.readline()
    writer.write(b"sold\n" if line == b"BUY rye\n" else b"no\n")


def turns(prober: str, *lines: dict[str, Any]) -> dict[str, Any]:
    return {"prober": prober, "timeout": "2s", prober: {"query_response": [*lines]}}


async def test_what_is_heard_becomes_labels(ask: Ask, serve: Serve) -> None:
    port = await serve(bread)
    labels = [{"name": "kind", "value": "${kind}"}, {"name": "loaves", "value": "$2$$"}]
    heard = {"expect": r"^BREAD (?P<kind>\w+) (\d+)", "labels": labels, "send": "BUY ${1}"}
    answer = await ask(turns("tcp", heard, {"expect": "sold"}), f"127.0.0.1:{port}")
    assert answer.success == 1
    assert answer.value('probe_expect_info{kind="rye",loaves="2$"}') == 1


@pytest.mark.parametrize(("wanted", "same"), [("BREAD r", True), ("CAKE", False)])
async def test_bytes(ask: Ask, serve: Serve, wanted: str, same: bool) -> None:
    port = await serve(bread)
    answer = await ask(turns("tcp", {"expect_bytes": wanted}), f"127.0.0.1:{port}")
    assert answer.success == same
    assert answer.value("probe_failed_due_to_bytes") == float(not same)
    assert answer.value("probe_failed_due_to_regex") == 0


async def test_unix(ask: Ask, tmp_path: Path) -> None:
    path = str(tmp_path / "bakery.sock")
    server = await asyncio.start_unix_server(_closing(bread), path)
    module = turns("unix", {"expect": "^BREAD", "send": "BUY rye"}, {"expect": "sold"})
    allow = (f"{tmp_path}/*.sock",)
    try:
        assert (await ask(module, path, allow=allow)).success == 1
        missing = await ask(module, f"{tmp_path}/missing.sock", allow=allow)
        assert missing.success == 0
    finally:
        server.close()


def _closing(talk: Any) -> Any:  # noqa: ANN401
    async def closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await talk(reader, writer)
        await writer.drain()
        writer.close()

    return closed


async def echo(request: web.Request) -> web.StreamResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"you said {message.data}")
    return socket


@pytest.mark.parametrize(("pattern", "good"), [("said hello", True), ("goodbye", False)])
async def test_websocket(ask: Ask, site: Site, pattern: str, good: bool) -> None:
    address = await site(ws=echo)
    module = turns("websocket", {"send": "hello"}, {"expect": pattern})
    module["timeout"] = "500ms"
    answer = await ask(module, f"ws://{address}/ws")
    assert answer.success == good
    assert answer.value("probe_websocket_status_code") == 101
    assert answer.value("probe_websocket_connection_upgraded") == 1


async def test_websocket_that_is_none(ask: Ask, site: Site) -> None:
    address = await site(x=says("no"))
    answer = await ask({"prober": "websocket"}, f"ws://{address}/x")
    assert answer.success == 0
    assert answer.value("probe_websocket_status_code") == 200
    assert answer.value("probe_websocket_connection_upgraded") == 0


async def test_a_proxy_is_given_the_checked_address(ask: Ask, site: Site, serve: Serve) -> None:
    heard: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    port = await serve(proxy)
    keys = {"proxy_url": f"http://127.0.0.1:{port}", "preferred_ip_protocol": "ip4"}
    target = "http://localhost:81/x"
    assert (await ask({"prober": "http", "http": keys}, target)).success == 1
    request = heard[0].decode()
    assert request.startswith("GET http://127.0.0.1:81/x ")
    assert "Host: localhost:81\r\n" in request
    by_proxy = {**keys, "skip_resolve_phase_with_proxy": True}
    assert (await ask({"prober": "http", "http": by_proxy}, target)).status == 403
    named = await ask({"prober": "http", "http": by_proxy}, target, allow=("localhost",))
    assert named.success == 1
    assert heard[1].startswith(b"GET http://localhost:81/x ")


async def test_oauth2(ask: Ask, site: Site) -> None:
    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        good = form["grant_type"] == "client_credentials" and form["scope"] == "a b"
        known = request.headers["Authorization"] == "Basic YmFrZXI6eWVhc3Q="
        return web.json_response({"access_token": "rye"} if good and known else {})

    async def guarded(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.headers["Authorization"] == "Bearer rye" else 401)

    address = await site(token=token, x=guarded)
    keys = {
        "client_id": "baker",
        "client_secret": "yeast",
        "token_url": f"http://{address}/token",
        "scopes": ["a", "b"],
    }
    assert (await ask({"prober": "http", "http": {"oauth2": keys}}, f"{address}/x")).success == 1
    keys["client_secret"] = "salt"
    assert (await ask({"prober": "http", "http": {"oauth2": keys}}, f"{address}/x")).success == 0


async def test_credentials_stay_at_home(ask: Ask, site: Site) -> None:
    seen: list[web.Request] = []

    async def stranger(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response()

    there = await site(x=stranger)

    async def hop(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"http://{there}/x")

    here = await site(x=hop)
    keys = {"bearer_token": "rye", "headers": {"X-Key": "rye", "User-Agent": "oven"}}
    assert (await ask({"prober": "http", "http": keys}, f"{here}/x")).success == 1
    (request,) = seen
    assert "rye" not in str(request.headers)
    assert request.headers["User-Agent"] == "oven"
