"""The HTTP interface: metrics, rules, health, and reload."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry

from evidenced.config.types import Secret
from evidenced.publish.api import Api
from evidenced.publish.bearer import CHALLENGE, bears
from evidenced.publish.blackbox.handler import ProbeHandler
from evidenced.publish.exposition import render
from evidenced.publish.maintenance import MaintenanceDoor
from evidenced.publish.push import PushDoor
from evidenced.watch.board import Board
from evidenced.watch.verdict import Standing

PAGES = (
    ("/metrics", "metrics for Prometheus, text or OpenMetrics"),
    ("/probe", "one look at a target by a module of blackbox.yml: ?target=&module=&debug=true"),
    ("/api/v1/claims", "the claims as they stand, as JSON; /api/v1/claims/ID is one of them"),
    ("/api/v1/checks", "the checks as they stand, as JSON"),
    ("/api/v1/maintenance", "the maintenance that is on, as JSON"),
    ("/rules", "recording and alerting rules for this configuration"),
    ("/-/healthy", "200 while the daemon runs"),
    ("/-/ready", "200 once it looks at its checks"),
)


@dataclass(frozen=True, slots=True)
class Site:
    """What the interface answers from.

    `admin_token` guards what changes the daemon; without one that is off.
    """

    board: Board
    registry: CollectorRegistry
    rules: Callable[[], str]
    ready: Callable[[], bool]
    reload: Callable[[], Awaitable[tuple[str, ...]]]
    admin_token: Callable[[], Secret | None]
    pushes: PushDoor
    probe: ProbeHandler
    maintenance: MaintenanceDoor

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application(middlewares=[_quiet])
        application.add_routes(
            [
                web.get("/", self._home),
                web.get("/metrics", self._metrics),
                web.get("/probe", self.probe.handle),
                web.get("/rules", self._rules),
                web.get("/-/healthy", self._healthy),
                web.get("/-/ready", self._ready),
                web.post("/-/reload", self._reload),
                web.post("/api/v1/push/{name:.+}", self.pushes.handle),
                *Api(self.board).routes(),
                *self.maintenance.routes(),
            ]
        )
        return application

    async def _home(self, request: web.Request) -> web.Response:
        claims = self.board.claims.values()
        counts = {s: sum(claim.standing is s for claim in claims) for s in Standing}
        said = ", ".join(f"{count} {standing}" for standing, count in counts.items() if count)
        links = "".join(f'<li><a href="{path}">{path}</a> — {what}</li>' for path, what in PAGES)
        return web.Response(
            text="<!doctype html><html lang=en><meta charset=utf-8><title>evidenced</title>"
            f"<h1>evidenced</h1><p>{len(claims)} claims: {escape(said) or 'none'}.</p>"
            f"<ul>{links}</ul>",
            content_type="text/html",
        )

    async def _metrics(self, request: web.Request) -> web.Response:
        # Ten thousand checks take a second to write out, which the loop must not wait for.
        body, headers = await asyncio.to_thread(
            render,
            self.registry,
            request.headers.get(hdrs.ACCEPT, ""),
            request.headers.get(hdrs.ACCEPT_ENCODING, ""),
        )
        return web.Response(body=body, headers=headers)

    async def _rules(self, request: web.Request) -> web.Response:
        return web.Response(text=self.rules(), content_type="application/yaml")

    async def _healthy(self, request: web.Request) -> web.Response:
        return web.Response(text="evidenced is healthy.\n")

    async def _ready(self, request: web.Request) -> web.Response:
        if self.ready():
            return web.Response(text="evidenced is ready.\n")
        return web.Response(status=503, text="evidenced is starting.\n")

    async def _reload(self, request: web.Request) -> web.Response:
        token = self.admin_token()
        if token is None:
            return web.Response(status=403, text="reload over HTTP is off: set tokens.admin_file\n")
        if not bears(request, token):
            return web.Response(
                status=401,
                text="expected the admin token as a bearer token\n",
                headers=CHALLENGE,
            )
        problems = await asyncio.shield(self.reload())
        if problems:
            return web.Response(status=500, text="\n".join(problems) + "\n")
        return web.Response(text="reloaded\n")


@web.middleware
async def _quiet(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Tell nothing of the software and its versions."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers[hdrs.SERVER] = "evidenced"
        raise
    response.headers[hdrs.SERVER] = "evidenced"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
