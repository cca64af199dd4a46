"""The HTTP interface: metrics, rules, health, and reload."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from evidenced.config.types import Secret
from evidenced.publish.access import Access
from evidenced.publish.api import Api
from evidenced.publish.api_answer import api_answers
from evidenced.publish.api_gate import GateDoor
from evidenced.publish.api_history import History
from evidenced.publish.api_targets import TargetsDoor
from evidenced.publish.badge import BadgeDoor
from evidenced.publish.bearer import CHALLENGE, bears
from evidenced.publish.blackbox.handler import ProbeHandler
from evidenced.publish.drill import DrillDoor
from evidenced.publish.feed import FeedDoor
from evidenced.publish.ledger import LedgerDoor
from evidenced.publish.maintenance import MaintenanceDoor
from evidenced.publish.openapi import Description
from evidenced.publish.page.door import PageDoor
from evidenced.publish.proof import ProofDoor
from evidenced.publish.push import PushDoor
from evidenced.publish.scrape import Scrape
from evidenced.watch.board import Board


@dataclass(frozen=True, slots=True)
class Site:
    """What the interface answers from.

    `admin_token` guards what changes the daemon; without one that is off.
    """

    board: Board
    scrape: Scrape
    rules: Callable[[], str]
    ready: Callable[[], bool]
    reload: Callable[[], Awaitable[tuple[str, ...]]]
    access: Access
    admin_token: Callable[[], Secret | None]
    pushes: PushDoor
    probe: ProbeHandler
    maintenance: MaintenanceDoor
    drills: DrillDoor
    ledger: LedgerDoor
    page: PageDoor
    proofs: ProofDoor
    history: History
    badges: BadgeDoor
    feed: FeedDoor
    gate: GateDoor
    targets: TargetsDoor

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application(middlewares=[*self.access.middlewares(), api_answers])
        application.on_response_prepare.append(self.access.dress)
        application.add_routes(
            [
                web.get("/metrics", self.scrape.answer),
                web.get("/probe", self.probe.handle),
                web.get("/rules", self._rules),
                web.get("/-/healthy", self._healthy),
                web.get("/-/ready", self._ready),
                web.post("/-/reload", self._reload),
                *self.pushes.routes(),
                *Description().routes(),
                *self.history.routes(),
                *Api(self.board).routes(),
                *self.badges.routes(),
                *self.feed.routes(),
                *self.maintenance.routes(),
                *self.drills.routes(),
                *self.ledger.routes(),
                *self.page.routes(),
                *self.proofs.routes(),
                *self.gate.routes(),
                *self.targets.routes(),
            ]
        )
        application.on_shutdown.append(self.page.close)
        return application

    async def _rules(self, request: web.Request) -> web.Response:
        # Made anew each time, which takes a tenth of a second with ten thousand checks.
        text = await asyncio.to_thread(self.rules)
        return web.Response(text=text, content_type="application/yaml")

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
