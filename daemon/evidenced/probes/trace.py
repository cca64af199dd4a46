"""What a look does, line by line, for a person who wants to see it.

A probe says what happens with `note`, wherever it happens; nobody hears it unless a `Trace` is
listened to in the same context, so a look that nobody watches pays for one look-up of a variable.
What is said here is shown: a line never holds a secret.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from evidenced.probes.attempt import one_line


class Mark(StrEnum):
    """What a line is about, as curl marks it."""

    INFO = "*"
    SENT = ">"
    HEARD = "<"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a trace; `at` is in seconds since it was first listened to."""

    mark: Mark
    text: str
    at: float


class Trace:
    """The lines of one attempt, in the order in which they were said."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lines: list[Line] = []

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines so far."""
        return tuple(self._lines)

    def add(self, mark: Mark, text: str) -> None:
        """Say one line, without what cannot be printed."""
        self._lines.append(Line(mark, one_line(text), time.monotonic() - self._began))


def listening() -> bool:
    """Whether anybody listens, for lines that are costly to put together."""
    return _CURRENT.get() is not None


def note(mark: Mark, text: str | Callable[[], str]) -> None:
    """Say a line to whoever listens; a callable is asked for it only where somebody does."""
    trace = _CURRENT.get()
    if trace is not None:
        trace.add(mark, text if isinstance(text, str) else text())


@contextmanager
def traced() -> Iterator[Trace]:
    """Listen to what is said inside, in tasks that begin there too."""
    trace = Trace()
    token = _CURRENT.set(trace)
    try:
        yield trace
    finally:
        _CURRENT.reset(token)


_CURRENT: ContextVar[Trace | None] = ContextVar("trace", default=None)
