"""`evidenced push`: what to say, to whom, and with which token."""

import asyncio
import math
import os
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from evidenced.cli.client import base_url, own_url, shown_token
from evidenced.cli.deliver import Delivery, deliver
from evidenced.cli.options import ConfigOption, bad_input_exits, configuration
from evidenced.cli.reach import own_trust, trust
from evidenced.config.problem import ConfigError
from evidenced.config.types import Secret
from evidenced.probes.junit import read_junit
from evidenced.probes.tally import Tally

if TYPE_CHECKING:
    from evidenced.config.model import Config

PATH = "/api/v1/push/"
REPORT_LIMIT = 64 * 1024 * 1024
"""The most bytes of one report."""


def push(
    name: Annotated[str, typer.Argument(help="The check to push to.")],
    ok: Annotated[
        bool | None,
        typer.Option("--ok/--fail", help="Whether all is well; else the counts decide."),
    ] = None,
    message: Annotated[str | None, typer.Option(help="One line for whoever reads of it.")] = None,
    duration: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="How long it took.")
    ] = None,
    fact: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A fact; may be repeated.")
    ] = None,
    junit: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A test report (JUnit's XML); may be repeated."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(envvar="EVIDENCED_URL", help="The daemon; else that of the configuration."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The token; else $EVIDENCED_PUSH_TOKEN, else that of the configuration.",
        ),
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to try to get a connection.")
    ] = 30.0,
    config: ConfigOption = None,
) -> None:
    """Tell a running daemon how something went (exit 0 delivered, 1 refused, 2 bad input)."""
    with bad_input_exits():
        said = body(ok, message, duration, facts(fact or []), summary(junit or []))
        address, token, tls = destination(
            name, url, token_file, os.environ.get("EVIDENCED_PUSH_TOKEN"), config
        )
    answer = asyncio.run(deliver(Delivery(address, token, said, tls), patience))
    if not answer.delivered:
        typer.echo(f"not delivered: {answer}", err=True)
        raise typer.Exit(1)


def summary(reports: Sequence[Path]) -> Tally | None:
    """The counts of all reports together, None where there is none; ConfigError names a bad one."""
    tally: Tally | None = None
    for path in reports:
        try:
            found = read_junit(_content(path))
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror or type(error).__name__}") from None
        except ValueError as error:
            raise ConfigError(f"{path}: {error}") from None
        tally = found if tally is None else tally + found
    return tally


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(REPORT_LIMIT + 1)
    if len(content) > REPORT_LIMIT:
        raise ValueError(f"more than {REPORT_LIMIT // 1024**2} MiB")
    return content


def facts(pairs: Sequence[str]) -> dict[str, object]:
    """The facts of `NAME=VALUE`: numbers, true and false are what they look like, else texts.

    Raises ConfigError where a pair is none.
    """
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise ConfigError(f"--fact: found {pair!r}, expected NAME=VALUE")
        found[name] = _value(value)
    return found


def body(
    ok: bool | None,
    message: str | None,
    duration: float | None,
    own: Mapping[str, object],
    tally: Tally | None,
) -> dict[str, object]:
    """The body of a push; what is not known is left out."""
    counts: dict[str, object] = {}
    if tally is not None:
        counts = {
            "tests": tally.tests,
            "failures": tally.failures,
            "errors": tally.errors,
            "skipped": tally.skipped,
            "assertions": tally.assertions,
        }
        duration = tally.seconds if duration is None else duration
    found = {"ok": ok, "message": message, "duration": duration, "facts": dict(own), **counts}
    return {key: value for key, value in found.items() if value not in (None, {})}


def destination(
    name: str, url: str | None, token_file: Path | None, token: str | None, config: Path | None
) -> tuple[str, Secret, ssl.SSLContext | None]:
    """The address and the token to push with, and whom to trust there.

    What is not given is that of the configuration, which is read only then. Raises ConfigError
    where there is none.
    """
    shown = shown_token(token_file, token)
    known = url is not None and shown is not None
    read = None if known else configuration(config)
    tls = own_trust(read) if url is None and read is not None else trust(url or "")
    if url is None and read is not None:
        url = own_url(read)
    if shown is None and read is not None:
        shown = _own_token(read, name)
    base = base_url(url)
    if shown is None:
        raise ConfigError(
            f"no token for {name!r}: give --token-file or $EVIDENCED_PUSH_TOKEN, or set "
            "tokens.push_file in the configuration"
        )
    return f"{base}{PATH}{quote(name, safe='')}", shown, tls


def _own_token(config: "Config", name: str) -> Secret | None:
    settings = next((c.push for c in config.checks if c.name == name and c.push), None)
    return (settings and settings.token) or config.tokens.push


def _value(text: str) -> object:
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    if not math.isfinite(number):
        return text
    return int(number) if text.strip().lstrip("+-").isdecimal() else number
