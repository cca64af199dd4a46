"""Write the files that are made of the code and checked in, or say which differ (--check)."""

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from evidenced.cli import reference as commands
from evidenced.config import schema
from evidenced.publish.openapi import described
from evidenced.publish.reference import reference
from evidenced.publish.rules import default_rules
from evidenced.publish.rules_kubernetes import resource

ROOT = Path(__file__).resolve().parent.parent

# The dashboards are no part of the package, so that it needs no SDK of Grafana's.
sys.path.insert(0, str(ROOT))
DASHBOARDS: tuple[tuple[str, Callable[[], str]], ...] = importlib.import_module(
    "grafana.build.files"
).FILES

GENERATED: tuple[tuple[str, Callable[[], str]], ...] = (
    ("CONFIGURATION.md", schema.reference),
    ("METRICS.md", reference),
    ("CLI.md", commands.reference),
    ("config/prometheus/evidenced.rules.yml", default_rules),
    ("packaging/kubernetes/prometheusrule.yaml", lambda: resource(default_rules())),
    ("docs/openapi.json", described),
    *DASHBOARDS,
)
"""Each file, from the root of the repository, and the function that gives its text: a line each."""


def differing() -> list[tuple[Path, str]]:
    """The files that are not as the code has them, with the text that they should have."""
    wanted = [(ROOT / name, make()) for name, make in GENERATED]
    return [(path, text) for path, text in wanted if _text(path) != text]


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def main(arguments: list[str] | None = None) -> int:
    """Write what differs; with --check write nothing, and exit 1 where something does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if a file differs"
    )
    check = parser.parse_args(arguments).check
    different = differing()
    for path, text in different:
        name = path.relative_to(ROOT)
        if check:
            sys.stderr.write(f"{name} is not as the code has it: run `make generate`\n")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            sys.stdout.write(f"wrote {name}\n")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main())
