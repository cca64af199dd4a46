"""`/api/v1/evidence` and the histories of claims and checks: what the store knows, for programs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from evidenced.evidence.reader import Reader
from evidenced.evidence.records import Evidence, Span
from evidenced.evidence.spans import uptime
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.publish.api_answer import answered
from evidenced.publish.api_history_models import (
    CheckHistory,
    EvidenceAnswer,
    EvidenceDetail,
    EvidenceList,
    SpanAnswer,
    UptimeAnswer,
)
from evidenced.publish.api_models import at_utc
from evidenced.publish.api_operation import Handler
from evidenced.publish.api_operations import (
    CHECK_HISTORY,
    CLAIM_HISTORY,
    GET_EVIDENCE,
    LIST_EVIDENCE,
)
from evidenced.publish.api_paging import number, written
from evidenced.publish.api_query import EvidenceQuery, HistoryQuery, SpanQuery, asked
from evidenced.publish.problem import problem
from evidenced.watch.board import Board

AGAIN = 5
"""Seconds after which to ask again for what the store could not give."""

LARGEST = 2**63
"""Ids of records are below this."""


@dataclass(frozen=True, slots=True)
class History:
    """Answers from the store, newest first."""

    board: Board
    reader: Reader

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers; they come before those of single claims and checks."""
        return [
            LIST_EVIDENCE.route(_read(self._records)),
            GET_EVIDENCE.route(_read(self._record)),
            CLAIM_HISTORY.route(_read(self._claim)),
            CHECK_HISTORY.route(_read(self._check)),
        ]

    async def _records(self, request: web.Request) -> web.Response:
        query = asked(request, EvidenceQuery)
        return await self._evidence(request, query, query.claim)

    async def _claim(self, request: web.Request) -> web.Response:
        claim = request.match_info["id"]
        if claim not in self.board.claims:
            return problem(404, "the ledger has no claim of this id")
        return await self._evidence(request, asked(request, HistoryQuery), claim)

    async def _evidence(
        self, request: web.Request, query: HistoryQuery, claim: str | None
    ) -> web.Response:
        before = number(query.cursor)
        found = await self.reader.evidence(
            claim,
            since=query.since.timestamp() if query.since else None,
            before=None if before is None else int(before),
            limit=query.limit + 1,
        )
        return await answered(request, lambda: _listed(found, query.limit))

    async def _record(self, request: web.Request) -> web.Response:
        text = request.match_info["id"]
        known = text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < LARGEST
        record = await self.reader.record(int(text)) if known else None
        if record is None:
            return problem(404, "there is no record with this id, or it is no longer kept")
        found = record
        return await answered(request, lambda: EvidenceDetail.about(found))

    async def _check(self, request: web.Request) -> web.Response:
        name, query, now = request.match_info["name"], asked(request, SpanQuery), time.time()
        if name not in self.board.checks:
            return problem(404, "no check has this name")
        before, since = number(query.cursor), now - query.period
        spans = await self.reader.spans(name, since)

        def make() -> CheckHistory:
            newest = sorted(spans, key=lambda span: span.start, reverse=True)
            left = [span for span in newest if before is None or span.start < before]
            shown = left[: query.limit]
            return CheckHistory(
                name=name,
                since=at_utc(since),
                until=at_utc(now),
                uptime=UptimeAnswer.of(uptime(spans, since, now)),
                spans=tuple(map(SpanAnswer.of, shown)),
                next=_next_span(shown, left),
            )

        return await answered(request, make)


def _read(handler: Handler) -> Handler:
    """A handler whose store may fail it."""

    async def reading(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except StoreTroubleError:
            detail = "the store cannot be read just now: try again later"
            return problem(503, detail, headers={"Retry-After": str(AGAIN)})

    return reading


def _listed(found: Sequence[Evidence], limit: int) -> EvidenceList:
    shown = found[:limit]
    return EvidenceList(
        evidence=tuple(map(EvidenceAnswer.of, shown)),
        next=written(shown[-1].id) if len(found) > limit else None,
    )


def _next_span(shown: Sequence[Span], left: Sequence[Span]) -> str | None:
    return written(shown[-1].start) if len(left) > len(shown) else None
