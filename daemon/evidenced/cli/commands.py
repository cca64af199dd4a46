"""The commands of `evidenced`, each a few lines over the room that does the work."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop

import evidenced
from evidenced.app import pushes
from evidenced.app.daemon import serve
from evidenced.app.discovery import completed
from evidenced.app.listing import problems
from evidenced.app.loading import start
from evidenced.app.logs import configure_logs
from evidenced.cli import push as pushing
from evidenced.cli import shape, show
from evidenced.cli.check import check_once, pick
from evidenced.cli.evidence import evidence_app, proof
from evidenced.cli.maintenance import maintenance_app
from evidenced.cli.options import (
    BAD_INPUT,
    ConfigOption,
    JsonOption,
    bad_input_exits,
    config_path,
    console,
    tell_lists,
)
from evidenced.cli.verbose import Traces, report
from evidenced.config.blackbox.load import load_blackbox
from evidenced.config.find import state_dir
from evidenced.config.load import ConfigError, load
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
app.add_typer(maintenance_app, name="maintenance")
app.add_typer(evidence_app, name="evidence")
app.command()(proof)


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
def run(
    config: ConfigOption = None,
    blackbox: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A blackbox.yml for /probe, instead of the configuration's."
        ),
    ] = None,
) -> None:
    """Run the daemon, until SIGTERM or SIGINT. SIGHUP reads configuration and ledger again."""
    configure_logs()
    with bad_input_exits():
        try:
            uvloop.run(serve(config_path(config), blackbox))
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
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Show all that each look does (on stderr beside --json)."
        ),
    ] = False,
) -> None:
    """Take each look once, now, and say what was met and what was not (exit 0, or 1)."""
    configure_logs(level="error")
    with bad_input_exits():
        path = config_path(config)
        loaded = uvloop.run(completed(start(path)))
        checks = pick(loaded.plan.checks, names or [])
    unlisted = tell_lists(loaded)
    traces = Traces() if verbose else None
    observations = uvloop.run(
        check_once(
            checks,
            loaded.config.concurrency,
            console(stderr=True),
            traces=traces,
            pushes=state_dir(None, path, os.environ) / pushes.NAME,
        )
    )
    if traces is not None:
        for one in observations:
            report(one, traces[one.check.name], console(stderr=as_json))
    if as_json:
        typer.echo(json.dumps(shape.observations_json(observations), indent=2, ensure_ascii=False))
    else:
        show.observations(observations, console())
    met = all(observation.last.outcome == "success" for observation in observations)
    if not met or (unlisted and not names):
        raise typer.Exit(1)


@app.command()
def plan(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what would be checked, what could not be derived, and what nothing speaks for."""
    with bad_input_exits():
        loaded = uvloop.run(completed(start(config_path(config))))
    tell_lists(loaded)
    made = loaded.plan
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
        if bad := tuple(problems(loaded.listings)):
            raise ConfigError(*bad)
        if loaded.config.blackbox:
            load_blackbox(loaded.config.blackbox)
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
        body = pushing.body(
            ok, message, duration, pushing.facts(fact or []), pushing.summary(junit or [])
        )
        address, token = pushing.destination(
            name, url, token_file, os.environ.get("EVIDENCED_PUSH_TOKEN"), config
        )
    answer = asyncio.run(pushing.deliver(pushing.Delivery(address, token, body), patience))
    if not answer.delivered:
        typer.echo(f"not delivered: {answer}", err=True)
        raise typer.Exit(1)


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
