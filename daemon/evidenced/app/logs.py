"""Structured logs on stderr: fields for a journal, JSON for machines, colour for a terminal.

Where systemd takes stderr into its journal, a line begins with its priority (sd-daemon(3),
"Logging") and has no time, for the journal knows it. Levels map to those of syslog(3).
"""

import logging
import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from evidenced.app.logs_exceptions import Exceptions

PRIORITIES: Mapping[str, int] = MappingProxyType(
    {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
)


def configure_logs(
    stream: TextIO | None = None,
    *,
    level: str = "info",
    environ: Mapping[str, str] | None = None,
) -> None:
    """Send all logs of this process to the stream, in the shape for whoever reads it there.

    Without one they go to stderr.
    """
    # Not a default in the signature: stderr may be another one than when this was imported.
    stream = stream or sys.stderr
    time: tuple[Processor, ...] = (structlog.processors.TimeStamper(fmt="iso", utc=True),)
    shape: tuple[Processor, ...]
    if stream.isatty():
        shape = (*time, _printable, structlog.dev.ConsoleRenderer())
    elif in_journal(stream, os.environ if environ is None else environ):
        shape = (_printable, _Prefixed())
    else:
        shape = (*time, structlog.processors.JSONRenderer(ensure_ascii=False, default=str))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            Exceptions(),
            *shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def in_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether the stream goes to the journal: $JOURNAL_STREAM is its device and inode.

    It is compared, since whoever has redirected the stream leaves the variable as it is
    (systemd.exec(5)).
    """
    device, _, inode = environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        found = os.fstat(stream.fileno())
        return (found.st_dev, found.st_ino) == (int(device), int(inode))
    except (OSError, ValueError):
        return False


def adopt_logging() -> None:
    """Send what libraries log by Python's own logging, from warnings on, the same way.

    Only the sentence of it, without what is put into it, nor the message of an exception: nobody
    knows which secrets are in these.
    """
    logging.basicConfig(level=logging.WARNING, handlers=[_Adopted()], force=True)


class _Adopted(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        """Log a record as our own."""
        lines = str(record.msg).splitlines()
        log = structlog.get_logger()
        say = log.error if record.levelno >= logging.ERROR else log.warning
        error = record.exc_info[1] if record.exc_info else None
        about = {} if error is None else {"exc_info": error}
        say("a library tells", library=record.name, said=lines[0] if lines else "", **about)


class _Prefixed:
    """Renders what happened and its fields on one line, an exception on further ones."""

    def __init__(self) -> None:
        self._fields = structlog.processors.LogfmtRenderer(bool_as_flag=False)

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        """The lines, each with its priority."""
        prefix = f"<{PRIORITIES.get(event.pop('level', name), 6)}>"
        what = str(event.pop("event", ""))
        exception = str(event.pop("exception", "")).splitlines()
        fields = self._fields(logger, name, event)
        return "\n".join(
            [f"{prefix}{what} {fields}".rstrip(), *(f"{prefix}    {line}" for line in exception)]
        )


def _printable(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Escape what is no text for a screen: a line, or a colour, of somebody else's making."""
    return {key: value if key == "exception" else _escaped(value) for key, value in event.items()}


def _escaped(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
