"""`/api/v1/gate` and `/api/v1/status`: what may be done, and what to read before it is."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from aiohttp import web

from evidenced.config.ledger import LedgerSettings
from evidenced.evidence.reader import Reader
from evidenced.evidence.records import Evidence
from evidenced.evidence.trouble import StoreError
from evidenced.ledger.model import Item, Section
from evidenced.publish.api_operations import ASK_GATE, GET_STATUS
from evidenced.publish.api_query import GateQuery
from evidenced.publish.api_query import asked as asked_of
from evidenced.watch.board import Board
from evidenced.workflow.gate import Answer, Places, Verdict
from evidenced.workflow.gate_ask import Asked, ask_gate, new_proofs, proofs
from evidenced.workflow.gate_json import gate_json
from evidenced.workflow.proof import Proof
from evidenced.workflow.status import Looked, Status, next_one, status_json

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds after which the store is taken for one that cannot be read."""


class Kept(Protocol):
    """What was seen so far, in the store of this daemon."""

    @property
    def store(self) -> Reader:
        """The store."""

    async def settled(self) -> bool:
        """Wait a moment until what was seen so far can be read from the store."""


@dataclass(frozen=True, slots=True)
class GateDoor:
    """Answers from the board and what is kept."""

    board: Board
    settings: Callable[[], LedgerSettings]
    kept: Kept

    def routes(self) -> list[web.RouteDef]:
        """The paths that this answers."""
        return [ASK_GATE.route(self._gate), GET_STATUS.route(self._status)]

    async def _gate(self, request: web.Request) -> web.Response:
        topic = asked_of(request, GateQuery).topic.strip()
        asked = self._asked()
        verdict = await ask_gate(topic, asked, self._proofs(asked))
        # Nothing is decided where the store cannot be read: whoever asks may ask again.
        status = 503 if verdict.answer is Answer.UNREADABLE else 200
        return _answer(gate_json(verdict, asked.places) | self._reading(), status)

    async def _status(self, request: web.Request) -> web.Response:
        now, asked = time.time(), self._asked()
        trouble: str | None = None
        against: Mapping[str, Evidence] = {}
        try:
            against = await self._new_proofs(asked)
        except StoreError as error:
            trouble = str(error)
        status = Status(
            board=self.board,
            places=asked.places,
            looked=Looked("daemon", now, trouble=trouble),
            made=now,
            new_proofs=against,
            verdict=await self._of_next(asked),
            linted=self.board.linted,
            limit=asked.limit,
        )
        return _answer(status_json(status), 200)

    async def _of_next(self, asked: Asked) -> Verdict | None:
        item = next_one(asked.plan)
        return await ask_gate(item.title, asked, self._proofs(asked)) if item else None

    async def _new_proofs(self, asked: Asked) -> Mapping[str, Evidence]:
        await self.kept.settled()
        closed = asked.plan.ledger.sections.get(Section.CLOSED, ())
        return await _in_time(new_proofs(closed, self.kept.store))

    def _proofs(self, asked: Asked) -> Callable[[tuple[Item, ...]], Awaitable[dict[str, Proof]]]:
        async def prove(items: tuple[Item, ...]) -> dict[str, Proof]:
            await self.kept.settled()
            return await _in_time(proofs(items, asked, self.kept.store))

        return prove

    def _asked(self) -> Asked:
        settings = self.settings()
        # Whoever asks may be in another folder than this daemon.
        beside = settings.next_path.absolute() if settings.next_path else None
        places = Places(settings.path.absolute(), beside)
        return Asked(self.board.plan, places, settings.repository, settings.limits.in_progress)

    def _reading(self) -> dict[str, bool]:
        """Whether the ledger that this rests on is the file as it is now."""
        reading = self.board.reading
        return {"ledger_in_force": reading.ledger_readable and reading.ledger_believed}


async def _in_time(work: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(PATIENCE):
            return await work
    except TimeoutError:
        raise StoreError(f"the store did not answer in {PATIENCE:g} s") from None


def _answer(body: Mapping[str, Any], status: int) -> web.Response:
    text = json.dumps(body, ensure_ascii=False) + "\n"
    return web.Response(text=text, status=status, content_type="application/json")
