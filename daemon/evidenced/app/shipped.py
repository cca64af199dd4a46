"""The files that come along for the host: units, examples of configuration, rules, dashboards.

In a wheel they stand in the package (pyproject.toml puts them there), in a checkout where they are
written: at the root of the repository.
"""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import evidenced


def folder(name: str) -> Traversable:
    """A folder of them, by its path in the repository, such as `grafana/dashboards`."""
    shipped = files("evidenced") / "shipped" / name
    return shipped if shipped.is_dir() else Path(evidenced.__file__).parents[2] / name


def below(name: str) -> Iterator[tuple[str, bytes]]:
    """Each file of a folder with what is in it, sorted by its path in there; no hidden ones."""
    yield from _below(folder(name), "")


def _below(at: Traversable, before: str) -> Iterator[tuple[str, bytes]]:
    for one in sorted(at.iterdir(), key=lambda entry: entry.name):
        if one.name.startswith("."):
            continue
        if one.is_dir():
            yield from _below(one, f"{before}{one.name}/")
        else:
            yield f"{before}{one.name}", one.read_bytes()
