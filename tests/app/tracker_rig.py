"""A daemon's part that tells the tracker, with a board to set and a clock to turn."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.tracker_stand_in import TOKEN, StandIn, listening
from evidenced.app import tracker_request
from evidenced.app.keeper import Keeper
from evidenced.app.tracker_request import TrackerError
from evidenced.app.tracking import Tracking
from evidenced.config.model import Config
from evidenced.evidence.pace import Pace
from evidenced.evidence.store import Store
from evidenced.ledger.model import Item, Ledger, Section
from evidenced.probes.attempt import Failure, Reason
from evidenced.probes.resources import Resources
from evidenced.watch.board import Board, Reading
from evidenced.watch.plan import make_plan
from evidenced.watch.verdict import CheckState, Standing

SETTLE, EVERY, LAG = 300.0, 3600.0, 120.0


@dataclass
class Clock:
    """Seconds since the epoch, which go on only when they are told to."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Watcher:
    """One daemon: its board, its store, and what tells the tracker; `restart` makes a new one."""

    def __init__(
        self, forge: StandIn, clock: Clock, resources: Resources, store: Store, **more: object
    ) -> None:
        self.forge, self.clock, self.resources, self.store = forge, clock, resources, store
        tracker = {
            "forge": forge.kind,
            "base_url": forge.url,
            "repository": "bakery/operations",
            "token": TOKEN,
            **more,
        }
        check = {"name": "oven", "claims": ["oven"], "http": {"url": "https://bakery.example/oven"}}
        self.config = Config.model_validate(
            {
                "ledger": {"path": "STATE.md"},
                "external_url": "https://evidence.bakery.example",
                "checks": [check],
                "tracker": tracker,
            }
        )
        item = Item("oven", Section.STABLE, "The oven is hot", "/oven returns 200", 3)
        ledger = Ledger(
            updated=None, sections={Section.STABLE: (item,)}, headings=frozenset(Section)
        )
        plan = make_plan(self.config, ledger)
        self.board = Board.of(plan, {}, Reading(config_loaded=True, config_loaded_at=0.0))
        self.keeper = Keeper(store, self.board)
        self.tracking = self._tracking()
        self.troubles: list[str] = []

    def _tracking(self) -> Tracking:
        return Tracking(self.board, lambda: self.config, self.keeper, self.resources, self.clock)

    async def restart(self) -> None:
        """Begin anew with what the store has after a stop in order."""
        await self.store.flush()
        await self.crash()

    async def crash(self) -> None:
        """Begin anew with what the store has on disk just now."""
        self.tracking = self._tracking()
        self.tracking.book.restore(await self.store.state())

    def fail(self, reason: Reason = Reason.TIMEOUT, detail: str = "no answer within 10s") -> None:
        """The oven's check is contradicted, for this reason."""
        failure = Failure(reason, "status", detail)
        self._check(
            CheckState(confirmed=Standing.CONTRADICTED, failure=failure, failures=2),
            Standing.CONTRADICTED,
        )

    def recover(self) -> None:
        """It is verified."""
        self._check(CheckState(confirmed=Standing.VERIFIED), Standing.VERIFIED)

    def stand(self, standing: Standing) -> None:
        """The claim has any other standing."""
        self._check(CheckState(), standing)

    def _check(self, state: CheckState, standing: Standing) -> None:
        self.board.checks["oven"] = replace(self.board.checks["oven"], state=state)
        claim = self.board.claims["oven"]
        if claim.standing is not standing:
            since = self.clock.now
            self.board.claims["oven"] = replace(claim, standing=standing, since=since)
        self.tracking.see()

    async def round(self) -> None:
        """Do what is due, and note what the tracker does not do."""
        self.tracking.see()
        try:
            await self.tracking.round()
        except TrackerError as error:
            self.troubles.append(str(error))

    async def rounds(self, *, seconds: float, step: float = 30.0) -> None:
        """Go on for so many seconds."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now += step
            await self.round()


@asynccontextmanager
async def rigged(
    folder: Path, resources: Resources, kind: str = "github", daemons: int = 1, **more: object
) -> AsyncIterator[tuple[StandIn, Clock, list[Watcher]]]:
    """A forge, the clock of all, and daemons that tell it, each with a store of its own."""
    clock = Clock()
    async with AsyncExitStack() as stack:
        # The forge's clock does not run: nobody need wait between two writes.
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(tracker_request, "BETWEEN", 0.0)
        forge = await stack.enter_async_context(listening(StandIn(kind, clock)))
        watchers = []
        for number in range(daemons):
            (folder / str(number)).mkdir()
            store = Store("sqlite:///evidence.db", folder / str(number), pace=Pace(linger=0.001))
            await stack.enter_async_context(store)
            watchers.append(Watcher(forge, clock, resources, store, **more))
        yield forge, clock, watchers
