"""`/badge/ID.svg`: the standing of a claim, its uptime and its latency, for pages elsewhere."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web

from evidenced.config.types import shown_duration
from evidenced.evidence.reader import Reader
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.publish.api_answer import NO_CACHE, revalidated
from evidenced.publish.api_query import BadgeQuery, PeriodBadgeQuery, parameters
from evidenced.publish.badge_past import FRESH, Past, Pasts, worst
from evidenced.publish.badge_svg import Badge, Colour, shields, svg
from evidenced.publish.body import RefusedError
from evidenced.publish.problem import problem
from evidenced.watch.board import Board, ClaimStatus
from evidenced.watch.verdict import Standing

COLOURS: Mapping[Standing, Colour] = MappingProxyType(
    {
        Standing.VERIFIED: Colour.GOOD,
        Standing.CONTRADICTED: Colour.BAD,
        Standing.STALE: Colour.POOR,
        Standing.UNVERIFIED: Colour.UNKNOWN,
        Standing.UNKNOWN: Colour.UNKNOWN,
    }
)
GOOD, POOR = 0.999, 0.99
"""From these uptimes on a badge is green, or orange."""

KEPT = f"max-age={FRESH:.0f}"
UNKNOWN = "no data"

Draws = Callable[[web.Request, ClaimStatus], Awaitable[Badge]]


class BadgeDoor:
    """Draws badges: standings from the board, what was before from the store."""

    def __init__(self, board: Board, reader: Reader) -> None:
        self._board = board
        self._pasts = Pasts(reader)

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers."""
        form = "{form:svg|json}"
        return [
            web.get(f"/badge/{{id:.+}}/uptime.{form}", self._handler(self._uptime, KEPT)),
            web.get(f"/badge/{{id:.+}}/latency.{form}", self._handler(self._latency, KEPT)),
            web.get(f"/badge/{{id:.+}}.{form}", self._handler(_standing, NO_CACHE)),
        ]

    def _handler(
        self, draw: Draws, cache: str
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.Response:
            claim = self._board.claims.get(request.match_info["id"])
            try:
                if claim is None:
                    parameters(request, PeriodBadgeQuery)
                    badge = Badge("evidenced", "no such claim", Colour.UNKNOWN)
                else:
                    badge = await draw(request, claim)
            except RefusedError as refused:
                return refused.answer
            except StoreTroubleError:
                return problem(503, "the store cannot be read just now: try again later")
            return revalidated(request, _written(request, badge, found=claim is not None), cache)

        return handle

    async def _uptime(self, request: web.Request, claim: ClaimStatus) -> Badge:
        label, period, past = await self._past(request, claim)
        label = label or f"uptime {shown_duration(period)}"
        if past.uptime is None:
            return Badge(label, UNKNOWN, Colour.UNKNOWN)
        good = Colour.GOOD if past.uptime >= GOOD else Colour.BAD
        colour = Colour.POOR if POOR <= past.uptime < GOOD else good
        return Badge(label, percent(past.uptime), colour)

    async def _latency(self, request: web.Request, claim: ClaimStatus) -> Badge:
        label, period, past = await self._past(request, claim)
        label = label or f"latency {shown_duration(period)}"
        if past.latency is None:
            return Badge(label, UNKNOWN, Colour.UNKNOWN)
        return Badge(label, span_of(past.latency), Colour.NEUTRAL)

    async def _past(
        self, request: web.Request, claim: ClaimStatus
    ) -> tuple[str | None, float, Past]:
        query = parameters(request, PeriodBadgeQuery)
        pasts = [self._pasts.of(check, query.period) for check in claim.checks]
        return query.label, query.period, worst(await asyncio.gather(*pasts))


async def _standing(request: web.Request, claim: ClaimStatus) -> Badge:
    label = parameters(request, BadgeQuery).label or claim.item.title
    return Badge(label, claim.standing.value, COLOURS[claim.standing])


def _written(request: web.Request, badge: Badge, *, found: bool) -> web.Response:
    status = 200 if found else 404
    if request.match_info["form"] == "json":
        body, kind = shields(badge, int(FRESH)), "application/json"
    else:
        body, kind = svg(badge), "image/svg+xml"
    return web.Response(status=status, body=body, content_type=kind, charset="utf-8")


def percent(ratio: float) -> str:
    """A part of the whole in percent, never rounded up to what it is not: 99.99% is not 100%."""
    hundredths = int(ratio * 10_000 + 1e-6)
    return f"{hundredths / 100:g}%" if hundredths % 100 else f"{hundredths // 100}%"


def span_of(seconds: float) -> str:
    """So many seconds as a person says it."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
