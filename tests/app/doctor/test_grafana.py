import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evidenced.app.doctor import grafana
from evidenced.app.doctor.subject import Places
from evidenced.config.types import Secret

FOLDER = Path(__file__).parents[3] / "grafana" / "dashboards"
TOKEN = "gl-flowers-0001"


def _grafana(uids: tuple[str, ...]) -> web.Application:
    """What answers a search as Grafana's HTTP API does, to whoever shows the token."""

    async def search(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "Unauthorized"}, status=401)
        assert request.query["type"] == "dash-db"
        return web.json_response([{"uid": uid, "type": "dash-db"} for uid in uids])

    application = web.Application()
    application.router.add_get("/grafana/api/search", search)
    return application


def test_the_dashboards_are_those_that_come_with_us() -> None:
    shipped = {json.loads(file.read_text("utf-8"))["uid"] for file in FOLDER.glob("*.json")}
    assert shipped == set(grafana.DASHBOARDS)


@pytest.mark.parametrize(
    ("uids", "token", "verdict", "what"),
    [
        (grafana.DASHBOARDS, TOKEN, "ok", "has all 5 dashboards"),
        (grafana.DASHBOARDS[1:], TOKEN, "warning", "lacks evidence-budgets"),
        (grafana.DASHBOARDS, "wr0ng", "problem", "answers 401"),
        (grafana.DASHBOARDS, None, "problem", "answers 401"),
    ],
    ids=["all", "some", "wrong token", "no token"],
)
async def test_what_it_has(
    uids: tuple[str, ...],
    token: str | None,
    verdict: str,
    what: str,
    read: Callable[..., Any],
    serve: Callable[..., Any],
    said: Callable[..., Any],
) -> None:
    async with serve(_grafana(uids)) as url:
        secret = Secret(token) if token else None
        places = Places(grafana=f"{url}/grafana/", grafana_token=secret)
        findings = await grafana.examine(await read(places=places))
    ((found, line),) = said(findings)
    assert found == verdict
    assert what in line
    assert "token-file" in findings[0].mend or "401" not in what
    assert token is None or token not in str(findings)


@pytest.mark.parametrize("body", ["{}", "<html>", "[1]"], ids=["object", "page", "number"])
async def test_what_is_no_grafana(
    body: str, read: Callable[..., Any], serve: Callable[..., Any], said: Callable[..., Any]
) -> None:
    application = web.Application()

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=body)

    application.router.add_get("/api/search", answer)
    async with serve(application) as url:
        found = said(await grafana.examine(await read(places=Places(grafana=url))))
    assert found[0][0] in ("problem", "warning")


async def test_none_is_named(read: Callable[..., Any]) -> None:
    (finding,) = await grafana.examine(await read())
    assert (finding.verdict, finding.mend) == ("not looked at", "name it with --grafana URL")
