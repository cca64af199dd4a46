"""Structured logs on stderr: JSON for machines, colour for a terminal."""

import sys
from typing import TextIO

import structlog


def configure_logs(stream: TextIO = sys.stderr, *, level: str = "info") -> None:
    """Send all logs of this process to the stream; JSON, unless it is a terminal."""
    renderer: structlog.types.Processor
    if stream.isatty():
        # The default would print the locals of each frame, and credentials with them.
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        shape: list[structlog.types.Processor] = []
    else:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
        shape = [structlog.processors.format_exc_info]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shape,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
