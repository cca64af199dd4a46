"""`evidenced maintenance`: announce work, so that standings are left as they are meanwhile."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.table import Table
from rich.text import Text

from evidenced.cli.client import Answer, ask, base_url, own_url, shown_token
from evidenced.cli.options import (
    ConfigOption,
    JsonOption,
    bad_input_exits,
    config_path,
    console,
)
from evidenced.config.load import load
from evidenced.config.problem import ConfigError
from evidenced.config.types import Secret, parse_duration

PATH = "/api/v1/maintenance"

maintenance_app = typer.Typer(
    help="Announce work on a claim or a check: its standing is left as it is meanwhile.",
    no_args_is_help=True,
)
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="EVIDENCED_URL", help="The daemon; else that of the configuration."
    ),
]
TokenOption = Annotated[
    Path | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        help="The token; else $EVIDENCED_ADMIN_TOKEN, else that of the configuration.",
    ),
]
SubjectArgument = Annotated[str, typer.Argument(help="A claim or a check.")]


@maintenance_app.command()
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
        daemon, token = _destination(url, token_file, config)
    body = {"subject": subject, "for": lasts, "why": why}
    text = _taken(asyncio.run(ask("POST", daemon + PATH, token, body)))
    typer.echo(f"{subject} is in maintenance until {_loaded(text)['until']}")


@maintenance_app.command()
def stop(
    subject: SubjectArgument,
    url: UrlOption = None,
    token_file: TokenOption = None,
    config: ConfigOption = None,
) -> None:
    """End maintenance that was begun by hand (exit 0 ended, 1 refused, 2 bad input)."""
    with bad_input_exits():
        daemon, token = _destination(url, token_file, config)
    _taken(asyncio.run(ask("DELETE", f"{daemon}{PATH}/{quote(subject, safe='')}", token)))
    typer.echo(f"the maintenance of {subject} has ended")


@maintenance_app.command("list")
def list_(url: UrlOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show the maintenance that is on: windows of the configuration, and begun by hand."""
    with bad_input_exits():
        daemon = base_url(url or own_url(load(config_path(config))))
    found = _loaded(_taken(asyncio.run(ask("GET", daemon + PATH))))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    if not found["maintenance"]:
        typer.echo("nothing is in maintenance")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("SUBJECT", "UNTIL", "BY", "WHY"):
        table.add_column(column)
    for one in found["maintenance"]:
        by = "hand" if one["by_hand"] else "window"
        table.add_row(*(Text(str(cell)) for cell in (one["subject"], one["until"], by, one["why"])))
    console().print(table)


def _check(lasts: str, why: str) -> None:
    try:
        seconds = parse_duration(lasts)
    except ValueError as error:
        raise ConfigError(f"--for: found {lasts!r}, {error}") from None
    if seconds <= 0:
        raise ConfigError(f"--for: found {lasts!r}, expected more than 0")
    if not why.strip():
        raise ConfigError("--why: found nothing, expected a reason")


def _destination(
    url: str | None, token_file: Path | None, config: Path | None
) -> tuple[str, Secret]:
    """The address and the token; of the configuration, which is read only then, if not given."""
    token = shown_token(token_file, os.environ.get("EVIDENCED_ADMIN_TOKEN"))
    if url is None or token is None:
        read = load(config_path(config))
        url, token = url or own_url(read), token or read.tokens.admin
    if token is None:
        raise ConfigError(
            "no token: give --token-file or $EVIDENCED_ADMIN_TOKEN, or set tokens.admin_file in "
            "the configuration"
        )
    return base_url(url), token


def _taken(asked: tuple[Answer, str]) -> str:
    """The text of an answer that says yes; else the command ends with what it says."""
    answer, text = asked
    if not answer.delivered:
        typer.echo(f"refused: {answer}" if answer.status else str(answer), err=True)
        raise typer.Exit(1)
    return text


def _loaded(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        typer.echo("what answered is no evidenced daemon", err=True)
        raise typer.Exit(1)
    return found
