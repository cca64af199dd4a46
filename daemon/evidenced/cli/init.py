"""`evidenced init`: a first configuration for a ledger that is there."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from evidenced.cli.options import BAD_INPUT, bad_input_exits
from evidenced.cli.rewriting import REFUSED
from evidenced.config.ledger import LedgerSettings
from evidenced.config.load import load
from evidenced.config.problem import ConfigError
from evidenced.ledger.belief import disbelief
from evidenced.ledger.model import LedgerError
from evidenced.ledger.parse import read
from evidenced.ledger.rewrite import Change, ChangedError, RewriteError, rewrite
from evidenced.workflow.init import Beginning, first_config


def init(
    ledger: Annotated[
        Path, typer.Option("--from", metavar="LEDGER", help="The ledger, such as STATE.md.")
    ],
    base_url: Annotated[
        str, typer.Option(metavar="URL", help="The site that the paths in it belong to.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")
    ] = Path("evidenced.yaml"),
    force: Annotated[
        bool, typer.Option("--force", help="Also where there is such a file already.")
    ] = False,
) -> None:
    """Write a first configuration for a ledger (exit 0, 1 where there is one, 2 bad input)."""
    with bad_input_exits():
        made = _made(ledger, base_url, output)
        _check(output, made)
        try:
            before = output.read_bytes() if force and output.exists() else None
            rewrite([Change(output, before, made.encode())])
        except ChangedError:
            typer.echo(f"{output}: is there already: --force writes over it", err=True)
            raise typer.Exit(REFUSED) from None
        except (RewriteError, OSError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(BAD_INPUT) from None
    typer.echo(f"wrote {output}; next: evidenced plan -c {output}")


def _made(ledger: Path, base_url: str, output: Path) -> str:
    found = read(ledger)
    if doubt := disbelief(None, found):
        raise LedgerError(f"{ledger}: {doubt}")
    try:
        LedgerSettings.model_validate({"path": str(ledger), "base_url": base_url})
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigError(f"--base-url: found {base_url!r}, {message}") from None
    folder = output.absolute().parent
    return first_config(
        Beginning(
            found,
            _relative(ledger.absolute(), folder),
            _relative(_repository(ledger.absolute()), folder),
            base_url,
        )
    )


def _check(output: Path, made: str) -> None:
    """See that a configuration of this text loads where it is to be; raises ConfigError."""
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            dir=output.absolute().parent,
            prefix=".evidenced-",
            suffix=".yaml",
            encoding="utf-8",
        ) as file:
            file.write(made)
            file.flush()
            load(Path(file.name))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"{output}: cannot be written: {reason}") from None


def _repository(ledger: Path) -> Path:
    """The top of the repository that the ledger is in; its own folder where it is in none."""
    return next((p for p in ledger.parents if (p / ".git").exists()), ledger.parent)


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder)
