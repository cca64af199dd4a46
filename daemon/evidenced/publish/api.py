"""`/api/v1/claims` and `/api/v1/checks`: what the board knows, for programs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from evidenced.publish.api_models import CheckAnswer, CheckList, ClaimAnswer, ClaimList
from evidenced.publish.problem import problem
from evidenced.watch.board import Board


@dataclass(frozen=True, slots=True)
class Api:
    """Answers from the board; each answer is of one moment."""

    board: Board

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers."""
        return [
            web.get("/api/v1/claims", self._claims),
            web.get("/api/v1/claims/{id:.+}", self._claim),
            web.get("/api/v1/checks", self._checks),
        ]

    async def _claims(self, request: web.Request) -> web.Response:
        claims, checks = tuple(self.board.claims.values()), dict(self.board.checks)
        return await _answer(
            lambda: ClaimList(claims=tuple(ClaimAnswer.of(claim, checks) for claim in claims))
        )

    async def _claim(self, request: web.Request) -> web.Response:
        claim = self.board.claims.get(request.match_info["id"])
        if claim is None:
            return problem(404, "the ledger has no claim of this id")
        found, checks = claim, dict(self.board.checks)
        return await _answer(lambda: ClaimAnswer.of(found, checks))

    async def _checks(self, request: web.Request) -> web.Response:
        checks = tuple(self.board.checks.values())
        return await _answer(
            lambda: CheckList(checks=tuple(CheckAnswer.of(status) for status in checks))
        )


async def _answer(make: Callable[[], BaseModel]) -> web.Response:
    # Ten thousand checks take a while to write out, which the loop must not wait for.
    text = await asyncio.to_thread(lambda: make().model_dump_json() + "\n")
    return web.Response(text=text, content_type="application/json")
