"""What a caller is told of an error, and what only the log is."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from evidenced.config.web import WebSettings
from evidenced.publish.access import Access

HEADERS = {"X-Frame-Options": "deny", "Content-Security-Policy": "default-src *"}
SETTINGS = WebSettings.model_validate({"http_server_config": {"headers": HEADERS}})


async def _broken(request: web.Request) -> web.StreamResponse:
    raise RuntimeError("swordfish in /srv/secret.py")


async def _stopping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"half")
    raise RuntimeError("swordfish")


async def _large(request: web.Request) -> web.StreamResponse:
    raise web.HTTPRequestEntityTooLarge(1, 2, text="swordfish")


async def _moved(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/strict")


async def _strict(request: web.Request) -> web.StreamResponse:
    return web.Response(headers={"Content-Security-Policy": "default-src 'none'"})


@pytest.fixture
async def url() -> AsyncIterator[str]:
    access = Access(lambda: SETTINGS, lambda: None)
    application = web.Application(middlewares=access.middlewares())
    application.on_response_prepare.append(access.dress)
    handlers = {
        "/broken": _broken,
        "/stopping": _stopping,
        "/large": _large,
        "/moved": _moved,
        "/strict": _strict,
    }
    application.add_routes([web.get(path, handler) for path, handler in handlers.items()])
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_unforeseen_error_has_an_id_that_the_log_has(url: str) -> None:
    with capture_logs() as logs:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/broken?a=b") as response:
            assert response.status == 500
            text = await response.text()
    said = json.loads(text)
    (entry,) = logs
    assert str(entry["id"]) in said["detail"]
    assert entry["path"] == "/broken"
    assert entry["exc_info"]
    assert "swordfish" not in text
    assert "RuntimeError" not in text


async def test_an_answer_under_way_is_cut_and_nothing_put_into_it(url: str) -> None:
    with capture_logs() as logs:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/stopping") as response:
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
    assert "a request failed in an unforeseen way" in {entry["event"] for entry in logs}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/large", 413), ("GET", "/nothing", 404), ("PUT", "/broken", 405)],
)
async def test_other_errors_are_problems(url: str, method: str, path: str, status: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url + path) as response,
    ):
        found = await response.json(content_type="application/problem+json")
        assert (response.status, found["status"]) == (status, status)
        assert "swordfish" not in str(found)
        if status == 405:
            assert response.headers["Allow"] == "GET,HEAD"
        assert response.headers["Server"] == "evidenced"
        assert response.headers["X-Frame-Options"] == "deny"


async def test_a_redirect_is_left_as_it_is(url: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/moved", allow_redirects=False) as response,
    ):
        assert (response.status, response.headers["Location"]) == (302, "/strict")
        assert response.headers["Server"] == "evidenced"


async def test_a_header_of_the_answer_itself_is_left(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/strict") as response:
        assert response.headers["Content-Security-Policy"] == "default-src 'none'"
        assert response.headers["X-Frame-Options"] == "deny"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
