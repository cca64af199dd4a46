"""Exceptions in the log: where they came from, without what they say, and summed up.

The message of an exception that nobody foresaw may hold anything, such as an address with its
password, so only its type is shown and the way that it took through the code.
"""

import errno
import sys
from collections.abc import Iterator
from traceback import walk_tb

from structlog import DropEvent
from structlog.typing import EventDict, WrappedLogger

from evidenced.evidence.repeats import Repeats

MOST_FRAMES = 40
"""The most calls of one exception that are shown, those nearest to it."""

MOST_RELATED = 6
"""The most causes, in a row, and members of a group that are shown."""


class Exceptions:
    """Puts the text of an exception in the place of it.

    The same one, of the same place in the code, is told once and then at most once an hour, with
    how often it came; a line that somebody was told the id of stays, without the text.
    """

    def __init__(self) -> None:
        self._repeats = Repeats()

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """The event to go on with; raises DropEvent for one that is told already."""
        error = _error(event.pop("exc_info", None))
        if error is None:
            return event
        counted: list[dict[str, object]] = []

        def say(_event: str, /, **fields: object) -> None:
            counted.append(fields)

        self._repeats.trouble((event.get("event"), *_place(error)), say, "")
        if counted:
            return {**event, **counted[0], "exception": "\n".join(lines_of(error))}
        if "id" in event:
            return {**event, "error": _type(error)}
        raise DropEvent


def lines_of(error: BaseException, related: int = MOST_RELATED) -> Iterator[str]:
    """What an exception is and where it came from, the calls that led to it last to first."""
    yield _type(error)
    frames = list(walk_tb(error.__traceback__))[-MOST_FRAMES:]
    for frame, line in reversed(frames):
        code = frame.f_code
        yield f"  at {code.co_filename}:{line} in {code.co_qualname}"
    if related <= 0:
        return
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions[:MOST_RELATED]:
            yield from (f"  {line}" for line in lines_of(one, related - 1))
    cause = error.__cause__
    if cause is None and not error.__suppress_context__:
        cause = error.__context__
    if cause is not None:
        first, *rest = lines_of(cause, related - 1)
        yield f"caused by {first}"
        yield from rest


def _error(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return _error(exc_info[1])
    return sys.exc_info()[1] if exc_info else None


def _type(error: BaseException) -> str:
    kind = type(error)
    name = (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
    code = errno.errorcode.get(error.errno or 0) if isinstance(error, OSError) else None
    return f"{name} ({code})" if code else name


def _place(error: BaseException) -> tuple[object, ...]:
    """What tells this exception from others: its type and where it was raised."""
    frame, line = None, 0
    for frame, line in walk_tb(error.__traceback__):  # noqa: B007  the last one is wanted
        pass
    return type(error), frame.f_code if frame else None, line
