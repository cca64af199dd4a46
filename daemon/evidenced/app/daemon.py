"""The life of one daemon: startup, watching, reloads, shutdown."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import structlog
from aiohttp import web

from evidenced.app import loading
from evidenced.app.files import notices
from evidenced.app.loading import Loaded
from evidenced.probes.registry import KINDS
from evidenced.probes.resources import Resources
from evidenced.publish.metrics import Metrics
from evidenced.publish.rules import rules
from evidenced.publish.web import Site
from evidenced.watch.board import Board, Change
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check
from evidenced.watch.run import run
from evidenced.watch.schedule import Schedule
from evidenced.watch.verdict import Standing

SWEEP = 1.0
"""Seconds between two looks at the age of what is known."""

GRACE = 1.0
"""Seconds that requests under way are given at shutdown."""


class Daemon:
    """All that one daemon is made of; two can live in one process."""

    def __init__(self, path: Path, loaded: Loaded, resources: Resources) -> None:
        self._path = path
        self._loaded = loaded
        self._resources = resources
        self._log = structlog.get_logger()
        self._reloading = asyncio.Lock()
        self._ready = False
        self.stopped = asyncio.Event()
        self.address = ("", 0)
        self.board = Board.of(loaded.plan, loaded.missing, loaded.reading)
        self.metrics = Metrics(
            self.board,
            location=loaded.config.location,
            in_flight=lambda: self._schedule.in_flight,
            skipped=lambda: self._schedule.skipped,
        )
        self._schedule = Schedule(
            self._look, self._record, self.metrics.observe_lateness, loaded.config.concurrency
        )
        self._schedule.replace(status.check for status in self.board.checks.values())

    async def reload(self) -> tuple[str, ...]:
        """Read the configuration and the ledger again; the problems that kept old ones in force."""
        async with self._reloading:
            before = self._loaded
            self._loaded = await asyncio.to_thread(loading.again, self._path, before)
            self.board.reading = self._loaded.reading
            changed = self.board.adopt(self._loaded.plan, self._loaded.missing)
            self._schedule.replace(status.check for status in self.board.checks.values())
        self._tell_loaded(before)
        self._tell(changed)
        return self._loaded.problems

    async def live(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._schedule.run(), name="schedule")
            group.create_task(self._sweep(), name="sweep")
            group.create_task(self._follow_files(), name="files")
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
        self._tell_plan()

    async def _look(self, check: Check) -> Observation:
        return await run(check, KINDS[check.kind].probe, self._resources)

    def _record(self, observation: Observation) -> None:
        self._tell(self.board.record(observation))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            self._tell(self.board.sweep(time.time()))

    async def _follow_files(self) -> None:
        async for _ in notices(lambda: (self._path, self._loaded.config.ledger.path)):
            if await asyncio.to_thread(self._loaded.outdated, self._path):
                await self.reload()

    def _tell(self, changed: tuple[Change, ...]) -> None:
        for change in changed:
            claim = change.claim
            state = self.board.checks[change.check].state if change.check else None
            failure = state.failure if state else None
            proof = (
                {"reason": failure.reason.value, "detail": failure.detail}
                if failure and claim.standing is Standing.CONTRADICTED
                else {}
            )
            level = "warning" if claim.standing is not Standing.VERIFIED else "info"
            getattr(self._log, level)(
                "standing changed",
                claim=claim.item.id,
                section=claim.item.section.value,
                before=change.before.value,
                standing=claim.standing.value,
                check=change.check,
                **proof,
            )

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
        for check, claim, nearest in self._loaded.plan.strays:
            self._log.warning(
                "a check names a claim that the ledger does not have",
                check=check,
                claim=claim,
                nearest=nearest,
            )


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[Daemon]:
    """A daemon that runs until the block is left.

    Raises ConfigError or LedgerError where there is nothing good to start with, and OSError where
    the address to listen on cannot be had.
    """
    loaded = await asyncio.to_thread(loading.start, path)
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(Resources())
        daemon = Daemon(path, loaded, resources)
        daemon.address = await stack.enter_async_context(_listening(daemon, loaded.config.listen))
        async with asyncio.TaskGroup() as group:
            life = group.create_task(daemon.live(), name="daemon")
            daemon.tell_started()
            try:
                yield daemon
            finally:
                life.cancel()


async def serve(path: Path) -> None:
    """Run a daemon until SIGTERM or SIGINT; SIGHUP reloads it."""
    async with running(path) as daemon:
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
