"""`evidenced proof` and `evidenced evidence`: what the store of a daemon, running or not, says."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from evidenced.app.loading import start
from evidenced.cli.options import (
    BAD_INPUT,
    ConfigOption,
    JsonOption,
    bad_input_exits,
    config_path,
    console,
)
from evidenced.config.find import state_dir
from evidenced.config.load import load
from evidenced.config.model import Config
from evidenced.config.problem import ConfigError
from evidenced.config.suggest import suggestion
from evidenced.config.types import parse_duration
from evidenced.evidence.address import file_of, located
from evidenced.evidence.database import Database
from evidenced.evidence.reader import Reader, Verification
from evidenced.evidence.records import Evidence
from evidenced.evidence.trouble import StoreError
from evidenced.ledger.model import Item, Ledger
from evidenced.workflow.collect import collect
from evidenced.workflow.markdown import one_line
from evidenced.workflow.proof import Claimed, Proof
from evidenced.workflow.proof_text import moment, proof_json, proof_markdown

T = TypeVar("T")

evidence_app = typer.Typer(
    help="The evidence that is kept: list it, verify that none was changed.", no_args_is_help=True
)


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
    with _bad_input_exits():
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


@evidence_app.command()
def verify(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say whether any record was changed, dropped or reordered (exit 0 whole, 1 not)."""
    with _bad_input_exits():
        found = _read(config_path(config), None, lambda reader: reader.verify())
    if as_json:
        typer.echo(json.dumps(_verification_json(found), indent=2))
    else:
        for line in _verification_lines(found):
            typer.echo(line)
    if found.problems:
        raise typer.Exit(1)


@evidence_app.command("list")
def list_(
    claim: Annotated[
        str | None, typer.Option(metavar="CLAIM", help="Only of this claim, by its id.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    config: ConfigOption = None,
) -> None:
    """List the newest records, newest first."""
    with _bad_input_exits():
        found = _read(config_path(config), None, lambda reader: reader.evidence(claim, limit=limit))
    console().print(_table(found))


def _proof(path: Path, claim: str, since: str) -> Proof:
    now = time.time()
    begin = _since(since, now)
    loaded = start(path)
    item = _claim(loaded.ledger, claim)
    settings = loaded.config.ledger
    missing = loaded.missing.get(item.id, ())
    claimed = Claimed(item, settings.path, settings.repository, missing)
    return _read(
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


def _read(path: Path, config: Config | None, ask: Callable[[Reader], Awaitable[T]]) -> T:
    """What the store of this configuration answers; raises StoreError where it cannot be read."""
    settings = (config or load(path)).store
    folder = state_dir(None, path, os.environ)

    async def answer() -> T:
        async with _reader(settings.address, folder) as reader:
            return await ask(reader)

    return asyncio.run(answer())


@asynccontextmanager
async def _reader(address: str, folder: Path) -> AsyncIterator[Reader]:
    """A reader of a store as it is, whether or not a daemon writes it; it never makes one."""
    url = located(address, folder)
    file = file_of(url)
    if file is not None and not file.exists():
        raise StoreError(f"{file}: no store is there yet: it is begun by the daemon's first start")
    database = Database(url)
    try:
        database.open_prepared()
    except ImportError:
        raise StoreError("the driver is missing: pip install evidenced[postgres]") from None
    try:
        yield Reader(database)
    finally:
        await database.close()


@contextmanager
def _bad_input_exits() -> Iterator[None]:
    """The same as for configuration and ledger, for the store as well."""
    with bad_input_exits():
        try:
            yield
        except StoreError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(BAD_INPUT) from None


def _verification_lines(found: Verification) -> Iterator[str]:
    yield from map(str, found.problems)
    if found.problems:
        return
    pruned = ""
    if found.anchor.at is not None:
        pruned = f" (those up to {found.anchor.id} were pruned {moment(found.anchor.at)})"
    yield f"{found.records} records, chain whole, head {found.head.hash}{pruned}"


def _verification_json(found: Verification) -> dict[str, object]:
    anchor = found.anchor
    return {
        "records": found.records,
        "whole": not found.problems,
        "head": {"id": found.head.id, "hash": found.head.hash},
        "pruned": {"id": anchor.id, "hash": anchor.hash, "at": anchor.at and moment(anchor.at)},
        "problems": [
            {"id": one.id, "flaw": one.flaw.value, "detail": one.detail} for one in found.problems
        ],
    }


def _table(records: Iterable[Evidence]) -> Table:
    made = Table(box=None, pad_edge=False, header_style="dim")
    made.add_column("ID", justify="right", no_wrap=True)
    for column in ("TIME (UTC)", "CLAIM", "CHANGE", "CHECK"):
        made.add_column(column, no_wrap=True)
    for one in records:
        drill = " (drill)" if one.drill else ""
        texts = (one.claim, f"{one.before} → {one.standing}{drill}", one.check)
        made.add_row(str(one.id), _time(one.at), *(Text(one_line(text)) for text in texts))
    return made


def _time(at: object) -> str:
    """The time in seconds, also of a record in which somebody wrote something else."""
    try:
        return f"{datetime.fromtimestamp(float(str(at)), UTC):%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        return "?"
