"""`evidenced report`: one look at every check, and the report of it; for cron and CI."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from evidenced.app import pushes
from evidenced.app.committing import commit_report
from evidenced.app.listing import summaries
from evidenced.app.loading import Loaded
from evidenced.app.logs import configure_logs
from evidenced.app.report_file import ReportMemory, write_report
from evidenced.cli.check import check_once
from evidenced.cli.lists import start_with_lists, tell_lists
from evidenced.cli.options import (
    BAD_INPUT,
    ConfigOption,
    JsonOption,
    bad_input_exits,
    config_path,
    console,
)
from evidenced.config.find import state_dir
from evidenced.config.problem import ConfigError
from evidenced.config.report import ReportSettings
from evidenced.ledger.rewrite import RewriteError
from evidenced.watch.board import Board
from evidenced.watch.single import for_one_look, single_board
from evidenced.workflow.report import Ahead, Report, make_report, settled
from evidenced.workflow.report_json import report_json
from evidenced.workflow.report_markdown import report_markdown


def report(
    config: ConfigOption = None,
    stdout: Annotated[
        bool, typer.Option("--stdout", help="Print the Markdown, and write and commit nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take each look once, now, and write the report (exit 0, 1 a fact fails, 2 bad input).

    It is written where `report.path` says, and committed where `report.commit` says so.
    """
    configure_logs(level="error")
    with bad_input_exits():
        path = config_path(config)
        loaded = start_with_lists(path)
        settings = loaded.config.report
        if settings is None and not stdout:
            raise ConfigError(f"{path}: report: no report is configured: set path, or use --stdout")
    unlisted = tell_lists(loaded)
    state = state_dir(None, path, os.environ)
    memory = ReportMemory(state)
    earlier = memory.earlier(settings)
    board = uvloop.run(_looked(loaded, state))
    board.lists = summaries(loaded.listings)
    made = make_report(board, earlier, time.time(), Ahead(), loaded.config.location or "")
    made = settled(made, earlier)
    done = stdout or settings is None or _published(made, settings, memory)
    if as_json:
        typer.echo(report_json(made).encode("utf-8", "replace"), nl=False)
    elif stdout:
        typer.echo(report_markdown(made).encode("utf-8", "replace"), nl=False)
    if made.failing or unlisted:
        raise typer.Exit(1)
    if not done:
        raise typer.Exit(BAD_INPUT)


async def _looked(loaded: Loaded, state: Path) -> Board:
    plan = for_one_look(loaded.plan)
    seen = await check_once(
        plan.checks, loaded.config.concurrency, console(stderr=True), pushes=state / pushes.NAME
    )
    return single_board(plan, loaded.missing, loaded.reading, seen)


def _published(made: Report, settings: ReportSettings, memory: ReportMemory) -> bool:
    """Write and commit the report; whether that went well, which is said on stderr where not."""
    try:
        write_report(made, settings)
    except RewriteError as error:
        typer.echo(f"the report is not written: {error}", err=True)
        return False
    try:
        memory.remember(made)
    except RewriteError as error:
        typer.echo(f"the next report will not know of this one: {error}", err=True)
    return settings.commit is None or _committed(settings, memory)


def _committed(settings: ReportSettings, memory: ReportMemory) -> bool:
    if settings.commit is None:
        return True
    refused = memory.refused
    done = uvloop.run(commit_report(list(settings.paths.values()), settings.commit, refused))
    memory.refused = done.refused
    if done.trouble:
        typer.echo(f"the report is not committed: {done.trouble}", err=True)
    elif done.refused:
        typer.echo("the report is not committed: git refused it before", err=True)
    if done.push_trouble:
        typer.echo(f"the report is not pushed: {done.push_trouble}", err=True)
    return not (done.trouble or done.refused or done.push_trouble)
