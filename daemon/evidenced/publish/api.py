"""`/api/v1/claims` and `/api/v1/checks`: what the board knows, for programs."""

import time
from dataclasses import dataclass

from aiohttp import web

from evidenced.publish.api_answer import answered
from evidenced.publish.api_detail import CheckDetail, ClaimDetail
from evidenced.publish.api_models import CheckAnswer, CheckList, ClaimAnswer, ClaimList
from evidenced.publish.api_operations import GET_CHECK, GET_CLAIM, LIST_CHECKS, LIST_CLAIMS
from evidenced.publish.api_paging import Page, page
from evidenced.publish.api_query import CheckQuery, ClaimQuery, asked
from evidenced.publish.problem import problem
from evidenced.watch.board import Board, CheckStatus, ClaimStatus


@dataclass(frozen=True, slots=True)
class Api:
    """Answers from the board; each answer is of one moment."""

    board: Board

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers."""
        return [
            LIST_CLAIMS.route(self._claims),
            GET_CLAIM.route(self._claim),
            LIST_CHECKS.route(self._checks),
            GET_CHECK.route(self._check),
        ]

    async def _claims(self, request: web.Request) -> web.Response:
        query = asked(request, ClaimQuery)
        claims, checks = tuple(self.board.claims.values()), dict(self.board.checks)
        drills, heard = self.board.drills.active(time.time()), self.board.heard

        def make() -> ClaimList:
            found = _claims_of(query, claims)
            told = (
                ClaimAnswer.of(one, checks, drills.get(one.item.id), heard) for one in found.items
            )
            return ClaimList(claims=tuple(told), total=found.total, next=found.next)

        return await answered(request, make)

    async def _claim(self, request: web.Request) -> web.Response:
        claim = self.board.claims.get(request.match_info["id"])
        if claim is None:
            return problem(404, "the ledger has no claim of this id")
        found, checks = claim, dict(self.board.checks)
        drill, heard = self.board.drills.active(time.time()).get(claim.item.id), self.board.heard
        return await answered(request, lambda: ClaimDetail.about(found, checks, drill, heard))

    async def _checks(self, request: web.Request) -> web.Response:
        query, checks = asked(request, CheckQuery), tuple(self.board.checks.values())
        share = self.board.share

        def make() -> CheckList:
            found = _checks_of(query, checks)
            told = tuple(CheckAnswer.of(status, share) for status in found.items)
            return CheckList(checks=told, total=found.total, next=found.next)

        return await answered(request, make)

    async def _check(self, request: web.Request) -> web.Response:
        status = self.board.checks.get(request.match_info["name"])
        if status is None:
            return problem(404, "no check has this name")
        found, share = status, self.board.share
        return await answered(request, lambda: CheckDetail.about(found, share))


def _claims_of(query: ClaimQuery, claims: tuple[ClaimStatus, ...]) -> Page[ClaimStatus]:
    words = query.q.casefold()

    def wanted(one: ClaimStatus) -> bool:
        return (
            (not query.section or one.item.section in query.section)
            and (not query.standing or one.standing in query.standing)
            and (not words or _says(words, one.item.id, one.item.title))
        )

    return page(claims, lambda one: one.item.id, wanted, limit=query.limit, cursor=query.cursor)


def _checks_of(query: CheckQuery, checks: tuple[CheckStatus, ...]) -> Page[CheckStatus]:
    words = query.q.casefold()

    def wanted(one: CheckStatus) -> bool:
        return (
            (not query.standing or one.standing in query.standing)
            and (not query.kind or one.check.kind in query.kind)
            and (query.claim is None or query.claim in one.check.claims)
            and (not words or _says(words, one.check.name, one.check.target))
        )

    return page(checks, lambda one: one.check.name, wanted, limit=query.limit, cursor=query.cursor)


def _says(words: str, *texts: str) -> bool:
    return any(words in text.casefold() for text in texts)
