"""The issue tracker: each outage on the board becomes one issue, however long that takes."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from evidenced.app.keeper import Keeper
from evidenced.app.tracker_forge import Forge
from evidenced.app.tracker_gitea import Gitea
from evidenced.app.tracker_github import GitHub
from evidenced.app.tracker_gitlab import GitLab
from evidenced.app.tracker_request import Api, LimitedError, RefusedError, TrackerError
from evidenced.app.tracking_book import Book
from evidenced.app.tracking_outage import Clerk, Counts
from evidenced.config.http import without_secrets
from evidenced.config.model import Config
from evidenced.config.tracker import TrackerSettings
from evidenced.evidence.records import Evidence
from evidenced.evidence.repeats import Repeats
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.probes.resources import Resources
from evidenced.publish.alerts_rules import proof_url
from evidenced.publish.metrics_tracker import Filed
from evidenced.watch.board import Board
from evidenced.watch.verdict import Standing
from evidenced.workflow.tracker import Outage, Pace, is_due
from evidenced.workflow.tracker_board import Key, Matter, matters
from evidenced.workflow.tracker_text import Told

LOOK = 1.0
"""Seconds between two looks at what has become due, beside one at each change."""

FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
"""Seconds at most before the second try, and before any: each may wait twice as long."""

UNREAD = 60.0
"""Seconds after which the daemon does without what was known before a restart: the tracker itself
knows which issues there are."""

LAG = 120.0
"""Seconds after which an issue that was opened is in lists, or was not opened."""

_RECORDS = 20
_TRACKER = "tracker"


class Tracking:
    """Sees outages on the board, and has each told to the tracker of the configuration.

    `config` is the configuration in force. Nothing is asked of the tracker when the daemon stops:
    what is open stays open, and the next start goes on with it.
    """

    def __init__(
        self,
        board: Board,
        config: Callable[[], Config],
        keeper: Keeper,
        resources: Resources,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._board = board
        self._config = config
        self._store = keeper.store
        self._resources = resources
        self._clock = clock
        self.book = Book(keeper.store.put, keeper.settled)
        """What is known of each outage."""
        self._counts = Counts()
        self._changed = asyncio.Event()
        self._known = False
        self._tried: dict[Key, float] = {}
        self._repeats = Repeats()
        self._api: Api | None = None
        self._clerk: tuple[Clerk, TrackerSettings] | None = None
        self._log = structlog.get_logger()

    @property
    def filed(self) -> Filed:
        """How it went so far; a thread may ask."""
        if self._config().tracker is None:
            return Filed()
        waiting = [one for one in self.book.outages if one.number is None and one.left is None]
        return Filed(self._counts.opened, self._counts.failures, len(waiting))

    def changed(self) -> None:
        """See at once what the board says now."""
        self._changed.set()

    async def run(self) -> None:
        """Go on until cancelled; begun anew, it goes by what is kept by then."""
        self._known = False
        await self._restore()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch(), name="outages")
                group.create_task(self._work(), name="issues")
        finally:
            # Another daemon may go on with them, and tells of them then.
            self.book.restore(())

    async def _restore(self) -> None:
        begun = time.monotonic()
        while not self._known:
            try:
                self.book.restore(await self._store.state())
            except StoreTroubleError:
                if time.monotonic() - begun < UNREAD:
                    await asyncio.sleep(LOOK)
                    continue
            self._known = True

    async def _watch(self) -> None:
        """See outages begin and end, also while the tracker is not to be had."""
        while True:
            self._changed.clear()
            self.see()
            # Not wait_for: in Python 3.11 it may lose a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._changed.wait()

    async def _work(self) -> None:
        while True:
            await AsyncRetrying(
                retry=retry_if_exception_type(TrackerError),
                wait=self._wait,
                sleep=self._pause,
                before_sleep=self._failed,
            )(self.round)
            self._recovered()
            await asyncio.sleep(LOOK)

    def see(self) -> None:
        """Take in the board as it is now."""
        settings = self._config().tracker
        if settings is None:
            return
        now = self._clock()
        found = matters(self._board, settings.sections, now)
        self.book.see(found, _where(settings), pace_of(settings), now)

    async def round(self) -> None:
        """Do all that is due now; raises TrackerError where the tracker is not to be had."""
        settings = self._config().tracker
        if settings is None:
            return
        clerk, pace = self._clerk_of(settings), pace_of(settings)
        # One that makes trouble must not keep the others waiting for ever.
        for outage in sorted(self.book.outages, key=lambda one: self._tried.get(one.key, 0.0)):
            matter = self.book.matter(outage)
            summary = matter.summary if matter else ""
            if outage.where != _where(settings) or not is_due(outage, summary, pace, self._clock()):
                continue
            self._tried[outage.key] = time.monotonic()
            try:
                await clerk.work(outage)
            except RefusedError as error:
                self._tell_refused(outage, error)
            else:
                self._repeats.over(
                    outage.key,
                    self._log.info,
                    "the issue tracker no longer refuses",
                    claim=outage.claim,
                )
        here = {outage.key for outage in self.book.outages}
        self._repeats.keep((*here, _TRACKER))
        self._tried = {key: at for key, at in self._tried.items() if key in here}

    def _tell_refused(self, outage: Outage, error: RefusedError) -> None:
        """Log what the forge does not do for this outage; it is tried again at a look."""
        self._counts.failures += 1
        self.book.learn(outage, looked=self._clock())
        self._repeats.trouble(
            outage.key,
            self._log.error,
            "the issue tracker refuses",
            claim=outage.claim,
            reason=str(error),
        )

    def _clerk_of(self, settings: TrackerSettings) -> Clerk:
        if self._clerk is None or self._clerk[1] != settings:
            self._api = Api(settings, self._resources)
            clerk = Clerk(
                forge_of(self._api),
                settings,
                pace_of(settings),
                self.book,
                self._told,
                self._clock,
                self._counts,
            )
            self._clerk = (clerk, settings)
        return self._clerk[0]

    async def _told(self, outage: Outage) -> Told | None:
        """What is told of an outage; None where the ledger no longer has its claim."""
        config, matter = self._config(), self.book.matter(outage)
        claim = self._board.claims.get(outage.claim)
        if claim is None:
            return None
        if matter is None:
            # A drill that is over.
            matter = Matter(claim.item, outage.drill, False, wanted=True, since=outage.began)
        return Told(
            matter,
            outage.began,
            await self._record(outage),
            proof_url(config.external_url, outage.claim),
            config.location,
        )

    async def _record(self, outage: Outage) -> Evidence | None:
        """The newest record against the claim, None where the store has none to give."""
        with suppress(StoreTroubleError):
            for record in await self._store.evidence(outage.claim, limit=_RECORDS):
                against = record.standing == Standing.CONTRADICTED.value
                if against and record.drill == outage.drill:
                    return record
        return None

    def _wait(self, state: RetryCallState) -> float:
        usual = wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT)(state)
        left = self._api.left if self._api else 0.0
        return max(usual, left)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless there are other settings meanwhile."""
        before, until = self._config().tracker, time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, LOOK))
            if self._config().tracker != before:
                return

    def _failed(self, state: RetryCallState) -> None:
        """Count a failure, and log those in a row summed up."""
        error = state.outcome.exception() if state.outcome else None
        self._counts.failures += 1
        say = self._log.info if isinstance(error, LimitedError) else self._log.warning
        self._repeats.trouble(
            _TRACKER,
            say,
            "the issue tracker is not to be had, and is tried again",
            reason=str(error),
        )

    def _recovered(self) -> None:
        self._repeats.over(_TRACKER, self._log.info, "the issue tracker is to be had again")


def pace_of(settings: TrackerSettings) -> Pace:
    """The times that the configuration sets."""
    return Pace(comment_every=settings.comment_every, settle=settings.settle, lag=LAG)


def forge_of(api: Api) -> Forge:
    """The forge of the API's settings."""
    if api.settings.forge == "github":
        return GitHub(api)
    return GitLab(api) if api.settings.forge == "gitlab" else Gitea(api)


def _where(settings: TrackerSettings) -> str:
    return f"{settings.forge} {without_secrets(settings.home)} {settings.repository}"
