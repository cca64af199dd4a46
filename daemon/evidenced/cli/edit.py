"""`evidenced ledger start`, `next add` and `archive`: edits that need nothing but the ledger."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from evidenced.cli.options import ConfigOption
from evidenced.cli.rewriting import Opened, YesOption, new_item, opened, refusals, write
from evidenced.config.problem import ConfigError
from evidenced.config.types import parse_duration
from evidenced.ledger import edit
from evidenced.ledger.edit_archive import Archived
from evidenced.ledger.edit_archive import archive as archived
from evidenced.ledger.model import Section
from evidenced.ledger.parse import parse_data

DoneWhen = Annotated[
    list[str] | None,
    typer.Option("--done-when", metavar="TEXT", help="When it is done; may be repeated."),
]


def start(
    title: Annotated[str, typer.Argument(help="Of a NEXT item, or of something new.")],
    done_when: DoneWhen = None,
    yes: YesOption = False,
    config: ConfigOption = None,
) -> None:
    """Begin work: the NEXT item of this title, or a new one, comes IN PROGRESS."""
    with refusals():
        found = opened(config)
        after = edit.start(found.files, title, done_when or (), limits=found.limits)
        begun = parse_data(after.ledger.data).sections[Section.IN_PROGRESS]
        item = new_item(found, Section.IN_PROGRESS, begun)
        if not item.done_when:
            typer.echo(f"nothing says when {item.title!r} is done: --done-when TEXT", err=True)
        write(found, after, yes=yes)


def next_add(
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    done_when: DoneWhen = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also where there are as many as there may be.")
    ] = False,
    yes: YesOption = False,
    config: ConfigOption = None,
) -> None:
    """Add a NEXT item, with what says when it is done."""
    with refusals():
        found = opened(config)
        files = found.files
        limits = None if force else found.limits
        after = edit.add_next(files.next or files.ledger, title, done_when or (), limits=limits)
        write(
            found,
            replace(files, next=after) if files.next else replace(files, ledger=after),
            yes=yes,
        )


def archive(
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="DURATION", help="Since they were closed.")
    ] = "90d",
    yes: YesOption = False,
    config: ConfigOption = None,
) -> None:
    """Move old CLOSED items to a dated file beside the ledger, with an index of them."""
    with refusals():
        found = opened(config)
        today = datetime.now(UTC).date()
        path = _free(found.config.ledger.path, today)
        made = archived(
            found.files.ledger,
            before=_before(today, older_than),
            today=today,
            source=found.config.ledger.path.name,
            name=path.name,
        )
        _tell_of(found, made)
        after = replace(found.files, ledger=made.ledger)
        write(found, after, yes=yes, new=[(path, made.archive.data)])


def _free(ledger: Path, today: date) -> Path:
    """A name for an archive of today that no file has."""
    stem = f"{ledger.stem}-archive-{today}"
    path, number = ledger.with_name(f"{stem}{ledger.suffix}"), 1
    while path.exists():
        number += 1
        path = ledger.with_name(f"{stem}-{number}{ledger.suffix}")
    return path


def _before(today: date, older_than: str) -> date:
    try:
        return today - timedelta(seconds=parse_duration(older_than))
    except (ValueError, OverflowError):
        raise ConfigError(
            f"--older-than: found {older_than!r}, expected a duration such as 90d"
        ) from None


def _tell_of(found: Opened, made: Archived) -> None:
    """Say what a running daemon and the configuration make of claims that are gone."""
    gone = {item.id for item in made.items}
    for check in found.config.checks:
        for claim in sorted(gone.intersection(check.claims)):
            typer.echo(f"check {check.name!r} names {claim!r}, which is archived", err=True)
    if len(gone) * 2 > len(found.ledger.claims):
        typer.echo(
            "more than half of the claims go: a running daemon believes that only after "
            "`evidenced ledger accept`",
            err=True,
        )
