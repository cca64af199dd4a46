"""`evidenced rules`: the rule file for Prometheus."""

from pathlib import Path
from typing import Annotated

import typer

from evidenced.cli.options import ConfigOption, bad_input_exits, config_path
from evidenced.config.load import load
from evidenced.ledger.model import Layout
from evidenced.ledger.parse import read
from evidenced.publish.rules import rules as rule_file
from evidenced.publish.rules_kubernetes import resource


def rules(
    config: ConfigOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here.")
    ] = None,
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="As a PrometheusRule, for Prometheus' operator.")
    ] = False,
) -> None:
    """Print the Prometheus rule file for this configuration."""
    with bad_input_exits():
        loaded = load(config_path(config))
        path = loaded.ledger.path
        layout = Layout(loaded.ledger.layout)
        text = rule_file(loaded, read(path, layout) if path.exists() else None)
    text = resource(text) if kubernetes else text
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
