"""The look at a database: one query that only reads, and what it must give."""

import asyncio
import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, CursorResult, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from evidenced.config.kinds.sql import SqlSettings
from evidenced.config.kinds.stream import StreamExpect
from evidenced.probes.attempt import Attempt, Failure, Judgement, Reason
from evidenced.probes.course import Phase
from evidenced.probes.expectations.compare import MISSING, compare
from evidenced.probes.expectations.count import judge_count
from evidenced.probes.look import Look, LookError
from evidenced.probes.resources import Resources
from evidenced.probes.stream import Local
from evidenced.probes.threads import in_thread

_MOST_ROWS = 100_000
"""Rows that are counted."""

_AT_ONCE = 1000

_STEPS = 1000
"""Steps of SQLite's machine between two looks at the clock: a fraction of a millisecond."""


async def probe(settings: SqlSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look by a query; see `Probe` for what holds for all kinds.

    Each look has a connection and a thread of its own. The database is told the deadline as well,
    so that a query does not go on when nobody waits any more. Facts: `rows` (where they are
    counted), `value` (where it is a number). Phases: `connect` and `processing`.
    """
    return await _SqlLook(settings, timeout).take(timeout)


@dataclass(frozen=True, slots=True)
class _Found:
    """The first column of the first row or MISSING, and how many rows there are where counted."""

    value: object
    rows: int | None


class _SqlLook(Look):
    def __init__(self, settings: SqlSettings, timeout: float) -> None:
        super().__init__(
            Local(settings.target), StreamExpect.model_construct(latency=settings.expect.latency)
        )
        self._settings = settings
        self._timeout = timeout

    async def run(self) -> None:
        """Connect, ask, judge."""
        settings, loop = self._settings, asyncio.get_running_loop()
        url = make_url(settings.url.reveal() if settings.url else "")
        left = self._timeout - self.course.duration

        def connected() -> None:
            with suppress(RuntimeError):  # The loop was closed meanwhile.
                loop.call_soon_threadsafe(self.course.enter, Phase.PROCESSING)

        counted = settings.expect.rows is not None
        found = await in_thread(
            partial(_ask, url, settings.query, left, counted=counted, connected=connected)
        )
        self.course.end()
        if found.rows is not None:
            self.facts["rows"] = found.rows
        number = found.value
        if isinstance(number, int | float) and math.isfinite(number):
            self.facts["value"] = float(number)
        self.judgements += _judge(self._settings, found)

    def failure_of(self, error: Exception) -> Failure | None:
        """What a database and its driver may say."""
        if isinstance(error, ModuleNotFoundError):
            detail = f"the Python package {error.name} is not installed here: install it"
            return LookError(Reason.DEPENDENCY, detail).failure
        if isinstance(error, DBAPIError):
            return self._refusal(error)
        if isinstance(error, sqlite3.Warning):  # More than one statement.
            return LookError(Reason.STATUS, f"{self.peer.peer} refuses the query: {error}").failure
        return super().failure_of(error)

    def _refusal(self, error: DBAPIError) -> Failure:
        said = _said(error.orig)
        if self.course.phase is Phase.CONNECT:
            return LookError(Reason.CONNECT, f"{self.peer.peer} cannot be opened: {said}").failure
        if isinstance(error.orig, sqlite3.OperationalError) and said == "interrupted":
            return self.late(self._timeout)
        return LookError(Reason.STATUS, f"{self.peer.peer} refuses the query: {said}").failure


def _judge(settings: SqlSettings, found: _Found) -> Iterator[Judgement]:
    expect = settings.expect
    if expect.value is not None:
        verdict = compare(found.value, expect.value)
        met, expected = verdict.met, f"value {verdict.expected}"
        yield Judgement("value", met, expected, verdict.found, Reason.BODY)
    if expect.rows is not None and found.rows is not None:
        yield judge_count("rows", "rows", found.rows, expect.rows, Reason.BODY)


def _ask(
    url: URL, query: str, seconds: float, *, counted: bool, connected: Callable[[], None]
) -> _Found:
    """Ask the database; blocks. Raises DBAPIError, ModuleNotFoundError and LookError."""
    engine = _sqlite(url, seconds) if url.drivername == "sqlite" else _postgresql(url, seconds)
    with engine.connect() as connection:
        connected()
        try:
            return _read(connection, query, counted=counted)
        finally:
            connection.rollback()


def _read(connection: Connection, query: str, *, counted: bool) -> _Found:
    # As it is written: `:name` and `%` mean nothing to us.
    options = connection.execution_options(stream_results=True, no_parameters=True)
    with closing(options.exec_driver_sql(query)) as result:
        if not result.returns_rows:
            raise LookError(Reason.BODY, "the query gives no rows, as a select would")
        row = result.fetchone()
        value = MISSING if row is None else _plain(row[0])
        return _Found(value, _count(result, int(row is not None)) if counted else None)


def _count(result: CursorResult[tuple[object, ...]], rows: int) -> int:
    while more := len(result.fetchmany(_AT_ONCE)):
        rows += more
        if rows > _MOST_ROWS:
            detail = f"the query gives more than {_MOST_ROWS:,} rows: count them in it"
            raise LookError(Reason.TOO_LARGE, detail, "rows")
    return rows


def _plain(value: object) -> object:
    """The value as one that can be compared; what is neither number, text nor null as its text."""
    if value is None or isinstance(value, bool | int | float | str | Decimal):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _sqlite(url: URL, seconds: float) -> Engine:
    """An engine on a file of SQLite, which is only read and never made."""
    until = time.monotonic() + seconds
    # A URI (sqlite.org, "URI Filenames"), because only that can say that the file is to be read.
    file = f"{Path(url.database or '').absolute().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        # A lock is waited for until the deadline, which is then told by whoever waits for us.
        connection = sqlite3.connect(file, uri=True, timeout=seconds)
        connection.set_progress_handler(lambda: time.monotonic() >= until, _STEPS)
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _postgresql(url: URL, seconds: float) -> Engine:
    """An engine on PostgreSQL, whose transactions only read and whose statements end in time."""
    milliseconds = max(math.ceil(seconds * 1000), 1)
    options = f"-c default_transaction_read_only=on -c statement_timeout={milliseconds}"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        # libpq takes whole seconds, at least two.
        connect_args={"connect_timeout": max(math.ceil(seconds), 2), "options": options},
        poolclass=NullPool,
    )


def _said(error: BaseException | None) -> str:
    """What is wrong, without anything that could stand in the data or in the address.

    SQLite's messages name only what stands in the query. Of others only the code is shown (the
    SQLSTATE of standard SQL), or what kind of error it is.
    """
    if isinstance(error, sqlite3.Error):
        return str(error)
    return str(getattr(error, "sqlstate", None) or type(error).__name__)
