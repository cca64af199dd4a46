"""`/api/v1/drills`: a claim is made to look failed for a while, to try the way of its alert."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from aiohttp import web
from pydantic import BaseModel

from evidenced.config.types import Secret, format_duration
from evidenced.ledger.model import Section
from evidenced.publish.admin import admit, json_body
from evidenced.publish.api_models import DrillAnswer, DrillBody, DrillList
from evidenced.publish.api_operations import BEGIN_DRILL, END_DRILL, LIST_DRILLS
from evidenced.publish.body import RefusedError
from evidenced.publish.problem import problem
from evidenced.watch.board import Board, ClaimStatus
from evidenced.watch.drill import MOST, Drill

ALERTS: Mapping[str, str] = MappingProxyType(
    {
        Section.STABLE.value: "EvidencedStableClaimContradicted",
        Section.CLOSED.value: "EvidencedClosedClaimContradicted",
    }
)
"""The alert that a drill fires, by the section of its claim."""

WHO = 100
"""The most characters of a name that are kept."""


@dataclass(frozen=True, slots=True)
class DrillDoor:
    """Begins, ends and lists drills; without an admin token only the list is to be had.

    `begin` (the drill) and `end` (the claim, and who ends it) are what the daemon does of it, and
    return once it is kept. `elsewhere` says of a claim which daemon drills it, None for this one.
    """

    board: Board
    admin_token: Callable[[], Secret | None]
    begin: Callable[[Drill], Awaitable[None]]
    end: Callable[[str, str], Awaitable[None]]
    elsewhere: Callable[[str], str | None] = lambda _: None

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers."""
        return [
            LIST_DRILLS.route(self._list),
            BEGIN_DRILL.route(self._start),
            END_DRILL.route(self._stop),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        on = self.board.drills.active(time.time()).values()
        return _answer(DrillList(drills=tuple(map(_told, on))))

    async def _start(self, request: web.Request) -> web.Response:
        try:
            admit(request, self.admin_token(), "a drill")
            body = await json_body(request, DrillBody, "drill")
            claim = await self._claim(body.claim)
        except RefusedError as refused:
            return refused.answer
        if body.lasts > MOST:
            found, most = format_duration(body.lasts), format_duration(MOST)
            return problem(422, f"a drill lasts at most {most}, found {found}")
        now = time.time()
        if (on := self.board.drills.active(now).get(body.claim)) is not None:
            until = _told(on).until
            return problem(409, f"a drill of this claim is on until {until:%Y-%m-%d %H:%M:%S} UTC")
        one = Drill(
            claim=body.claim,
            section=claim.item.section.value,
            began=now,
            until=now + body.lasts,
            who=body.who or _address(request),
            why=body.why,
        )
        await self.begin(one)
        return _answer(_told(one), 201)

    async def _stop(self, request: web.Request) -> web.Response:
        try:
            admit(request, self.admin_token(), "a drill")
            self._refuse_elsewhere(request.match_info["claim"])
        except RefusedError as refused:
            return refused.answer
        claim = request.match_info["claim"]
        if claim not in self.board.drills.active(time.time()):
            return problem(404, "no drill of a claim of this id is on")
        await self.end(claim, _named(request.query.get("who", "")) or _address(request))
        return web.Response(status=204)

    async def _claim(self, name: str) -> ClaimStatus:
        claim = self.board.claims.get(name)
        if claim is None:
            # Ten thousand names take a while to compare, which the loop must not wait for.
            hint = await asyncio.to_thread(_nearest, name, tuple(self.board.claims))
            raise RefusedError(problem(404, f"the ledger has no claim {name!r}{hint}"))
        self._refuse_elsewhere(name)
        return claim

    def _refuse_elsewhere(self, claim: str) -> None:
        if (where := self.elsewhere(claim)) is not None:
            raise RefusedError(problem(421, f"this claim is looked at by {where}: drill it there"))


def _told(one: Drill) -> DrillAnswer:
    return DrillAnswer.of(one, alert=ALERTS.get(one.section, ""))


def _answer(model: BaseModel, status: int = 200) -> web.Response:
    text = model.model_dump_json() + "\n"
    return web.Response(status=status, text=text, content_type="application/json")


def _nearest(name: str, claims: tuple[str, ...]) -> str:
    found = get_close_matches(name, claims, n=1, cutoff=0.0)
    return f": did you mean {found[0]!r}?" if found else ""


def _named(text: str) -> str:
    return "".join(char for char in text[:WHO] if char.isprintable()).strip()


def _address(request: web.Request) -> str:
    return f"somebody at {request.remote}"
