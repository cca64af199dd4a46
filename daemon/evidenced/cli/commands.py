"""The commands of `evidenced`, each a few lines over the room that does the work."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop

import evidenced
from evidenced.app.daemon import serve
from evidenced.app.loading import start
from evidenced.app.logs import configure_logs
from evidenced.cli import shape, show
from evidenced.cli.check import check_once, pick
from evidenced.cli.options import (
    BAD_INPUT,
    ConfigOption,
    JsonOption,
    bad_input_exits,
    config_path,
    console,
)
from evidenced.config.load import load
from evidenced.config.schema import json_schema
from evidenced.demo.play import play
from evidenced.ledger.jsonform import to_json
from evidenced.ledger.parse import read
from evidenced.publish.rules import rules as rule_file

app = typer.Typer(
    help="Keep an operations ledger honest: hold each of its claims against production.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
ledger_app = typer.Typer(help="The ledger as it is read.", no_args_is_help=True)
app.add_typer(ledger_app, name="ledger")


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


@app.command()
def run(config: ConfigOption = None) -> None:
    """Run the daemon, until SIGTERM or SIGINT. SIGHUP reads configuration and ledger again."""
    configure_logs()
    with bad_input_exits():
        try:
            uvloop.run(serve(config_path(config)))
        except OSError as error:
            typer.echo(f"cannot listen: {error.strerror or error}", err=True)
            raise typer.Exit(BAD_INPUT) from None


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these checks.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take each look once, now, and say what was met and what was not (exit 0, or 1)."""
    configure_logs(level="error")
    with bad_input_exits():
        loaded = start(config_path(config))
        checks = pick(loaded.plan.checks, names or [])
    observations = uvloop.run(check_once(checks, loaded.config.concurrency, console(stderr=True)))
    if as_json:
        typer.echo(json.dumps(shape.observations_json(observations), indent=2, ensure_ascii=False))
    else:
        show.observations(observations, console())
    if not all(observation.last.outcome == "success" for observation in observations):
        raise typer.Exit(1)


@app.command()
def plan(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what would be checked, what could not be derived, and what nothing speaks for."""
    with bad_input_exits():
        made = start(config_path(config)).plan
    if as_json:
        typer.echo(json.dumps(shape.plan_json(made), indent=2, ensure_ascii=False))
    else:
        show.plan(made, console())


@app.command()
def validate(config: ConfigOption = None) -> None:
    """Say whether the configuration, the ledger and the rules made of them are sound."""
    with bad_input_exits():
        path = config_path(config)
        loaded = start(path)
        rule_file(loaded.config)
    show.validated(path, loaded.plan, console())


@ledger_app.command("show")
def ledger_show(
    file: Annotated[
        Path | None, typer.Argument(help="The ledger; else the one of the configuration.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the ledger as it is read: its items, and the references that each one cites."""
    with bad_input_exits():
        found = read(file or load(config_path(config)).ledger.path)
    if as_json:
        typer.echo(json.dumps(to_json(found), indent=2, ensure_ascii=False))
    else:
        show.ledger(found, console())


@app.command()
def rules(
    config: ConfigOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here.")
    ] = None,
) -> None:
    """Print the Prometheus rule file for this configuration."""
    with bad_input_exits():
        text = rule_file(load(config_path(config)))
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration."""
    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def demo(
    seconds: Annotated[
        float | None,
        typer.Option("--for", metavar="SECONDS", help="Stop by itself; else at Ctrl-C."),
    ] = None,
) -> None:
    """Run a small shop and a daemon that watches it, both on loopback, and show it live."""
    try:
        uvloop.run(play(console(), seconds, live=sys.stdout.isatty()))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
