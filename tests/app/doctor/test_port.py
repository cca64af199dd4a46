import socket
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from evidenced.app.doctor import port
from evidenced.app.doctor.subject import Own
from evidenced.config.types import Secret

CHECKS = [
    {"name": name, "claims": [name], "tcp": {"address": "127.0.0.1:1"}}
    for name in ("orders", "bouquets")
]


def _daemon(
    *names: str, token: str = "", healthy: str = "evidenced is healthy.\n"
) -> web.Application:
    """What answers as a daemon with such checks does, to whoever shows the token."""

    def refused(request: web.Request) -> bool:
        shown = request.headers.get("Authorization", "")
        return shown != (f"Bearer {token}" if token else "")

    async def health(request: web.Request) -> web.Response:
        return web.Response(status=401) if refused(request) else web.Response(text=healthy)

    async def checks(request: web.Request) -> web.Response:
        listed = [{"name": name} for name in names]
        return web.json_response({"checks": listed, "total": len(listed), "next": None})

    application = web.Application()
    application.router.add_get("/-/healthy", health)
    application.router.add_get("/api/v1/checks", checks)
    return application


@pytest.fixture
def free() -> str:
    """An address that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{held.getsockname()[1]}"


async def test_a_free_port_is_fine(read: Callable[..., Any], free: str) -> None:
    (finding,) = await port.examine(await read(listen=free))
    assert finding.what == f"{free} is free: no daemon runs there"
    (finding,) = await port.examine(await read(listen="127.0.0.1:0"))
    assert finding.verdict == "ok"


async def test_an_address_of_another_host(read: Callable[..., Any]) -> None:
    (finding,) = await port.examine(await read(listen="192.0.2.1:9321"))
    assert finding.verdict == "problem"
    assert finding.what == "192.0.2.1:9321 cannot be listened on: EADDRNOTAVAIL"


@pytest.mark.parametrize(
    ("application", "token", "verdict", "what"),
    [
        (_daemon("orders", "bouquets"), None, "ok", "a daemon with this configuration runs at"),
        (_daemon("orders"), None, "warning", "without 1 check of this configuration: bouquets"),
        (_daemon("orders", "bouquets", token="t0ken"), "t0ken", "ok", "a daemon with this"),
        (_daemon(token="t0ken"), "wr0ng", "not looked at", "something that wants a token"),
        (_daemon(healthy="fine"), None, "problem", "something that is no evidenced"),
        (web.Application(), None, "problem", "held by something else"),
    ],
    ids=["same", "other", "token", "wrong token", "foreign", "nothing"],
)
async def test_who_holds_it(
    application: web.Application,
    token: str | None,
    verdict: str,
    what: str,
    read: Callable[..., Any],
    serve: Callable[..., Any],
    said: Callable[..., Any],
) -> None:
    async with serve(application) as url:
        own = Own(url, Secret(token) if token else None, None)
        subject = await read(listen=url.removeprefix("http://"), checks=CHECKS, own=own)
        (found,) = said(await port.examine(subject))
    assert found[0] == verdict
    assert what in found[1]
