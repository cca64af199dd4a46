"""`evidenced ledger accept`: let a running daemon believe the ledger as it is."""

import asyncio

import typer

from evidenced.cli.admin import TokenOption, UrlOption, destination, loaded, taken
from evidenced.cli.client import ask
from evidenced.cli.options import ConfigOption, bad_input_exits
from evidenced.config.words import counted

PATH = "/api/v1/ledger/accept"


def accept(
    url: UrlOption = None, token_file: TokenOption = None, config: ConfigOption = None
) -> None:
    """Let a running daemon take the ledger as it is now, whatever is gone from it.

    It does as a restart would: exit 0 taken, 1 refused, 2 bad input.
    """
    with bad_input_exits():
        daemon, token, tls = destination(url, token_file, config)
    answer = loaded(taken(asyncio.run(ask("POST", daemon + PATH, token, tls=tls))))
    gone, new = answer["gone"], answer["new"]
    typer.echo(f"taken: {counted(answer['claims'], 'claim')}, {len(gone)} gone, {len(new)} new")
    for mark, names in (("-", gone), ("+", new)):
        for name in names:
            typer.echo(f"  {mark} {name}")
