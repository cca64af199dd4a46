"""`evidenced proof`: the proof pack of a claim."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from evidenced.app.loading import start
from evidenced.cli.options import ConfigOption, JsonOption, bad_input_exits, config_path
from evidenced.cli.store import read_store
from evidenced.config.problem import ConfigError
from evidenced.config.suggest import suggestion
from evidenced.config.types import parse_duration
from evidenced.ledger.model import Item, Ledger
from evidenced.workflow.collect import collect
from evidenced.workflow.proof import Claimed, Proof
from evidenced.workflow.proof_text import proof_json, proof_markdown


def proof(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's id.")],
    since: Annotated[
        str,
        typer.Option(metavar="WHEN", help="How far back: 7d, or a date such as 2026-11-20."),
    ] = "30d",
    as_json: JsonOption = False,
    config: ConfigOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here.")
    ] = None,
) -> None:
    """Write the proof pack of a claim (exit 0, 1 without any evidence of it, 2 bad input)."""
    with bad_input_exits():
        made = _proof(config_path(config), claim, since)
        text = (
            json.dumps(proof_json(made), indent=2, ensure_ascii=False) + "\n"
            if as_json
            else proof_markdown(made)
        )
        _write(text, output)
    if made.newest is None:
        typer.echo(f"no evidence of {claim!r} is kept", err=True)
        raise typer.Exit(1)


def _proof(path: Path, claim: str, since: str) -> Proof:
    now = time.time()
    begin = _since(since, now)
    loaded = start(path)
    item = _claim(loaded.ledger, claim)
    settings = loaded.config.ledger
    missing = loaded.missing.get(item.id, ())
    claimed = Claimed(item, settings.path, settings.repository, missing)
    return read_store(
        path,
        loaded.config,
        lambda reader: collect(loaded.plan, claimed, reader, since=begin, now=now),
    )


def _since(text: str, now: float) -> float:
    """Seconds since the epoch of a duration ago, or of a date; without a zone it is UTC."""
    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise ConfigError(
            f"--since: found {text!r}, expected a duration such as 7d or a date such as 2026-11-20"
        ) from None


def _claim(ledger: Ledger, claim: str) -> Item:
    claims = {item.id: item for item in ledger.claims}
    if claim in claims:
        return claims[claim]
    hint = suggestion(claim, claims) if claims else "the ledger has no claim"
    raise ConfigError(f"the ledger has no claim {claim!r}: {hint}")


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{output}: {error.strerror or type(error).__name__}") from None
