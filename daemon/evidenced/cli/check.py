"""`evidenced check`: one look at each check, with progress while it lasts."""

import json
import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from evidenced.app import pushes as pushed
from evidenced.app.logs import configure_logs
from evidenced.cli import shape, show
from evidenced.cli.lists import start_with_lists, tell_lists
from evidenced.cli.options import ConfigOption, JsonOption, bad_input_exits, config_path, console
from evidenced.cli.verbose import Traces, listened, report
from evidenced.config.find import state_dir
from evidenced.config.problem import ConfigError
from evidenced.probes.registry import KINDS
from evidenced.probes.resources import Resources
from evidenced.watch.observation import Observation
from evidenced.watch.once import once
from evidenced.watch.plan import Check
from evidenced.watch.run import run


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
        loaded = start_with_lists(path)
        checks = pick(loaded.plan.checks, names or [])
    unlisted = tell_lists(loaded)
    traces: Traces | None = {} if verbose else None
    observations = uvloop.run(
        check_once(
            checks,
            loaded.config.concurrency,
            console(stderr=True),
            traces=traces,
            pushes=state_dir(None, path, os.environ) / pushed.NAME,
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


def pick(checks: Sequence[Check], names: Sequence[str]) -> list[Check]:
    """The checks of these names, or all where none is given; ConfigError for an unknown name."""
    known = {check.name: check for check in checks}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "; `evidenced plan` lists all"
            raise ConfigError(f"no check is named {name!r}{hint}")
    return [known[name] for name in dict.fromkeys(names)] if names else list(checks)


async def check_once(
    checks: Sequence[Check],
    concurrency: int,
    console: Console,
    traces: Traces | None = None,
    pushes: Path | None = None,
) -> list[Observation]:
    """Look at each check once; observations in the order of the checks.

    Progress is shown on the console while it lasts, if that is a terminal. Where `traces` is given,
    what each attempt does is written down in it, by the name of the check. What was pushed to a
    daemon is what its file of `pushes` says.
    """
    found: dict[str, Observation] = {}
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    async with Resources() as resources:
        if pushes is not None:
            resources.mailbox.open(check.name for check in checks)
            await pushed.PushFile(pushes, resources.mailbox).restore()

        async def look(check: Check) -> Observation:
            probe = KINDS[check.kind].probe
            if traces is not None:
                probe = listened(probe, traces.setdefault(check.name, []))
            return await run(check, probe, resources)

        with progress:
            task = progress.add_task("checking", total=len(checks))
            async for observation in once(checks, look, concurrency):
                found[observation.check.name] = observation
                progress.advance(task)
    return [found[check.name] for check in checks]
