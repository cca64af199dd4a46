"""All that one daemon is made of, and how its parts work together."""

import asyncio
import os
import time
from pathlib import Path

import structlog

from evidenced.app import pushes
from evidenced.app.accepting import accepting
from evidenced.app.alerts import Alerts
from evidenced.app.blackbox import BlackboxFile
from evidenced.app.discovery import Polling
from evidenced.app.drilling import Drilling
from evidenced.app.facts import Facts
from evidenced.app.heartbeat import Heartbeat
from evidenced.app.in_force import InForce
from evidenced.app.keeper import Keeper
from evidenced.app.leading import Leading
from evidenced.app.listing import summaries
from evidenced.app.loading import Loaded
from evidenced.app.maintaining import Maintaining
from evidenced.app.pushes import PushFile
from evidenced.app.reporting import Reporting
from evidenced.app.shards import Shards, reached_at
from evidenced.app.telling import tell_changes, tell_plan, tell_warnings
from evidenced.app.tracking import Tracking
from evidenced.config.find import state_dir
from evidenced.config.kinds.push import PushSettings
from evidenced.config.types import Secret
from evidenced.evidence.store import Store
from evidenced.probes.attempt import Outcome
from evidenced.probes.mailbox import Push
from evidenced.probes.registry import KINDS
from evidenced.probes.resources import Resources
from evidenced.probes.trace import Line, traced
from evidenced.publish.access import Access
from evidenced.publish.alerts_history import Sources
from evidenced.publish.api_gate import GateDoor
from evidenced.publish.api_history import History
from evidenced.publish.api_targets import TargetsDoor
from evidenced.publish.badge import BadgeDoor
from evidenced.publish.blackbox.handler import ProbeHandler
from evidenced.publish.feed import FeedDoor
from evidenced.publish.metrics import Metrics
from evidenced.publish.metrics_shards import ShardCollector
from evidenced.publish.page.door import PageDoor
from evidenced.publish.page.recent import Recent
from evidenced.publish.proof import ProofDoor
from evidenced.publish.push import PushDoor
from evidenced.publish.rules import rules
from evidenced.publish.web import Site
from evidenced.watch.board import Board, Change
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check
from evidenced.watch.run import run
from evidenced.watch.schedule import Schedule
from evidenced.watch.shards import Shard
from evidenced.watch.sharing import WHOLE
from evidenced.watch.verdict import Standing
from evidenced.watch.witness import ask_witnesses

SWEEP = 1.0
"""Seconds between two looks at the age of what is known."""


