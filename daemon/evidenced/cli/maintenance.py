"""`evidenced maintenance`: announce work, so that standings are left as they are meanwhile."""

import asyncio
import json
from typing import Annotated
from urllib.parse import quote

import typer

from evidenced.cli.admin import (
    TokenOption,
    UrlOption,
    destination,
    lasting,
    loaded,
    reading,
    taken,
)
from evidenced.cli.client import ask
from evidenced.cli.options import (
    ConfigOption,
    JsonOption,
    bad_input_exits,
    console,
)
from evidenced.config.problem import ConfigError

PATH = "/api/v1/maintenance"

SubjectArgument = Annotated[str, typer.Argument(help="A claim or a check.")]


def start(
    subject: SubjectArgument,
    lasts: Annotated[str, typer.Option("--for", metavar="DURATION", help="How long: 30m, 2h.")],
    why: Annotated[str, typer.Option(help="One line for whoever sees it.")],
    url: UrlOption = None,
    token_file: TokenOption = None,
    config: ConfigOption = None,
) -> None:
    """Begin maintenance, or set another end to it (exit 0 begun, 1 refused, 2 bad input)."""
    with bad_input_exits():
        _check(lasts, why)
        daemon, token, tls = destination(url, token_file, config)
    body = {"subject": subject, "for": lasts, "why": why}
    text = taken(asyncio.run(ask("POST", daemon + PATH, token, body, tls)))
    typer.echo(f"{subject} is in maintenance until {loaded(text)['until']}")


def stop(
    subject: SubjectArgument,
    url: UrlOption = None,
    token_file: TokenOption = None,
    config: ConfigOption = None,
) -> None:
    """End maintenance that was begun by hand (exit 0 ended, 1 refused, 2 bad input)."""
    with bad_input_exits():
        daemon, token, tls = destination(url, token_file, config)
    where = f"{daemon}{PATH}/{quote(subject, safe='')}"
    taken(asyncio.run(ask("DELETE", where, token, tls=tls)))
    typer.echo(f"the maintenance of {subject} has ended")


def list_(url: UrlOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the maintenance that is on: windows of the configuration, and begun by hand."""
    with bad_input_exits():
        daemon, token, tls = reading(url, config)
    found = loaded(taken(asyncio.run(ask("GET", daemon + PATH, token, tls=tls))))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    if not found["maintenance"]:
        typer.echo("nothing is in maintenance")
        return
    # Costly to import, and only needed here.
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("SUBJECT", "UNTIL", "BY", "WHY"):
        table.add_column(column)
    for one in found["maintenance"]:
        by = "hand" if one["by_hand"] else "window"
        table.add_row(*(Text(str(cell)) for cell in (one["subject"], one["until"], by, one["why"])))
    console().print(table)


def _check(lasts: str, why: str) -> None:
    lasting(lasts)
    if not why.strip():
        raise ConfigError("--why: found nothing, expected a reason")
