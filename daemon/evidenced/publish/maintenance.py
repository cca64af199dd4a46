"""`/api/v1/maintenance`: work is announced, so that standings are left as they are meanwhile."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from pydantic import ValidationError

from evidenced.config.types import Secret
from evidenced.publish.api_models import MaintenanceAnswer, MaintenanceBody, MaintenanceList
from evidenced.publish.bearer import CHALLENGE, bears
from evidenced.publish.body import RefusedError, read_body
from evidenced.publish.problem import problem
from evidenced.watch.board import Board
from evidenced.watch.maintenance import Maintenance, from_windows

PATH = "/api/v1/maintenance"
LIMIT = 16 * 1024
"""The most bytes of a body."""


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
            web.get(PATH, self._list),
            web.post(PATH, self._start),
            web.delete(f"{PATH}/{{subject:.+}}", self._stop),
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
            self._admit(request)
            body = await self._body(request)
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
            self._admit(request)
        except RefusedError as refused:
            return refused.answer
        subject = request.match_info["subject"]
        if all(one.subject != subject for one in self.board.begun):
            return problem(404, "no maintenance was begun by hand on a subject of this name")
        await self.end(subject)
        return web.Response(status=204)

    def _admit(self, request: web.Request) -> None:
        token = self.admin_token()
        if token is None:
            raise RefusedError(problem(403, "changing maintenance is off: set tokens.admin_file"))
        if not bears(request, token):
            detail = "expected the admin token as a bearer token"
            raise RefusedError(problem(401, detail, headers=CHALLENGE))

    async def _body(self, request: web.Request) -> MaintenanceBody:
        if request.content_type != "application/json":
            raise RefusedError(problem(415, "expected a Content-Type of application/json"))
        try:
            return MaintenanceBody.model_validate_json(await read_body(request, LIMIT))
        except ValidationError as error:
            said = [
                ": ".join((*map(str, one["loc"]), one["msg"]))
                for one in error.errors(include_input=False, include_url=False)
            ]
            detail = f"the body is no maintenance: {said[0]}"
            raise RefusedError(problem(422, detail, errors=said)) from None