class Daemon:
    """All that one daemon is made of; two can live in one process."""

    def __init__(
        self,
        path: Path,
        loaded: Loaded,
        resources: Resources,
        store: Store,
        blackbox: BlackboxFile,
    ) -> None:
        self.in_force = InForce(
            path,
            loaded,
            blackbox,
            adopt=self._adopt,
            listed=self._lists_known,
            unseen=self._unseen,
        )
        self._resources = resources
        self._log = structlog.get_logger()
        self._ready = False
        self.stopped = asyncio.Event()
        self.address = ("", 0)
        self.board = Board.of(loaded.plan, loaded.missing, loaded.reading, loaded.share)
        alone = loaded.share is WHOLE
        self.shards = None if alone else self._sharing(store)
        self.keeper = self.shards.keeper if self.shards else Keeper(store, self.board)
        self._leading = Leading(None if alone else store.lead)
        self._facts = Facts(self.board, store, lambda: self._loaded.config.report is not None)
        self._said: dict[str, tuple[Line, ...]] = {}
        self._recent = Recent()
        self._page = PageDoor(self.board, lambda: self._loaded.config, store, self._recent)
        self.metrics = self._counting(store)
        self._schedule = Schedule(
            self._look,
            self._record,
            self.metrics.observe_lateness,
            loaded.config.concurrency,
            settle=self._settle,
        )
        self._heartbeat = Heartbeat(
            lambda: self._loaded.config.heartbeat, self._schedule.behind, resources.resolver
        )
        self._alerts = self._alerting(resources, store)
        self._tracking = Tracking(self.board, lambda: self._loaded.config, self.keeper, resources)
        self._drilling = Drilling(self.board, self.keeper, self._news)
        self._polling = Polling(resources, lambda: self._loaded.listings, self.in_force.listed)
        state = state_dir(None, path, os.environ)
        self._pushes = PushFile(state / pushes.NAME, resources.mailbox)
        self._reporting = self._reports(state)
        self._open_mailbox()
        self._take_over()

    def _counting(self, store: Store) -> Metrics:
        """The metrics of the parts, each asked when there is a scrape."""
        location = self._loaded.config.location
        metrics = Metrics(
            self.board,
            location=location,
            in_flight=lambda: self._schedule.in_flight,
            skipped=lambda: self._schedule.skipped,
            heartbeat=lambda: self._heartbeat.sent,
            alerts=lambda: self._alerts.delivered,
            tracker=lambda: self._tracking.filed,
            store=lambda: store.write_failures,
        )
        if self.shards is not None:
            metrics.register(ShardCollector(self.shards.standing, location))
        return metrics

    def _alerting(self, resources: Resources, store: Store) -> Alerts:
        return Alerts(
            self.board,
            lambda: self._loaded.config,
            lambda: self.address,
            lambda: self.keeper.alive,
            resources,
            Sources(
                skipped=lambda: self._schedule.skipped,
                failures=lambda: store.write_failures,
                late=self.metrics.lateness,
                missing=lambda: self.shards.missing if self.shards else 0,
            ),
            store,
        )

    def _reports(self, state: Path) -> Reporting:
        return Reporting(
            self.board,
            lambda: self._loaded.config.report,
            self._schedule.due_in,
            state=state,
            location=self._loaded.config.location or "",
            facts=self._facts if self.shards else None,
        )

    async def restore(self) -> None:
        """Bring back what was known before a restart."""
        await self._pushes.restore()
        tell_changes(self.board, await self.keeper.restore())
        self._drilling.sweep(time.time())

    @property
    def _loaded(self) -> Loaded:
        return self.in_force.loaded

    def behind(self) -> float:
        """How many seconds the schedule is late; see `Schedule.behind`."""
        return self._schedule.behind()

    async def live(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._schedule.run(), name="schedule")
            group.create_task(self.keeper.run(), name="keeper")
            group.create_task(self._sweep(), name="sweep")
            group.create_task(self.in_force.follow_files(), name="files")
            group.create_task(self._heartbeat.run(), name="heartbeat")
            group.create_task(self._alerts.run(), name="alerts")
            group.create_task(self._leading.run(), name="lead")
            group.create_task(self._leading.while_leading(self._tracking.run), name="tracker")
            group.create_task(self._pushes.run(), name="pushes")
            group.create_task(self._polling.run(), name="lists")
            group.create_task(self._leading.while_leading(self._reporting.run), name="report")
            if self.shards is not None:
                group.create_task(self.shards.run(), name="shards")
                group.create_task(self._facts.run(), name="facts")
            self._ready = True

    def leave(self) -> None:
        """Keep how all stands when the daemon stops in order."""
        self.keeper.leave()
        if self.shards is not None:
            self.shards.leave()

    def site(self) -> Site:
        """What the HTTP interface of this daemon answers from."""
        return Site(
            board=self.board,
            scrape=self.metrics.scrape,
            rules=lambda: rules(self._loaded.config, self.board.plan.ledger),
            ready=lambda: self._ready,
            reload=self.in_force.reload,
            access=Access(lambda: self._loaded.config.web, self._admin_token),
            admin_token=self._admin_token,
            pushes=PushDoor(
                find=self._pushed_to,
                shared=lambda: self._loaded.config.tokens.push,
                names=lambda: tuple(self.board.checks),
                deliver=self._deliver,
                elsewhere=lambda name: self._elsewhere(self.board.share.checks.get(name)),
            ),
            probe=ProbeHandler(
                lambda: self.in_force.blackbox.settings(self._loaded.config, self._loaded.plan),
                self._resources,
                self._loaded.config.concurrency,
            ),
            maintenance=Maintaining(self.board, self.keeper, self._unseen).door(self._admin_token),
            drills=self._drilling.door(
                self._admin_token, lambda claim: self._elsewhere(self.board.share.other(claim))
            ),
            ledger=accepting(
                self.board, self.in_force.reload, lambda: self._loaded.config.tokens.admin
            ),
            page=self._page,
            proofs=ProofDoor(
                self.board,
                lambda: self._loaded.config,
                self.keeper.store,
                self._page,
                self.keeper.settled,
            ),
            history=History(self.board, self.keeper.store),
            badges=BadgeDoor(self.board, self.keeper.store),
            feed=FeedDoor(self.board, self.keeper.store, lambda: self._loaded.config.external_url),
            gate=GateDoor(self.board, lambda: self._loaded.config.ledger, self.keeper),
            targets=TargetsDoor(self._known_shards),
        )

    def tell_started(self) -> None:
        """Log what the daemon begins with."""
        plan = self._loaded.plan
        host, port = self.address
        self._log.info(
            "started",
            listen=f"{host}:{port}",
            claims=len(plan.ledger.claims),
            checks=len(self.board.own_checks),
            silent_claims=len(plan.silent),
        )
        self.in_force.tell_lists({})
        tell_warnings(self._loaded)
        tell_plan(plan)

    async def _look(self, check: Check) -> Observation:
        if not self._may_change(check):
            return await run(check, KINDS[check.kind].probe, self._resources)
        # What is said in a run that may change a standing is kept as its proof.
        with traced() as trace:
            seen = await run(check, KINDS[check.kind].probe, self._resources)
        self._said[check.name] = trace.lines
        return seen

    def _may_change(self, check: Check) -> bool:
        status = self.board.checks.get(check.name)
        if status is None:
            return False
        state, confirm = status.state, check.timing.confirm
        next_fails = state.failures + 1 >= confirm.failures
        return next_fails or state.confirmed is not Standing.VERIFIED

    async def _adopt(self) -> tuple[Change, ...]:
        """Go by what is in force now; the changes of standing that this brings about."""
        now = self._loaded
        self.board.reading = now.reading
        changed = self.board.adopt(now.plan, now.missing, now.share)
        self._open_mailbox()
        # Of thousands of checks either takes a while: looks have their turn in between.
        await asyncio.sleep(0)
        self._take_over()
        return changed

    def _open_mailbox(self) -> None:
        looks = self.board.share.looks
        checks = [one.check for name, one in self.board.checks.items() if looks(name)]
        self._resources.mailbox.open(c.name for c in checks if isinstance(c.settings, PushSettings))

    def _lists_known(self) -> None:
        self.board.lists = summaries(self._loaded.listings)

    def _take_over(self) -> None:
        """Let all parts know of the checks that there are now."""
        looks = self.board.share.looks
        checks = [one.check for name, one in self.board.checks.items() if looks(name)]
        self._schedule.replace(checks)
        self._heartbeat.changed()
        self._news()
        self._polling.changed()
        self._reporting.reloaded()
        self._lists_known()
        self.board.linted = self._loaded.linted

    def _sharing(self, store: Store) -> Shards:
        return Shards(
            self.board,
            store,
            lambda: self._loaded.config.shard,
            lambda: self.address,
            self._unseen,
            self._heard,
            lambda: self._leading.leads,
        )

    def _heard(self) -> None:
        """Others say that a standing became another one."""
        self._tracking.changed()
        self._reporting.changed()

    def _known_shards(self) -> tuple[tuple[Shard, bool], ...]:
        if self.shards is not None:
            return self.shards.known
        return ((Shard(0, 1, reached_at(self.address), 0.0, 0.0), True),)

    def _elsewhere(self, shard: int | None) -> str | None:
        return self.shards.elsewhere(shard) if self.shards else None

    def _news(self) -> None:
        """Let those who tell others see the board at once."""
        self._alerts.changed()
        self._tracking.changed()

    def _pushed_to(self, name: str) -> PushSettings | None:
        status = self.board.checks.get(name)
        settings = status.check.settings if status else None
        return settings if isinstance(settings, PushSettings) else None

    def _deliver(self, name: str, push: Push) -> None:
        if self._resources.mailbox.put(name, push):
            self._pushes.changed()
            self._schedule.now(name)

    async def _settle(self, observation: Observation) -> None:
        await ask_witnesses(observation, self.board, self._schedule)

    def _record(self, observation: Observation) -> None:
        name = observation.check.name
        known = self.board.checks.get(name)
        self._recent.seen(observation)
        changed = self.board.record(observation)
        tell_changes(self.board, changed)
        if changed:
            self._news()
            self._stood()
        if known is not None:
            self.keeper.seen(observation, known, changed, self._said.pop(name, ()))
        if self.board.share.has_check(name):
            self.metrics.scrape.saw(name)
        sooner = observation.check.timing.interval_failing
        if sooner is not None and observation.result is Outcome.FAILURE:
            self._schedule.soon(observation.check.name, sooner)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self._unseen(self.board.sweep(time.time()))
            self._drilling.sweep(time.time())

    def _unseen(self, changed: tuple[Change, ...]) -> None:
        """Tell and keep changes that no run brought about."""
        tell_changes(self.board, changed)
        self.keeper.aged(changed)
        if changed:
            self._stood()

    def _stood(self) -> None:
        """A standing became another one: what is reported changes."""
        self._reporting.changed()
        self._facts.changed()

    def _admin_token(self) -> Secret | None:
        return self._loaded.config.tokens.admin
