"""`/api/v1/maintenance`: work is announced, so that standings are left as they are meanwhile."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from evidenced.config.types import Secret
from evidenced.publish.admin import admit, json_body
from evidenced.publish.api_models import MaintenanceAnswer, MaintenanceBody, MaintenanceList
from evidenced.publish.api_operations import (
    BEGIN_MAINTENANCE,
    END_MAINTENANCE,
    LIST_MAINTENANCE,
)
from evidenced.publish.body import RefusedError
from evidenced.publish.problem import problem
from evidenced.watch.board import Board
from evidenced.watch.maintenance import Maintenance, from_windows

WHAT = "changing maintenance"


@dataclass(frozen=True, slots=True)
class MaintenanceDoor:
    """Begins, ends and lists maintenance; without an admin token only the list is to be had.

    `begin` and `end` are what the daemon does of it, and return once it is kept.
    """

    board: Board
    admin_token: Callable[[], Secret | None]
    begin: Callable[[Maintenance], Awaitable[None]]
    end: Callable[[str], Awaitable[None]]

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers."""
        return [
            LIST_MAINTENANCE.route(self._list),
            BEGIN_MAINTENANCE.route(self._start),
            END_MAINTENANCE.route(self._stop),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        now = time.time()
        windows = from_windows(self.board.plan.windows, now)
        begun = (one for one in self.board.begun if one.until > now)
        answer = MaintenanceList(
            maintenance=(
                *(MaintenanceAnswer.of(one, by_hand=False) for one in windows),
                *(MaintenanceAnswer.of(one, by_hand=True) for one in begun),
            )
        )
        return web.Response(text=answer.model_dump_json() + "\n", content_type="application/json")

    async def _start(self, request: web.Request) -> web.Response:
        try:
            admit(request, self.admin_token(), WHAT)
            body = await json_body(request, MaintenanceBody, "maintenance")
        except RefusedError as refused:
            return refused.answer
        if body.subject not in self.board.claims and body.subject not in self.board.checks:
            return problem(404, "no claim and no check has this name")
        one = Maintenance(body.subject, time.time() + body.lasts, body.why)
        await self.begin(one)
        text = MaintenanceAnswer.of(one, by_hand=True).model_dump_json() + "\n"
        return web.Response(status=201, text=text, content_type="application/json")

    async def _stop(self, request: web.Request) -> web.Response:
        try:
            admit(request, self.admin_token(), WHAT)
        except RefusedError as refused:
            return refused.answer
        subject = request.match_info["subject"]
        if all(one.subject != subject for one in self.board.begun):
            return problem(404, "no maintenance was begun by hand on a subject of this name")
        await self.end(subject)
        return web.Response(status=204)
