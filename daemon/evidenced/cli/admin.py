"""What the commands that change a running daemon share: where it is, the token, its answers."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from evidenced.cli.client import Answer, base_url, own_url, shown_token
from evidenced.cli.options import configuration
from evidenced.cli.reach import Reach, given, own, own_trust, trust
from evidenced.config.problem import ConfigError
from evidenced.config.types import parse_duration

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


def reading(url: str | None, config: Path | None) -> Reach:
    """How the daemon is reached to be asked; that of the configuration, if no address is given.

    Raises ConfigError where there is no address of a daemon.
    """
    return given(url) if url else own(configuration(config))


def destination(url: str | None, token_file: Path | None, config: Path | None) -> Reach:
    """How the daemon is reached to be changed, with the admin token.

    What is not given is that of the configuration, which is read only then. Raises ConfigError
    where there is no token, or no address of a daemon.
    """
    token = shown_token(token_file, os.environ.get("EVIDENCED_ADMIN_TOKEN"))
    if url is None or token is None:
        read = configuration(config)
        tls = trust(url) if url else own_trust(read)
        url, token = url or own_url(read), token or read.tokens.admin
    else:
        tls = trust(url)
    if token is None:
        raise ConfigError(
            "no token: give --token-file or $EVIDENCED_ADMIN_TOKEN, or set tokens.admin_file in "
            "the configuration"
        )
    return Reach(base_url(url), token, tls)


def lasting(text: str) -> float:
    """The seconds that `--for` says; ConfigError where it is no duration above 0."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise ConfigError(f"--for: found {text!r}, {error}") from None
    if seconds <= 0:
        raise ConfigError(f"--for: found {text!r}, expected more than 0")
    return seconds


def taken(asked: tuple[Answer, str]) -> str:
    """The text of an answer that says yes; else the command ends with what it says."""
    answer, text = asked
    if not answer.delivered:
        typer.echo(f"refused: {answer}" if answer.status else str(answer), err=True)
        raise typer.Exit(1)
    return text


def loaded(text: str) -> Mapping[str, Any]:
    """The object that a daemon answered with; else the command ends."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        typer.echo("what answered is no evidenced daemon", err=True)
        raise typer.Exit(1)
    return found
