"""Options that several commands share, and what they do with errors."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evidenced.config.find import find_config
from evidenced.config.problem import ConfigError
from evidenced.evidence.trouble import StoreError
from evidenced.ledger.model import LedgerError

if TYPE_CHECKING:
    from rich.console import Console

    from evidenced.config.model import Config

BAD_INPUT = 2
"""The exit status for a configuration or a ledger that cannot be used."""

PIPE_WIDTH = 200
"""Columns where the output is no terminal: nothing is folded that a program may read."""

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The configuration; else $EVIDENCED_CONFIG, ./evidenced.yaml or "
        "/etc/evidenced/evidenced.yaml.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def config_path(given: Path | None) -> Path:
    """The configuration file to use; raises ConfigError where there is none."""
    return find_config(given, os.environ)


def configuration(given: Path | None) -> "Config":
    """The configuration to use; raises ConfigError where there is none or it is no good."""
    # Costly to import, and who is told all by options and environment needs none of it.
    from evidenced.config.load import load

    return load(config_path(given))


def console(*, stderr: bool = False) -> "Console":
    """A console on stdout or stderr; wide where that is no terminal."""
    # Costly to import, and what is printed for programs needs none.
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPE_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=not stream.isatty())


@contextmanager
def bad_input_exits() -> Iterator[None]:
    """Turn what is wrong with configuration, ledger or store into lines on stderr and exit 2."""
    try:
        yield
    except (ConfigError, LedgerError, StoreError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None
