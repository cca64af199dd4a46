"""The files that are made: where each lies, and what gives its text."""

from collections.abc import Callable
from functools import partial

from grafana.build import budgets, check, daemon, endpoints, ledger
from grafana.build.board import text
from grafana_foundation_sdk.models.dashboard import Dashboard

FOLDER = "grafana/dashboards"

DASHBOARDS: tuple[tuple[str, Callable[[], Dashboard]], ...] = (
    ("evidence-ledger", ledger.make),
    ("endpoints", endpoints.make),
    ("check-detail", check.make),
    ("error-budgets", budgets.make),
    ("daemon", daemon.make),
)
"""Each dashboard: the name of its file, and the function that makes it."""


def _text(make: Callable[[], Dashboard]) -> str:
    return text(make())


FILES: tuple[tuple[str, Callable[[], str]], ...] = tuple(
    (f"{FOLDER}/{name}.json", partial(_text, make)) for name, make in DASHBOARDS
)
"""Each file, from the root of the repository, and the function that gives its text."""
