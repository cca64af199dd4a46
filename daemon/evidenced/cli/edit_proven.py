"""`evidenced ledger promote`, `close` and `reopen`: edits on what the plan and the store say."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from evidenced.app.listing import discovered
from evidenced.app.loading import start
from evidenced.cli.options import ConfigOption
from evidenced.cli.rewriting import Opened, YesOption, new_item, opened, refusals, write
from evidenced.cli.store import read_store
from evidenced.evidence.trouble import StoreError
from evidenced.ledger import edit
from evidenced.ledger.model import Item, Section
from evidenced.ledger.parse import parse_data
from evidenced.watch.plan import make_plan
from evidenced.workflow.collect import collect
from evidenced.workflow.edits import closing_evidence, reopening_evidence, speaking
from evidenced.workflow.proof import Claimed, Proof

_SINCE = 30 * 86_400.0
"""How far back the store is asked for proof, in seconds."""

OptionalClaim = Annotated[
    str | None,
    typer.Argument(metavar="[CLAIM]", help="Its id or title; else the item in progress."),
]


def promote(
    claim: OptionalClaim = None,
    check: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A check that speaks for it; may be repeated. Else all that do."
        ),
    ] = None,
    yes: YesOption = False,
    config: ConfigOption = None,
) -> None:
    """Call the item in progress STABLE, with the checks named that speak for it."""
    with refusals():
        found = opened(config)
        loaded = start(found.path)
        document = found.files.ledger
        trial = parse_data(edit.promote(document, claim, ["check"]).data)
        item = new_item(found, Section.STABLE, trial.sections[Section.STABLE])
        plan = make_plan(loaded.config, trial, discovered(loaded.listings))
        checks = speaking(plan, item.id, check or ())
        write(found, replace(found.files, ledger=edit.promote(document, claim, checks)), yes=yes)


def close(
    claim: OptionalClaim = None,
    evidence: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Evidence beside that of the store, in Markdown."),
    ] = None,
    yes: YesOption = False,
    config: ConfigOption = None,
) -> None:
    """Close a STABLE item, or the one in progress: today, with the current proof as evidence."""
    with refusals():
        found = opened(config)
        item = edit.closable(found.ledger, claim)
        said = closing_evidence(item, _proof_to_close(found, item, evidence), evidence)
        after = edit.close(found.files.ledger, item.id, said, _today())
        write(found, replace(found.files, ledger=after), yes=yes)


def reopen(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="Its id or title.")],
    yes: YesOption = False,
    config: ConfigOption = None,
) -> None:
    """Reopen a CLOSED item on new proof from the store (exit 3 where there is none)."""
    with refusals():
        found = opened(config)
        item = edit.closed(found.ledger, claim)
        said = reopening_evidence(_proof(found, item), _today())
        after = edit.reopen(found.files.ledger, item.id, said, limits=found.limits)
        write(found, replace(found.files, ledger=after), yes=yes)


def _proof_to_close(found: Opened, item: Item, evidence: str | None) -> Proof | None:
    """The proof that the store has; none where it cannot be read and other evidence is given."""
    try:
        return _proof(found, item)
    except StoreError as error:
        if evidence is None:
            raise StoreError(f"{error}; other evidence is given with --evidence TEXT") from None
        typer.echo(str(error), err=True)
        return None


def _proof(found: Opened, item: Item) -> Proof:
    now = time.time()
    settings = found.config.ledger
    plan = make_plan(found.config, found.ledger)
    claimed = Claimed(item, settings.path, settings.repository)
    return read_store(
        found.path,
        found.config,
        lambda reader: collect(plan, claimed, reader, since=now - _SINCE, now=now),
    )


def _today() -> date:
    return datetime.now(UTC).date()
