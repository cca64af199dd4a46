"""One look at each check: which ones, and progress while it lasts."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from evidenced.app.pushes import PushFile
from evidenced.cli.verbose import Traces, listened
from evidenced.config.load import ConfigError
from evidenced.probes.registry import KINDS
from evidenced.probes.resources import Resources
from evidenced.watch.observation import Observation
from evidenced.watch.once import once
from evidenced.watch.plan import Check
from evidenced.watch.run import run


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
            await PushFile(pushes, resources.mailbox).restore()

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
