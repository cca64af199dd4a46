"""`evidenced evidence`: the records that the store of a daemon, running or not, has."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from evidenced.cli.options import ConfigOption, JsonOption, bad_input_exits, config_path, console
from evidenced.cli.store import read_store
from evidenced.evidence.reader import Verification
from evidenced.evidence.records import Evidence
from evidenced.workflow.markdown import one_line
from evidenced.workflow.proof_text import moment


def verify(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say whether any record was changed, dropped or reordered (exit 0 whole, 1 not)."""
    with bad_input_exits():
        found = read_store(config_path(config), None, lambda reader: reader.verify())
    if as_json:
        typer.echo(json.dumps(_verification_json(found), indent=2))
    else:
        for line in _verification_lines(found):
            typer.echo(line)
    if found.problems:
        raise typer.Exit(1)


def list_(
    claim: Annotated[
        str | None, typer.Option(metavar="CLAIM", help="Only of this claim, by its id.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    config: ConfigOption = None,
) -> None:
    """List the newest records, newest first."""
    with bad_input_exits():
        found = read_store(
            config_path(config), None, lambda reader: reader.evidence(claim, limit=limit)
        )
    console().print(_table(found))


def _verification_lines(found: Verification) -> Iterator[str]:
    yield from map(str, found.problems)
    if found.problems:
        return
    pruned = ""
    if found.anchor.at is not None:
        pruned = f" (those up to {found.anchor.id} were pruned {moment(found.anchor.at)})"
    records = "1 record" if found.records == 1 else f"{found.records} records"
    yield f"{records}, chain whole, head {found.head.hash}{pruned}"


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
