"""The life of one daemon: startup, watching, reloads, shutdown."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from evidenced.app import loading, pushes
from evidenced.app.blackbox import BlackboxFile
from evidenced.app.discovery import Polling
from evidenced.app.files import notices
from evidenced.app.heartbeat import Heartbeat
from evidenced.app.keeper import Keeper
from evidenced.app.listing import Key, Listing, Listings, listings, summaries, tell_lists
from evidenced.app.loading import Loaded
from evidenced.app.pushes import PushFile
from evidenced.app.telling import tell_changes
from evidenced.config.find import state_dir
from evidenced.config.kinds.push import PushSettings
from evidenced.config.model import Config
from evidenced.evidence.store import Store
from evidenced.probes.attempt import Outcome
from evidenced.probes.mailbox import Push
from evidenced.probes.registry import KINDS
from evidenced.probes.resources import Resources
from evidenced.probes.trace import Line, traced
from evidenced.publish.blackbox.handler import ProbeHandler
from evidenced.publish.maintenance import MaintenanceDoor
from evidenced.publish.metrics import Metrics
from evidenced.publish.push import PushDoor
from evidenced.publish.rules import rules
from evidenced.publish.web import Site
from evidenced.watch.board import Board, Change
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check
from evidenced.watch.run import run
from evidenced.watch.schedule import Schedule
from evidenced.watch.verdict import Standing
from evidenced.watch.witness import ask_witnesses

SWEEP = 1.0
"""Seconds between two looks at the age of what is known."""

GRACE = 1.0
"""Seconds that requests under way are given at shutdown."""


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
        self._path = path
        self._blackbox = blackbox
        self._loaded = loaded
        self._resources = resources
        self._log = structlog.get_logger()
        self._reloading = asyncio.Lock()
        self._ready = False
        self.stopped = asyncio.Event()
        self.address = ("", 0)
        self.board = Board.of(loaded.plan, loaded.missing, loaded.reading)
        self.keeper = Keeper(store, self.board)
        self._said: dict[str, tuple[Line, ...]] = {}
        self.metrics = Metrics(
            self.board,
            location=loaded.config.location,
            in_flight=lambda: self._schedule.in_flight,
            skipped=lambda: self._schedule.skipped,
            heartbeat=lambda: self._heartbeat.sent,
            store=lambda: store.write_failures,
        )
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
        self._polling = Polling(resources, lambda: self._loaded.listings, self._listed)
        state = state_dir(None, path, os.environ)
        self._pushes = PushFile(state / pushes.NAME, resources.mailbox)
        self._take_over()

    async def restore(self) -> None:
        """Bring back what was known before a restart."""
        await self._pushes.restore()
        tell_changes(self.board, await self.keeper.restore())

    async def reload(self) -> tuple[str, ...]:
        """Read the configuration and the ledger again; the problems that kept old ones in force."""
        async with self._reloading:
            before = self._loaded
            loaded = await asyncio.to_thread(loading.again, self._path, before)
            self._loaded = await asyncio.to_thread(self._blackbox.again, loaded, before)
            self.board.reading = self._loaded.reading
            changed = self.board.adopt(self._loaded.plan, self._loaded.missing)
            self._take_over()
        self._tell_loaded(before)
        tell_lists(before.listings, self._loaded.listings)
        self._unseen(changed)
        return self._loaded.problems

    async def live(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._schedule.run(), name="schedule")
            group.create_task(self.keeper.run(), name="keeper")
            group.create_task(self._sweep(), name="sweep")
            group.create_task(self._follow_files(), name="files")
            group.create_task(self._heartbeat.run(), name="heartbeat")
            group.create_task(self._pushes.run(), name="pushes")
            group.create_task(self._polling.run(), name="lists")
            self._ready = True

    def site(self) -> Site:
        """What the HTTP interface of this daemon answers from."""
        return Site(
            board=self.board,
            registry=self.metrics.registry,
            rules=lambda: rules(self._loaded.config),
            ready=lambda: self._ready,
            reload=self.reload,
            admin_token=lambda: self._loaded.config.tokens.admin,
            pushes=PushDoor(
                find=self._pushed_to,
                shared=lambda: self._loaded.config.tokens.push,
                names=lambda: tuple(self.board.checks),
                deliver=self._deliver,
            ),
            probe=ProbeHandler(
                lambda: self._blackbox.settings(self._loaded.config, self._loaded.plan),
                self._resources,
                self._loaded.config.concurrency,
            ),
            maintenance=MaintenanceDoor(
                self.board,
                admin_token=lambda: self._loaded.config.tokens.admin,
                begin=self._begin,
                end=self._end,
            ),
        )

    def tell_started(self) -> None:
        """Log what the daemon begins with."""
        plan = self._loaded.plan
        host, port = self.address
        self._log.info(
            "started",
            listen=f"{host}:{port}",
            claims=len(plan.ledger.claims),
            checks=len(plan.checks),
            silent_claims=len(plan.silent),
        )
        tell_lists({}, self._loaded.listings)
        self._tell_plan()

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

    def _take_over(self) -> None:
        """Let all parts know of the checks that there are now."""
        checks = [status.check for status in self.board.checks.values()]
        self._resources.mailbox.open(c.name for c in checks if isinstance(c.settings, PushSettings))
        self._schedule.replace(checks)
        self._heartbeat.changed()
        self._polling.changed()
        self.board.lists = summaries(self._loaded.listings)

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
        changed = self.board.record(observation)
        tell_changes(self.board, changed)
        if known is not None:
            self.keeper.seen(observation, known, changed, self._said.pop(name, ()))
        sooner = observation.check.timing.interval_failing
        if sooner is not None and observation.result is Outcome.FAILURE:
            self._schedule.soon(observation.check.name, sooner)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self._unseen(self.board.sweep(time.time()))

    def _unseen(self, changed: tuple[Change, ...]) -> None:
        """Tell and keep changes that no run brought about."""
        tell_changes(self.board, changed)
        self.keeper.aged(changed)

    async def _begin(self, one: Maintenance) -> None:
        changed = self.board.begin(one, time.time())
        self._log.info("maintenance began", subject=one.subject, until=one.until, why=one.why)
        self.keeper.maintained(one)
        self._unseen(changed)
        await self.keeper.settled()

    async def _end(self, subject: str) -> None:
        changed = self.board.end(subject, time.time())
        self._log.info("maintenance ended", subject=subject)
        self.keeper.ended(subject)
        self._unseen(changed)
        await self.keeper.settled()

    async def _follow_files(self) -> None:
        async for _ in notices(lambda: (*self._loaded.watched, *self._blackbox.watched)):
            if await asyncio.to_thread(self._outdated):
                await self.reload()
            else:
                await self._relist(partial(listings, self._loaded.templates))

    def _outdated(self) -> bool:
        return self._loaded.outdated() or self._blackbox.outdated()

    async def _listed(self, key: Key, listing: Listing) -> None:
        """Take over what was asked for, unless it is no longer wanted."""

        def change(lists: Listings) -> Listings:
            before = lists.get(key)
            if before is None or before.source != listing.source:
                return lists
            return {**lists, key: listing.for_template(before.template)}

        await self._relist(change)

    async def _relist(self, change: Callable[[Listings], Listings]) -> None:
        """Take over other lists of targets; the checks that stay keep their beat."""
        async with self._reloading:
            before = self._loaded
            after = await asyncio.to_thread(lambda: before.with_listings(change(before.listings)))
            self._loaded = after
            changed: tuple[Change, ...] = ()
            if after.plan is not before.plan:
                changed = self.board.adopt(after.plan, after.missing)
                self._take_over()
            self.board.lists = summaries(after.listings)
        tell_lists(before.listings, after.listings)
        self._unseen(changed)

    def _tell_loaded(self, before: Loaded) -> None:
        for problem in self._loaded.problems:
            self._log.error("not taken over, the last good one stays in force", problem=problem)
        for key in ("listen", "location", "concurrency"):
            if getattr(self._loaded.config, key) != getattr(before.config, key):
                self._log.warning("a change of this key takes a restart", key=key)
        if not self._loaded.problems:
            self._log.info("reloaded", checks=len(self._loaded.plan.checks))
        self._tell_plan()

    def _tell_plan(self) -> None:
        for who, name, nearest in self._loaded.plan.unmet:
            self._log.warning("named, but not there", by=who, name=name, nearest=nearest)
        for check, claim, nearest in self._loaded.plan.strays:
            self._log.warning(
                "a check names a claim that the ledger does not have",
                check=check,
                claim=claim,
                nearest=nearest,
            )
        for name in self._loaded.plan.doubled:
            self._log.warning("several lists have this target, the first one holds", check=name)


@asynccontextmanager
async def running(path: Path, blackbox: Path | None = None) -> AsyncIterator[Daemon]:
    """A daemon that runs until the block is left.

    Raises ConfigError or LedgerError where there is nothing good to start with, and OSError where
    the address to listen on cannot be had.
    """
    loaded = await asyncio.to_thread(loading.start, path)
    modules = BlackboxFile(blackbox)
    await asyncio.to_thread(modules.read, loaded.config)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(Resources())
        store = await stack.enter_async_context(_store(path, loaded.config))
        daemon = Daemon(path, loaded, resources, store, modules)
        await daemon.restore()
        daemon.address = await stack.enter_async_context(_listening(daemon, loaded.config.listen))
        async with asyncio.TaskGroup() as group:
            life = group.create_task(daemon.live(), name="daemon")
            daemon.tell_started()
            try:
                yield daemon
            finally:
                life.cancel()
                daemon.keeper.leave()


def _store(path: Path, config: Config) -> Store:
    kept = config.store
    folder = state_dir(None, path, os.environ)
    return Store(kept.address, folder, keep=kept.keep, max_size=kept.max_size)


async def serve(path: Path, blackbox: Path | None = None) -> None:
    """Run a daemon until SIGTERM or SIGINT; SIGHUP reloads it."""
    async with running(path, blackbox) as daemon:
        with _signals(daemon):
            await daemon.stopped.wait()
        structlog.get_logger().info("stopping")


@asynccontextmanager
async def _listening(daemon: Daemon, listen: str) -> AsyncIterator[tuple[str, int]]:
    host, _, port = listen.rpartition(":")
    runner = web.AppRunner(
        daemon.site().application(),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=GRACE,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host.strip("[]") or None, int(port)).start()
        found = runner.addresses[0]
        yield found[0], found[1]
    finally:
        await runner.cleanup()


@contextmanager
def _signals(daemon: Daemon) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[tuple[str, ...]]] = set()

    def reload() -> None:
        task = loop.create_task(daemon.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    handlers = {
        signal.SIGTERM: daemon.stopped.set,
        signal.SIGINT: daemon.stopped.set,
        signal.SIGHUP: reload,
    }
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
