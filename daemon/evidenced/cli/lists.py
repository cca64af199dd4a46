"""Lists of targets outside, for a command that takes one look."""

from pathlib import Path

import typer

from evidenced.app.listing import problems
from evidenced.app.loading import Loaded, start


def start_with_lists(path: Path) -> Loaded:
    """All that is in force, with every list of targets, each asked for once.

    Raises ConfigError or LedgerError.
    """
    loaded = start(path)
    if all(isinstance(one.source, Path) for one in loaded.listings.values()):
        return loaded
    # Costly to import: what asks another end for a list is what looks at targets.
    import uvloop

    from evidenced.app.discovery import completed

    return uvloop.run(completed(loaded))


def tell_lists(loaded: Loaded) -> bool:
    """Say on stderr which lists of targets could not be had; whether there is one."""
    said = list(problems(loaded.listings))
    for line in said:
        typer.echo(line, err=True)
    return bool(said)
