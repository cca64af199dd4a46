"""`/`, `/events`, `/static/…`, and the page of a claim: where browsers come in."""

import asyncio
import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import hdrs, web

from evidenced.config.model import Config
from evidenced.evidence.reader import Reader
from evidenced.publish.page.answer import answer
from evidenced.publish.page.changes import Seen, changed, restood, seen
from evidenced.publish.page.claim import Around, view
from evidenced.publish.page.feed import Feed
from evidenced.publish.page.headers import PAGE, Static
from evidenced.publish.page.histories import Histories
from evidenced.publish.page.links import home
from evidenced.publish.page.listing import checks_of, choose, show
from evidenced.publish.page.question import Question
from evidenced.publish.page.recent import Recent
from evidenced.publish.page.render import Moment, Pages
from evidenced.publish.page.rows import row
from evidenced.publish.page.shared import Shared
from evidenced.publish.page.snapshot import Snapshot
from evidenced.publish.page.text import iso, line
from evidenced.watch.board import Board, ClaimStatus
from evidenced.workflow.proof import Proof

PATIENCE = 0.1
"""Seconds that a page waits for histories; what is not there by then comes with the next look."""

ROWS = 30
"""Rows that an event carries; where more changed, open pages ask for themselves again."""

SAID = 3
"""Changes that are read out; of more, only how many."""


@dataclass(frozen=True, slots=True)
class Body:
    """A page as it is sent, with and without compression."""

    plain: bytes
    packed: bytes


class PageDoor:
    """The pages of one daemon."""

    def __init__(
        self, board: Board, config: Callable[[], Config], reader: Reader, recent: Recent
    ) -> None:
        self._board = board
        self._config = config
        self._recent = recent
        self._static = Static()
        self._pages = Pages(self._static)
        self._histories = Histories(board, reader)
        self._feed = Feed(self._changed, self._greeting)
        self._seen: Seen | None = None
        self._made: Shared[Question, Body] = Shared(self._listing)

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers; `/claims/ID` comes in where its pack does."""
        return [
            web.get("/", self._home),
            web.get("/events", self._feed.handle),
            web.get("/static/{name}", self._static.handle),
        ]

    async def close(self, _application: web.Application | None = None) -> None:
        """End what is under way when the daemon stops."""
        await self._feed.close()
        await self._histories.close()

    async def claim(self, claim: ClaimStatus, proof: Proof | None) -> web.Response:
        """The page of a claim; `proof` is None where the store cannot be read."""
        histories = await self._histories.get(claim.checks, 1.0)
        snapshot = Snapshot.of(self._board, time.time())
        ledger, checks = self._config().ledger, self._board.plan.checks

        def make() -> bytes:
            around = Around(
                snapshot,
                histories,
                self._recent,
                home(ledger.repository, checks),
                ledger.base_url,
                ledger.limits.in_progress,
            )
            return self._pages.claim(view(claim, proof, around), _moment(snapshot)).encode()

        return _page(await asyncio.to_thread(make))

    async def missing(self, said: str) -> web.Response:
        """The page that says that there is no such claim."""
        text = await asyncio.to_thread(self._pages.message, "No such claim", said)
        return _page(text.encode(), status=404)

    async def _home(self, request: web.Request) -> web.Response:
        made = await self._made.get(Question.of(request.query))
        packed = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        return _page(made.packed if packed else made.plain, packed=packed)

    async def _listing(self, question: Question) -> Body:
        snapshot = Snapshot.of(self._board, time.time())
        self._recent.forget(snapshot.checks)
        chosen = await asyncio.to_thread(choose, snapshot, question)
        wanted = tuple(dict.fromkeys(checks_of(chosen)))
        histories = await self._histories.get(wanted, PATIENCE)
        partial = any(name not in histories for name in wanted)

        def make() -> Body:
            shown = show(chosen, snapshot, question, histories, self._recent)
            plain = self._pages.listing(
                answer(snapshot), shown, question, _moment(snapshot), partial=partial
            ).encode()
            return Body(plain, gzip.compress(plain, 5))

        return await asyncio.to_thread(make)

    async def _greeting(self) -> str:
        """What an open page is told first: how everything looks, of which all else is a change."""
        if self._seen is None:
            self._seen = await asyncio.to_thread(seen, Snapshot.of(self._board, time.time()))
        return json.dumps({"mark": self._seen.mark})

    async def _changed(self) -> str | None:
        """The data of the event about what changed since this was last asked, if anything did."""
        snapshot, before = Snapshot.of(self._board, time.time()), self._seen
        self._seen = after = await asyncio.to_thread(seen, snapshot)
        if before is None:
            return None
        ids = await asyncio.to_thread(changed, before, after)
        if not ids and before.rest == after.rest:
            return None
        self._made.forget()
        some = [snapshot.claims[name] for name in ids[:ROWS] if name in snapshot.claims]
        histories = await self._histories.get((c for one in some for c in one.checks), PATIENCE)
        fallen = tuple(restood(before, after, ids))

        def make() -> str:
            now = answer(snapshot)
            rows = {
                one.item.id: self._pages.row(
                    row(one, snapshot, histories, self._recent), snapshot.now
                )
                for one in some
            }
            return json.dumps(
                {
                    "mark": after.mark,
                    "answer": self._pages.answer(now, snapshot.now),
                    "now": iso(snapshot.now),
                    "title": f"{now.text} · evidenced",
                    "said": _said(fallen, snapshot, now.text),
                    "rows": rows,
                    "ids": ids[:ROWS],
                    "all": len(ids) > len(some) or before.rest != after.rest,
                }
            )

        return await asyncio.to_thread(make)


def _moment(snapshot: Snapshot) -> Moment:
    """The moment of a snapshot."""
    return Moment(snapshot.now, seen(snapshot).mark)


def _said(ids: tuple[str, ...], snapshot: Snapshot, text: str) -> str:
    """What is read out: the claims that changed, and the answer."""
    known = [snapshot.claims[name] for name in ids if name in snapshot.claims]
    if not known:
        return ""
    if len(known) > SAID:
        return f"{len(known)} claims changed. {text}."
    told = [f"{line(one.item.title, 80)}: {one.standing}" for one in known]
    return f"{'. '.join(told)}. {text}."


def _page(body: bytes, status: int = 200, *, packed: bool = False) -> web.Response:
    response = web.Response(
        status=status, body=body, content_type="text/html", charset="utf-8", headers=PAGE
    )
    if packed:
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    return response
