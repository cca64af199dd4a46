"""`POST /api/v1/push/NAME`: cron, CI and scripts say how it went."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType

from aiohttp import web

from evidenced.config.kinds.push import PushSettings
from evidenced.config.types import Secret
from evidenced.probes.mailbox import Push
from evidenced.publish.api_models import PushAnswer
from evidenced.publish.api_operations import PUSH
from evidenced.publish.bearer import CHALLENGE, bears
from evidenced.publish.body import RefusedError, read_body
from evidenced.publish.problem import problem
from evidenced.publish.push_body import of_json, of_junit

JSON_LIMIT = 64 * 1024
"""The most bytes of a push as JSON."""

XML_LIMIT = 8 * 1024 * 1024
"""The most bytes of a report of JUnit's."""

READERS = 4
"""Bodies that are read at the same time, so that they never hold more than a few dozen MiB."""

BURST = 10
"""Pushes to one check that are taken at once; after these, one each PACE."""

PACE = 1.0
"""Seconds in which one more push to a check may come."""

Read = Callable[[bytes, float], Push]
FORMATS: Mapping[str, tuple[int, Read]] = MappingProxyType(
    {
        "application/json": (JSON_LIMIT, of_json),
        "application/xml": (XML_LIMIT, of_junit),
        "text/xml": (XML_LIMIT, of_junit),
    }
)
"""The media types of bodies, each with its limit and its reader."""


@dataclass(slots=True)
class Allowance:
    """How often one check may be pushed to: a bucket of BURST, refilled by one each PACE."""

    left: float = BURST
    at: float = field(default_factory=time.monotonic)

    def wait(self) -> float:
        """Take one, and give 0; or the seconds until there is one."""
        now = time.monotonic()
        self.left, self.at = min(BURST, self.left + (now - self.at) / PACE), now
        if self.left < 1:
            return (1 - self.left) * PACE
        self.left -= 1
        return 0.0


class PushDoor:
    """Takes pushes in.

    `find` gives the settings of a check of kind push, `shared` the token for those without one of
    their own, `names` those of all checks, and `deliver` is told of each push that is taken.
    `elsewhere` says of a check where it is to be pushed to instead, None where that is here.
    """

    def __init__(
        self,
        find: Callable[[str], PushSettings | None],
        shared: Callable[[], Secret | None],
        names: Callable[[], Iterable[str]],
        deliver: Callable[[str, Push], None],
        elsewhere: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._find = find
        self._shared = shared
        self._names = names
        self._deliver = deliver
        self._elsewhere = elsewhere
        self._reading = asyncio.Semaphore(READERS)
        self._allowances: dict[str, Allowance] = {}

    def routes(self) -> list[web.RouteDef]:
        """The path that this answers."""
        return [PUSH.route(self.handle)]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one push."""
        name = request.match_info["name"]
        try:
            self._admit(request, name)
            push = await self._push(request)
        except RefusedError as refused:
            return refused.answer
        self._deliver(name, push)
        taken = PushAnswer(check=name, received=round(push.received, 3))
        text = taken.model_dump_json() + "\n"
        return web.Response(status=202, text=text, content_type="application/json")

    def _admit(self, request: web.Request, name: str) -> None:
        """Refuse who may not push to this check, before anything of the body is read.

        Whether a check exists is told only to who has a token that would open it.
        """
        settings, shared = self._find(name), self._shared()
        if shared is None and not any(map(self._own, self._names())):
            raise RefusedError(problem(403, "pushing is off: set tokens.push_file"))
        if not bears(request, self._own(name) or shared):
            detail = "expected the token of this check as a bearer token"
            raise RefusedError(problem(401, detail, headers=CHALLENGE))
        if settings is None:
            raise RefusedError(problem(404, "no check of kind push has this name"))
        if (where := self._elsewhere(name)) is not None:
            raise RefusedError(problem(421, f"this check is looked at by {where}: push it there"))
        wait = self._allowances.setdefault(name, Allowance()).wait()
        if wait > 0:
            retry = {"Retry-After": str(math.ceil(wait))}
            detail = f"expected at most one push in {PACE:g} s over time"
            raise RefusedError(problem(429, detail, headers=retry))

    def _own(self, name: str) -> Secret | None:
        """The token that only this check has."""
        settings = self._find(name)
        return settings.token if settings is not None else None

    async def _push(self, request: web.Request) -> Push:
        media_type = request.content_type if request.can_read_body else "application/json"
        if media_type not in FORMATS:
            known = ", ".join(FORMATS)
            raise RefusedError(problem(415, f"expected a Content-Type out of {known}"))
        limit, read = FORMATS[media_type]
        async with self._reading:
            body = await read_body(request, limit)
            try:
                call = partial(read, body, time.time())
                return await asyncio.to_thread(call) if len(body) > JSON_LIMIT else call()
            except ValueError as error:
                said: list[str] = error.args[0]
                detail = f"the body is no push: {said[0]}"
                raise RefusedError(problem(422, detail, errors=said)) from None
