"""`evidenced demo`: a small shop and a daemon on it, on loopback."""

import sys
from typing import Annotated

import typer
import uvloop

from evidenced.cli.options import console
from evidenced.demo.play import play


def demo(
    seconds: Annotated[
        float | None,
        typer.Option("--for", metavar="SECONDS", help="Stop by itself; else at Ctrl-C."),
    ] = None,
) -> None:
    """Run a small shop and a daemon that watches it, both on loopback, and show it live."""
    try:
        uvloop.run(play(console(), seconds, live=sys.stdout.isatty()))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
