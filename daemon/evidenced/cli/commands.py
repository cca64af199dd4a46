"""The commands of `evidenced`: where each is, and what is said of it before it is imported."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

import typer

import evidenced
from evidenced.cli.lazy import Entry, LazyGroup

_HERE = "evidenced.cli"


class Commands(LazyGroup):
    """The commands of the first level."""

    table: ClassVar[Mapping[str, Entry]] = MappingProxyType(
        {
            "proof": Entry(
                f"{_HERE}.proof:proof",
                "Write the proof pack of a claim (exit 0, 1 without any evidence of it, 2 bad "
                "input).",
            ),
            "drill": Entry(
                f"{_HERE}.drill:drill",
                'Make a claim look failed for a while, with drill="true" on all that it fires.',
            ),
            "init": Entry(
                f"{_HERE}.init:init",
                "Write a first configuration for a ledger (exit 0, 1 where there is one, 2 bad "
                "input).",
            ),
            "gate": Entry(
                f"{_HERE}.gate:gate",
                "Say whether work on a topic may begin (exit 0 go, 3 refused, 2 unreadable).",
            ),
            "status": Entry(
                f"{_HERE}.status:status",
                "Say what to know before any work (exit 0, 1 something is contradicted, 2 "
                "unreadable).",
            ),
            "doctor": Entry(
                f"{_HERE}.doctor:doctor",
                "Look at all that the daemon stands on, and say how to mend what is wrong.",
            ),
            "explain": Entry(
                f"{_HERE}.explain:explain",
                "Print what the reference documents say of a word (exit 0, 1 for one that nobody "
                "knows).",
            ),
            "install": Entry(
                f"{_HERE}.install:install",
                "Lay units, their user, an example of a configuration and completion (exit 0, or "
                "2).",
            ),
            "uninstall": Entry(
                f"{_HERE}.install:uninstall",
                "Take away what `evidenced install` laid, and nothing else (exit 0, or 2).",
            ),
            "report": Entry(
                f"{_HERE}.report:report",
                "Take each look once, now, and write the report (exit 0, 1 a fact fails, 2 bad "
                "input).",
            ),
            "run": Entry(
                f"{_HERE}.run:run",
                "Run the daemon, until SIGTERM or SIGINT. SIGHUP reads configuration and ledger "
                "again.",
            ),
            "check": Entry(
                f"{_HERE}.check:check",
                "Take each look once, now, and say what was met and what was not (exit 0, or 1).",
            ),
            "plan": Entry(
                f"{_HERE}.plan:plan",
                "Show what would be checked, what could not be derived, and what nothing speaks "
                "for.",
            ),
            "validate": Entry(
                f"{_HERE}.validate:validate",
                "Say whether the configuration, the ledger and the rules made of them are sound.",
            ),
            "rules": Entry(
                f"{_HERE}.rules:rules",
                "Print the Prometheus rule file for this configuration.",
            ),
            "push": Entry(
                f"{_HERE}.push:push",
                "Tell a running daemon how something went (exit 0 delivered, 1 refused, 2 bad "
                "input).",
            ),
            "schema": Entry(
                f"{_HERE}.schema:schema",
                "Print the JSON Schema of the configuration.",
            ),
            "demo": Entry(
                f"{_HERE}.demo:demo",
                "Run a small shop and a daemon that watches it, both on loopback, and show it "
                "live.",
            ),
            "ledger": Entry(f"{_HERE}.commands:ledger_app", "The ledger as it is read."),
            "maintenance": Entry(
                f"{_HERE}.commands:maintenance_app",
                "Announce work on a claim or a check: its standing is left as it is meanwhile.",
            ),
            "evidence": Entry(
                f"{_HERE}.commands:evidence_app",
                "The evidence that is kept: list it, verify that none was changed.",
            ),
        }
    )


class LedgerCommands(LazyGroup):
    """The commands of `evidenced ledger`."""

    table: ClassVar[Mapping[str, Entry]] = MappingProxyType(
        {
            "lint": Entry(
                f"{_HERE}.lint:lint",
                "Hold the ledger against its rules (exit 0, 1 for an error, 2 where it cannot be "
                "read).",
            ),
            "accept": Entry(
                f"{_HERE}.accept:accept",
                "Let a running daemon take the ledger as it is now, whatever is gone from it.",
            ),
            "start": Entry(
                f"{_HERE}.edit:start",
                "Begin work: the NEXT item of this title, or a new one, comes IN PROGRESS.",
            ),
            "promote": Entry(
                f"{_HERE}.edit_proven:promote",
                "Call the item in progress STABLE, with the checks named that speak for it.",
            ),
            "close": Entry(
                f"{_HERE}.edit_proven:close",
                "Close a STABLE item, or the one in progress: today, with the current proof as "
                "evidence.",
            ),
            "reopen": Entry(
                f"{_HERE}.edit_proven:reopen",
                "Reopen a CLOSED item on new proof from the store (exit 3 where there is none).",
            ),
            "archive": Entry(
                f"{_HERE}.edit:archive",
                "Move old CLOSED items to a dated file beside the ledger, with an index of them.",
            ),
            "show": Entry(
                f"{_HERE}.ledger:ledger_show",
                "Show the ledger as it is read: its items, and the references that each one cites.",
            ),
            "next": Entry(f"{_HERE}.commands:next_app", "The items that come next."),
        }
    )


class NextCommands(LazyGroup):
    """The commands of `evidenced ledger next`."""

    table: ClassVar[Mapping[str, Entry]] = MappingProxyType(
        {"add": Entry(f"{_HERE}.edit:next_add", "Add a NEXT item, with what says when it is done.")}
    )


class MaintenanceCommands(LazyGroup):
    """The commands of `evidenced maintenance`."""

    table: ClassVar[Mapping[str, Entry]] = MappingProxyType(
        {
            "start": Entry(
                f"{_HERE}.maintenance:start",
                "Begin maintenance, or set another end to it (exit 0 begun, 1 refused, 2 bad "
                "input).",
            ),
            "stop": Entry(
                f"{_HERE}.maintenance:stop",
                "End maintenance that was begun by hand (exit 0 ended, 1 refused, 2 bad input).",
            ),
            "list": Entry(
                f"{_HERE}.maintenance:list_",
                "Show the maintenance that is on: windows of the configuration, and begun by hand.",
            ),
        }
    )


class EvidenceCommands(LazyGroup):
    """The commands of `evidenced evidence`."""

    table: ClassVar[Mapping[str, Entry]] = MappingProxyType(
        {
            "verify": Entry(
                f"{_HERE}.evidence:verify",
                "Say whether any record was changed, dropped or reordered (exit 0 whole, 1 not).",
            ),
            "list": Entry(f"{_HERE}.evidence:list_", "List the newest records, newest first."),
        }
    )


app = typer.Typer(
    cls=Commands,
    help="Keep an operations ledger honest: hold each of its claims against production.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
ledger_app = typer.Typer(
    cls=LedgerCommands, help=Commands.table["ledger"].help, no_args_is_help=True
)
next_app = typer.Typer(
    cls=NextCommands, help=LedgerCommands.table["next"].help, no_args_is_help=True
)
maintenance_app = typer.Typer(
    cls=MaintenanceCommands, help=Commands.table["maintenance"].help, no_args_is_help=True
)
evidence_app = typer.Typer(
    cls=EvidenceCommands, help=Commands.table["evidence"].help, no_args_is_help=True
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"evidenced {evidenced.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep an operations ledger honest: hold each of its claims against production."""
