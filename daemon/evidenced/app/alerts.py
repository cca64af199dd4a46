"""Alerts that the daemon itself sends: what fires now, told to each Alertmanager on its own."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from evidenced.app.alerts_instance import Instance
from evidenced.app.alerts_past import Past
from evidenced.config.alertmanager import AlertmanagerSettings
from evidenced.config.model import Config
from evidenced.evidence.store import Store
from evidenced.probes.resources import Resources
from evidenced.publish.alerts_board import matters
from evidenced.publish.alerts_checks import Expiries, seen_expiries
from evidenced.publish.alerts_history import Sources
from evidenced.publish.alerts_hold import Lasting, Now, firing, lasting, resumed
from evidenced.publish.alerts_model import Firing, Labels
from evidenced.publish.alerts_rules import RuleBook, proof_url
from evidenced.publish.metrics_alerts import Delivered
from evidenced.watch.board import Board

LOOK = 1.0
"""Seconds between two looks at what has lasted long enough, beside one at each change."""

PAUSE = 0.1
"""Seconds between two looks at least: when much changes, it is looked at together."""


class Alerts:
    """Sees what fires on a board, and has each Alertmanager of the settings told.

    `config` is the configuration in force, `listen` the address listened on, and `alive` when the
    daemon was last known to live before this start (seconds since the epoch). `sources` are its
    counts, and in `store` is kept what alerts look back at (None: it is not). Nothing is said when
    the daemon stops: what fires then stays so at Alertmanager until it expires, and a daemon that
    is back by then goes on.
    """

    def __init__(
        self,
        board: Board,
        config: Callable[[], Config],
        listen: Callable[[], tuple[str, int]],
        alive: Callable[[], float | None],
        resources: Resources,
        sources: Sources,
        store: Store | None,
    ) -> None:
        self._board = board
        self._config = config
        self._listen = listen
        self._alive = alive
        self._resources = resources
        self._sources = sources
        self._store = store
        self._past: tuple[Past, asyncio.Task[None]] | None = None
        self._changed = asyncio.Event()
        self._lasting: Mapping[Labels, Lasting] = {}
        self._firing: Mapping[Labels, Firing] = {}
        self._expiries: Expiries = {}
        self._book: RuleBook | None = None
        self._book_of: tuple[object, object] = (None, None)
        self._instances: dict[str, tuple[Instance, asyncio.Task[None]]] = {}

    @property
    def delivered(self) -> tuple[Delivered, ...]:
        """How telling went so far, for each Alertmanager; a thread may ask."""
        return tuple(instance.delivered for instance, _ in list(self._instances.values()))

    def changed(self) -> None:
        """See at once whether something else fires, and whether there are other settings."""
        self._changed.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        begun = False
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._changed.clear()
                    settings = self._config().alertmanager
                    self._take_over(group, settings)
                    if settings is not None:
                        self._look(None if begun else settings.expire)
                    begun = True
                    # Not wait_for: in Python 3.11 it may lose a cancellation.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(None if settings is None else LOOK):
                            await asyncio.sleep(PAUSE)
                            await self._changed.wait()
        finally:
            self._instances.clear()
            self._past = None

    def _take_over(self, group: asyncio.TaskGroup, settings: AlertmanagerSettings | None) -> None:
        """Have the instances that the settings name; one that stays keeps what it was told.

        Nothing is remembered while there are none.
        """
        wanted = () if settings is None else settings.urls
        for url in self._instances.keys() - set(wanted):
            _, task = self._instances.pop(url)
            task.cancel()
        for url in wanted:
            if url not in self._instances:
                instance = Instance(
                    url, self._settings, lambda: self._firing, self._link, self._resources
                )
                self._instances[url] = (instance, group.create_task(instance.run()))
        if wanted and self._past is None:
            past = Past(self._board, self._rules, self._sources, self._store)
            self._past = (past, group.create_task(past.run()))
        elif self._past is not None and not wanted:
            _, task = self._past
            task.cancel()
            self._past = None

    def _settings(self) -> AlertmanagerSettings | None:
        return self._config().alertmanager

    def _look(self, expire: float | None) -> None:
        """Take in what is the matter now; with `expire` it is the first look after a start."""
        now = Now(time.time(), time.monotonic())
        self._expiries = seen_expiries(self._expiries, self._board, now.wall)
        past = self._past[0].matters(now.ticks) if self._past else ()
        found = matters(self._board, self._rules(), self._expiries, now.wall, past)
        known = lasting(self._lasting, found, now)
        self._lasting = known if expire is None else resumed(known, self._alive(), now, expire)
        before, self._firing = self._firing, firing(self._lasting, now)
        if before != self._firing:
            for instance, _ in self._instances.values():
                instance.changed()

    def _rules(self) -> RuleBook:
        config, ledger = self._config(), self._board.plan.ledger
        before = self._book_of
        if self._book is None or before[0] is not config or before[1] is not ledger:
            host, port = self._listen()
            shown = f"[{host}]" if ":" in host else host
            self._book = RuleBook.of(config, ledger, f"{shown}:{port}")
            self._book_of = (config, ledger)
        return self._book

    def _link(self, alert: Firing) -> str | None:
        """Where more is to be seen of an alert: the proof of its claim, or the daemon's page."""
        url = self._rules().settings.external_url
        claim = dict(alert.labels).get("claim")
        return proof_url(url, claim) if claim else url
