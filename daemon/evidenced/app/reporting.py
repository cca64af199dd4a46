"""The report of a daemon: written on a schedule and when standings change, committed if asked."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from pathlib import Path

import structlog

from evidenced.app.committing import Committed, commit_report
from evidenced.app.facts import Facts
from evidenced.app.report_file import ReportMemory, write_report
from evidenced.config.report import CommitSettings, ReportSettings
from evidenced.evidence.repeats import Repeats
from evidenced.ledger.rewrite import RewriteError
from evidenced.watch.board import Board
from evidenced.workflow.report import Ahead, Earlier, as_earlier, make_report
from evidenced.workflow.report_facts import Told

QUIET = 5.0
"""Seconds without another change after which those that came are reported."""

MOST = 60.0
"""Seconds after which they are reported, however many still come."""

RETRY = 60.0
"""Seconds after which a report that could not be written is tried again."""

GLANCE = 60.0
"""Seconds between two looks at the clock, which may be set or have slept."""


class Reporting:
    """Writes the report; `settings` are those in force (None: there is no report).

    `next_check` says in how many seconds the next look is due (None: no look is), and `facts`
    are those of checks that other daemons look at (None: there are none).
    """

    def __init__(
        self,
        board: Board,
        settings: Callable[[], ReportSettings | None],
        next_check: Callable[[], float | None],
        *,
        state: Path,
        location: str = "",
        quiet: float = QUIET,
        facts: Facts | None = None,
    ) -> None:
        self._board = board
        self._settings = settings
        self._next_check = next_check
        self._memory = ReportMemory(state)
        self._location = location
        self._quiet = quiet
        self._facts = facts
        self._news = asyncio.Event()
        self._first: float | None = None
        self._last = 0.0
        self._again: float | None = None
        self._known: ReportSettings | None = None
        self._due = 0.0
        self._repeats: defaultdict[str, Repeats] = defaultdict(Repeats)
        self._log = structlog.get_logger()
        self._reported: Earlier | None = None
        self.written = 0
        """How many reports were written since the start."""

    def changed(self) -> None:
        """A standing changed: report soon, with all that changes until then."""
        self._last = time.monotonic()
        if self._first is None:
            self._first = self._last
        self._news.set()

    def reloaded(self) -> None:
        """See whether there are other settings: they are taken over at once."""
        self._news.set()

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            self._news.clear()
            settings = self._settings()
            left = None if settings is None else self._left(settings)
            if settings is not None and left is not None and left <= 0:
                await self._report(settings)
                continue
            if settings is None:
                self._first = self._again = self._known = None
            # Not wait_for: in Python 3.11 it loses a cancellation that comes with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(None if left is None else min(left, GLANCE)):
                    await self._news.wait()

    def _left(self, settings: ReportSettings) -> float:
        """Seconds until the next report."""
        now, monotonic = time.time(), time.monotonic()
        following = settings.schedule.following(now, settings.zone)
        # The clock may have been set back, so that the time that was reckoned lies far ahead.
        self._due = min(self._due, following) if settings == self._known else following
        self._known = settings
        waits = [self._due - now]
        if not settings.on_change:
            self._first = None
        if self._first is not None:
            waits.append(min(self._last + self._quiet, self._first + MOST) - monotonic)
        if self._again is not None:
            waits.append(self._again - monotonic)
        return min(waits)

    async def _report(self, settings: ReportSettings) -> None:
        self._first = self._again = None
        now = time.time()
        self._due = settings.schedule.following(now, settings.zone)
        soon = self._next_check()
        ahead = Ahead(None if soon is None else now + soon, self._due)
        told = await self._facts.told() if self._facts else Told()
        # A thread makes it, of what is known now: statuses are frozen, and these dicts its own.
        board = copy(self._board)
        board.checks, board.claims = dict(board.checks), dict(board.claims)
        try:
            await asyncio.to_thread(self._write, board, settings, now, ahead, told)
            self.written += 1
            if self._facts and self._reported:
                self._facts.reported(self._reported)
            self._tell("report", "the report is not written", "")
            self._tell("failed", "the report failed", "")
            if settings.commit is not None:
                await self._commit(settings, settings.commit)
        except RewriteError as error:
            self._again = time.monotonic() + RETRY
            self._tell("report", "the report is not written", str(error))
        except Exception:  # noqa: BLE001  whatever is wrong with a report, the watching goes on
            self._again = time.monotonic() + RETRY
            self._repeats["failed"].trouble(None, self._log.exception, "the report failed")

    def _write(
        self,
        board: Board,
        settings: ReportSettings,
        now: float,
        ahead: Ahead,
        told: Told,
    ) -> None:
        # The memory of the last one may not have been kept on disk, or another daemon's has.
        known = (self._memory.earlier(settings), self._reported, told.last)
        earlier = max(filter(None, known), key=lambda one: one.made, default=None)
        report = make_report(board, earlier, now, ahead, self._location, told.facts)
        write_report(report, settings)
        self._reported = as_earlier(report)
        with suppress(RewriteError):
            self._memory.remember(report)

    async def _commit(self, settings: ReportSettings, commit: CommitSettings) -> None:
        refused = await asyncio.to_thread(lambda: self._memory.refused)
        done = await commit_report(list(settings.paths.values()), commit, refused)
        await asyncio.to_thread(self._refuse, done)
        if not done.trouble and done.refused:
            return
        self._tell("commit", "the report is not committed", done.trouble)
        self._tell("push", "the report is not pushed, tried again with the next", done.push_trouble)
        if done.commit:
            self._log.info("the report is committed", commit=done.commit)

    def _refuse(self, done: Committed) -> None:
        self._memory.refused = done.refused

    def _tell(self, about: str, what: str, why: str) -> None:
        """Log trouble, the same summed up until all of it is over."""
        if why:
            self._repeats[about].trouble(why, self._log.warning, what, why=why)
        else:
            what = "the trouble with the report is over"
            self._repeats[about].all_over(self._log.info, what, about=about)
