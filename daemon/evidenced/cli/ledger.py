"""`evidenced ledger show`: the ledger as it is read."""

import json
from pathlib import Path
from typing import Annotated

import typer

from evidenced.cli import show
from evidenced.cli.options import ConfigOption, JsonOption, bad_input_exits, config_path, console
from evidenced.config.load import load
from evidenced.ledger.jsonform import to_json
from evidenced.ledger.model import Layout
from evidenced.ledger.nextfile import with_next
from evidenced.ledger.parse import read


def ledger_show(
    file: Annotated[
        Path | None, typer.Argument(help="The ledger; else the one of the configuration.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the ledger as it is read: its items, and the references that each one cites."""
    with bad_input_exits():
        found = read(*_ledger_file(file, config))
        if file is None:
            found = with_next(found, load(config_path(config)).ledger.next_path)
    if as_json:
        typer.echo(json.dumps(to_json(found), indent=2, ensure_ascii=False))
    else:
        show.ledger(found, console())


def _ledger_file(file: Path | None, config: Path | None) -> tuple[Path, Layout]:
    """The ledger to read and its layout: those of the configuration, where it is given or needed.

    Raises ConfigError.
    """
    if file is not None and config is None:
        return file, Layout.SECTIONS
    settings = load(config_path(config)).ledger
    return file or settings.path, Layout(settings.layout)
