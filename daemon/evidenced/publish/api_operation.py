"""What an operation of the API is: one declaration, of which its route and its description come."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import hdrs, web
from pydantic import BaseModel

from evidenced.publish.api_query import PARAMETERS, NoQuery, Query, parameters
from evidenced.publish.body import RefusedError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PREFIX = "/api/v1"


class Guard(StrEnum):
    """The token that an operation asks for."""

    ADMIN = "admin"
    PUSH = "push"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that the API does.

    `path` is below `PREFIX`, with one variable at most, which `subject` describes; it is a number
    where it is `numbered`. `query` are the parameters, `bodies` are models by the media types that
    a body may have (None: a text of that type), and `answer` is what comes with `status` (None:
    nothing). What cannot be decided just now comes with 503 as `unready`. `problems` are the
    statuses of its own refusals, beside those that every operation may give.
    """

    id: str
    tag: str
    method: str
    path: str
    summary: str
    answer: type[BaseModel] | None
    status: int = 200
    problems: tuple[int, ...] = ()
    query: type[Query] = NoQuery
    subject: str = ""
    numbered: bool = False
    bodies: Mapping[str, type[BaseModel] | None] = field(default_factory=dict)
    body_required: bool = True
    guard: Guard | None = None
    paged: bool = False
    unready: type[BaseModel] | None = None

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == hdrs.METH_GET

    def route(self, handler: Handler) -> web.RouteDef:
        """The route to a handler, which finds its parameters with `asked`.

        The handler may raise RefusedError. A variable may hold slashes: names of checks do.
        """

        async def checked(request: web.Request) -> web.StreamResponse:
            try:
                request[PARAMETERS] = parameters(request, self.query)
                return await handler(request)
            except RefusedError as refused:
                return refused.answer

        path = PREFIX + self.path.replace("}", ":.+}")
        if self.reads:
            return web.get(path, checked)
        return web.route(self.method, path, checked)
