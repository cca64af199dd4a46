"""`POST /api/v1/ledger/accept`: a reading of the ledger is believed on purpose."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from evidenced.config.types import Secret
from evidenced.publish.admin import admit
from evidenced.publish.api_models import Accepted
from evidenced.publish.api_operation import PREFIX
from evidenced.publish.api_operations import ACCEPT_LEDGER
from evidenced.publish.body import RefusedError
from evidenced.publish.problem import problem

PATH = PREFIX + ACCEPT_LEDGER.path


@dataclass(frozen=True, slots=True)
class LedgerDoor:
    """Takes over the ledger as it is, whatever it has lost; off without an admin token.

    `accept` does so, and gives the reason where even a start would not take this ledger.
    """

    admin_token: Callable[[], Secret | None]
    accept: Callable[[], Awaitable[Accepted | str]]

    def routes(self) -> list[web.RouteDef]:
        """The path that this answers."""
        return [ACCEPT_LEDGER.route(self._accept)]

    async def _accept(self, request: web.Request) -> web.Response:
        try:
            admit(request, self.admin_token(), "accepting a ledger")
        except RefusedError as refused:
            return refused.answer
        done = await self.accept()
        if isinstance(done, str):
            return problem(409, done)
        return web.Response(text=done.model_dump_json() + "\n", content_type="application/json")
