"""The course of one attempt: which phase it is in, how long each took, what it holds open."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar, Token
from enum import StrEnum
from types import TracebackType
from typing import Self

from evidenced.probes.route import Route


class Phase(StrEnum):
    """The phases of an attempt, by the names they have in the metrics."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    PROCESSING = "processing"
    TRANSFER = "transfer"


class Course:
    """A clock that is in exactly one phase at any time, so that the phases sum to the duration.

    Entering a phase ends the one before it; a phase that is entered again, as after a redirect,
    goes on adding up. As a context manager, to be entered once, it starts the clock, is the current
    course of what runs inside, which is how hooks deep in a library find it (`Course.current`), and
    drops on leaving what connections the attempt leaves behind. One that goes on `after` another
    begins with the phases of that one.
    """

    __slots__ = (
        "_before",
        "_begun",
        "_ended",
        "_entered",
        "_kept",
        "_phase",
        "_spent",
        "_token",
        "_transports",
        "refused",
        "reused",
        "route",
        "started",
    )

    def __init__(
        self, *, keep: bool = False, route: Route | None = None, after: "Course | None" = None
    ) -> None:
        self.route = route or Route()
        """Which way connections go."""
        self.started = time.time()
        """When it began, in seconds since the epoch."""
        self.reused = False
        """Whether the connection now in use was kept from an earlier attempt."""
        self.refused: tuple[bytes, ...] = ()
        """The certificates (DER) of a handshake in which they were not trusted."""
        self._spent: dict[str, float] = dict(after.phases) if after else {}
        self._before = sum(self._spent.values())
        self._entered = time.monotonic()
        self._begun = self._entered - self._before
        self._ended: float | None = None
        self._phase = Phase.CONNECT
        self._kept = keep
        self._transports: list[asyncio.Transport] = []
        self._token: Token[Course] | None = None

    @property
    def phase(self) -> Phase:
        """The phase it is in, or the last one when it has ended."""
        return self._phase

    @property
    def begun(self) -> bool:
        """Whether the attempt came so far as to begin."""
        return self._token is not None

    @property
    def duration(self) -> float:
        """Seconds from the beginning to the end, or to now, by the monotonic clock."""
        return (time.monotonic() if self._ended is None else self._ended) - self._begun

    @property
    def phases(self) -> Mapping[str, float]:
        """Seconds spent in each phase that was entered; of the last one once it has ended."""
        return dict(self._spent)

    def enter(self, phase: Phase, at: float | None = None) -> None:
        """End the phase that it is in, and begin this one; nothing where it is in it already.

        `at` is when that was, by the monotonic clock, where it was not just now.
        """
        if phase is not self._phase and self._ended is None:
            self._add(self._in_it(at))
            self._phase = phase

    def end(self, at: float | None = None) -> None:
        """Stop the clock; nothing where it has stopped already. `at` is as for `enter`."""
        if self._ended is None:
            self._ended = self._in_it(at)
            self._add(self._ended)

    def skip(self, since: float) -> None:
        """Let the time since then (by the monotonic clock) count for nothing.

        It is for what was there and waited for this process to take note of it.
        """
        if self._ended is None:
            self.end(since)
            self.resume()

    def resume(self) -> None:
        """Let a clock that was stopped run again; the time between counts for nothing."""
        if self._ended is not None:
            now = time.monotonic()
            self._begun += now - self._ended
            self._entered, self._ended = now, None

    def hold(self, transport: asyncio.Transport) -> None:
        """Take note of a connection, to be dropped with the attempt."""
        self._transports.append(transport)

    @staticmethod
    def current() -> "Course":
        """The course of the attempt that this runs in; LookupError where there is none."""
        return _CURRENT.get()

    def _in_it(self, at: float | None) -> float:
        """A time that lies in the phase that it is in."""
        now = time.monotonic()
        return now if at is None else min(max(at, self._entered), now)

    def _add(self, now: float) -> None:
        phase = self._phase.value
        self._spent[phase] = self._spent.get(phase, 0.0) + now - self._entered
        self._entered = now

    def __enter__(self) -> Self:
        self.started = time.time() - self._before
        self._entered = time.monotonic()
        self._begun = self._entered - self._before
        self._token = _CURRENT.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _CURRENT.reset(self._token)
        self.end()
        for transport in self._transports:
            # Closing alone would wait for the peer: to take what is still to be sent, or to
            # answer the end of TLS, which a hanging peer does not.
            if not self._kept or transport.is_closing():
                # Up to Python 3.11.3 a TLS transport that was closed twice has let go of all that
                # abort() needs (python/cpython#98539): there is nothing left to abort then.
                with suppress(AttributeError):
                    transport.abort()
        self._transports.clear()


_CURRENT: ContextVar[Course] = ContextVar("course")
