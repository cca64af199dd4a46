from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evidenced.app.doctor import clock


def _site(ahead: float | None) -> web.Application:
    """A site of which the clock is so many seconds ahead; None: it does not tell the time."""

    async def answer(request: web.Request) -> web.Response:
        if ahead is None:
            response = web.Response()
            response.headers["Date"] = "soon"
            return response
        date = datetime.now(UTC) + timedelta(seconds=ahead)
        return web.Response(headers={"Date": format_datetime(date, usegmt=True)}, status=404)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    return application


@pytest.fixture(autouse=True)
def _no_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")


@pytest.mark.parametrize(
    ("ahead", "verdict", "what"),
    [
        (0.0, "ok", "the clock agrees with that of 1 target"),
        (-120.0, "warning", "the clock is 2m ahead of those of targets"),
        (3600.0, "warning", "the clock is 1h behind those of targets"),
        (None, "not looked at", "none of them tells the time"),
    ],
    ids=["right", "ahead", "behind", "silent"],
)
async def test_the_clock_of_a_target(
    ahead: float | None,
    verdict: str,
    what: str,
    read: Callable[..., Any],
    serve: Callable[..., Any],
    said: Callable[..., Any],
) -> None:
    async with serve(_site(ahead)) as url:
        subject = await read(checks=[{"name": "site", "http": {"url": f"{url}/bouquets"}}])
        kept, compared = said(await clock.examine(subject))
    assert kept[0] == "not looked at"
    assert compared[0] == verdict
    assert what in compared[1]
