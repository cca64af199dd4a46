"""What every command that changes the ledger does: show a diff, ask, write; or say why not."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

from evidenced.cli.options import BAD_INPUT, bad_input_exits, config_path
from evidenced.config.load import load
from evidenced.config.model import Config
from evidenced.ledger.belief import disbelief
from evidenced.ledger.edit import Files, Limits, stamped
from evidenced.ledger.edit_document import Document, EditError, shown
from evidenced.ledger.model import Item, Ledger, LedgerError, Section
from evidenced.ledger.parse import parse_data
from evidenced.ledger.rewrite import Change, ChangedError, RewriteError, rewrite
from evidenced.workflow.edits import NoNewProofError

REFUSED = 1
"""The exit status where a rule of the ledger, or whoever was asked, is against it."""
NO_NEW_PROOF = 3
"""The exit status where a closed item stays closed for lack of new proof."""

YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Write without asking; the diff is shown all the same.")
]


@dataclass(frozen=True, slots=True)
class Opened:
    """The files of one configuration, as they were when they were read."""

    path: Path
    config: Config
    files: Files
    ledger: Ledger

    @property
    def limits(self) -> Limits:
        """How many items there may be."""
        limits = self.config.ledger.limits
        return Limits(limits.in_progress, limits.next)


def opened(given: Path | None) -> Opened:
    """Read the configuration, the ledger and the file of NEXT items where there is one.

    Raises ConfigError, LedgerError where one cannot be read, and EditError where it cannot be
    edited. A file of NEXT items that is not there yet is empty.
    """
    path = config_path(given)
    config = load(path)
    settings = config.ledger
    if settings.layout != "sections":
        raise EditError(f"{settings.path}: only a ledger with sections can be edited")
    data = _bytes(settings.path)
    ledger = parse_data(data)
    if doubt := disbelief(None, ledger):
        raise LedgerError(f"{settings.path}: {doubt}")
    beside = settings.next_path
    return Opened(
        path,
        config,
        Files(Document.of(data), Document.of(_bytes(beside, missing=b"")) if beside else None),
        ledger,
    )


def new_item(found: Opened, section: Section, items: Sequence[Item]) -> Item:
    """The first of these items of a section that was not in it before."""
    known = [(item.id, item.title) for item in found.ledger.sections[section]]
    return next(item for item in items if (item.id, item.title) not in known)


def write(
    before: Opened, after: Files, *, yes: bool, new: Sequence[tuple[Path, bytes]] = ()
) -> None:
    """Show what changes, ask whether that is meant, and write it; `new` are files to make.

    What is added somewhere is written before it is taken away elsewhere. Raises EditError where
    nobody can be asked or the answer is no, and RewriteError where it cannot be written.
    """
    settings = before.config.ledger
    now = datetime.now(UTC)
    changes = [Change(path, None, data) for path, data in new]
    for path, old, edited in (
        (settings.path, before.files.ledger, after.ledger),
        (settings.next_path, before.files.next, after.next),
    ):
        if path is None or old is None or edited is None or old == edited:
            continue
        was = old.data if old.lines or path.exists() else None
        changes.append(Change(path, was, stamped(edited, now).data))
    for change in changes:
        for line in diff(change):
            typer.echo(line)
    if not yes:
        _ask()
    rewrite(changes)


def diff(change: Change) -> Iterator[str]:
    """A change as a unified diff (that of POSIX), without what a terminal cannot print."""
    old, new = Document.of(change.before or b"").lines, Document.of(change.after).lines
    source = "/dev/null" if change.before is None else str(change.path)
    for number, line in enumerate(unified_diff(old, new, source, str(change.path))):
        yield from shown([line])
        if number > 1 and not line.endswith(("\n", "\r")):
            yield "\\ No newline at end of file"


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what stands against an edit into a line on stderr and an exit status."""
    with bad_input_exits():
        try:
            yield
        except (EditError, ChangedError) as error:
            status, message = REFUSED, str(error)
        except RewriteError as error:
            status, message = BAD_INPUT, str(error)
        except NoNewProofError as error:
            status, message = NO_NEW_PROOF, str(error)
        else:
            return
        typer.echo(message, err=True)
        raise typer.Exit(status)


def _ask() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise EditError("nothing was written: there is no terminal to ask on, so say --yes")
    if not typer.confirm("Write this?"):
        raise EditError("nothing was written")


def _bytes(path: Path, missing: bytes | None = None) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        if missing is not None:
            return missing
        reason = error.strerror
    except OSError as error:
        reason = error.strerror or type(error).__name__
    raise LedgerError(f"{path}: cannot be read: {reason}")
