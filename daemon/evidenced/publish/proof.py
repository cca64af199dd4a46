"""`/claims/ID`: a claim and its proof pack, where alerts link to."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import hdrs, web

from evidenced.config.model import Config
from evidenced.evidence.reader import Reader
from evidenced.evidence.spans import DAY
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.publish.page.door import PageDoor
from evidenced.publish.problem import problem
from evidenced.watch.board import Board, ClaimStatus
from evidenced.workflow.collect import collect
from evidenced.workflow.proof import Claimed, Proof
from evidenced.workflow.proof_text import proof_json, proof_markdown

BACK = 30 * DAY
"""How far back a pack goes, in seconds."""

PATIENCE = 10.0
"""Seconds that the store may take to give what a pack needs."""


NEW = 5.0
"""Seconds for which a change of standing is waited for to be in the store."""

VARIES = {hdrs.VARY: hdrs.ACCEPT}

FORMATS = ("html", "md", "json")
"""What `?format=` may ask for."""


@dataclass(frozen=True, slots=True)
class ProofDoor:
    """Answers with a page for browsers, with JSON where that is asked for, else with Markdown.

    `settled` waits, for a bounded time, until what was put into the store is there.
    """

    board: Board
    config: Callable[[], Config]
    reader: Reader
    page: PageDoor
    settled: Callable[[], Awaitable[object]]

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers."""
        return [web.get("/claims/{id:.+}", self._proof)]

    async def _proof(self, request: web.Request) -> web.Response:
        wanted = _wanted(request)
        if wanted not in FORMATS:
            return problem(400, f"expected a format of {', '.join(FORMATS)}")
        claim = self.board.claims.get(request.match_info["id"])
        if claim is None:
            said = "the ledger has no claim of this id"
            return await self.page.missing(said) if wanted == "html" else problem(404, said)
        proof = await self._collected(claim)
        if wanted == "html":
            return await self.page.claim(claim, proof)
        if proof is None:
            return problem(503, "the store cannot be read just now: try again later")
        if wanted == "json":
            pack = await asyncio.to_thread(proof_json, proof)
            return web.json_response(pack, headers=VARIES)
        text = await asyncio.to_thread(proof_markdown, proof)
        # Not text/markdown, which browsers do not show but save.
        return web.Response(text=text, content_type="text/plain", headers=VARIES)

    async def _collected(self, claim: ClaimStatus) -> Proof | None:
        """The pack of a claim; None where the store cannot be read."""
        if claim.since is not None and time.time() - claim.since < NEW:
            # What brought it about may not be in the store yet, and it is just what is asked for.
            await self.settled()
        ledger, now = self.config().ledger, time.time()
        claimed = Claimed(claim.item, ledger.path, ledger.repository, claim.missing)
        try:
            async with asyncio.timeout(PATIENCE):
                return await collect(
                    self.board.plan, claimed, self.reader, since=now - BACK, now=now
                )
        except (StoreTroubleError, TimeoutError):
            return None


def _wanted(request: web.Request) -> str:
    """The format that is asked for by name, else by the header Accept."""
    if "format" in request.query:
        return request.query["format"]
    accepted = request.headers.get(hdrs.ACCEPT, "")
    if "text/html" in accepted:
        return "html"
    return "json" if "json" in accepted else "md"
