"""One look at each check: which ones, and progress while it lasts."""

from collections.abc import Sequence
from difflib import get_close_matches

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

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
    checks: Sequence[Check], concurrency: int, console: Console
) -> list[Observation]:
    """Look at each check once; observations in the order of the checks.

    Progress is shown on the console while it lasts, if that is a terminal.
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

        async def look(check: Check) -> Observation:
            return await run(check, KINDS[check.kind].probe, resources)

        with progress:
            task = progress.add_task("checking", total=len(checks))
            async for observation in once(checks, look, concurrency):
                found[observation.check.name] = observation
                progress.advance(task)
    return [found[check.name] for check in checks]
