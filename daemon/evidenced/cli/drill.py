"""`evidenced drill`: make a claim look failed for a while, to try the way of its alert."""

import asyncio
import getpass
import json
import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

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
from evidenced.config.types import format_duration
from evidenced.watch.drill import MOST

PATH = "/api/v1/drills"


def drill(
    claim: Annotated[
        str | None, typer.Argument(help="The claim; without one, the drills that are on are shown.")
    ] = None,
    lasts: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="How long: 5m, at most 1h.")
    ] = None,
    why: Annotated[str, typer.Option(help="One line for whoever sees it.")] = "",
    stop: Annotated[bool, typer.Option("--stop", help="End the drill of this claim.")] = False,
    url: UrlOption = None,
    token_file: TokenOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a claim look failed for a while, with drill="true" on all that it fires.

    Exit 0 begun, ended or shown, 1 refused, 2 bad input.
    """
    with bad_input_exits():
        _check(claim, lasts, stop=stop)
        if claim is None:
            daemon, token, tls = reading(url, config)
        else:
            daemon, token, tls = destination(url, token_file, config)
    if claim is None:
        found = loaded(taken(asyncio.run(ask("GET", daemon + PATH, token, tls=tls))))
        _show(found, as_json=as_json)
    elif stop:
        where = f"{daemon}{PATH}/{quote(claim, safe='')}?{urlencode({'who': _who()})}"
        taken(asyncio.run(ask("DELETE", where, token, tls=tls)))
        typer.echo(f"the drill of {claim} has ended")
    else:
        body = {"claim": claim, "for": lasts, "why": why, "who": _who()}
        begun = loaded(taken(asyncio.run(ask("POST", daemon + PATH, token, body, tls))))
        _tell(begun, as_json=as_json)


def _check(claim: str | None, lasts: str | None, *, stop: bool) -> None:
    """Raises ConfigError for what cannot be meant."""
    if claim is None:
        if stop or lasts is not None:
            raise ConfigError("expected a CLAIM")
        return
    if stop == (lasts is not None):
        raise ConfigError("expected --for DURATION to begin a drill, or --stop to end it")
    if lasts is not None and lasting(lasts) > MOST:
        raise ConfigError(f"--for: found {lasts!r}, expected at most {format_duration(MOST)}")


def _who() -> str:
    """Who asks, as far as this host knows."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        name = f"user {os.getuid()}"
    return f"{name}@{socket.gethostname()}"


def _tell(begun: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(begun, indent=2, ensure_ascii=False))
        return
    claim = begun["claim"]
    typer.echo(f"{claim} looks contradicted until {_moment(begun['until'])}.")
    typer.echo(
        f'{begun["alert"]} fires for it with drill="true", and resolves after that; how the claim '
        "truly stands is told beside it, as ever."
    )
    typer.echo(f"To end it sooner: evidenced drill {claim} --stop")


def _show(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    if not found["drills"]:
        typer.echo("no drill is on")
        return
    # Costly to import, and only needed here.
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("CLAIM", "UNTIL", "ALERT", "WHO", "WHY"):
        table.add_column(column)
    for one in found["drills"]:
        cells = (one["claim"], _moment(one["until"]), one["alert"], one["who"], one["why"])
        table.add_row(*(Text(str(cell)) for cell in cells))
    console().print(table)


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
