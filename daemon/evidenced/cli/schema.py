"""`evidenced schema`: the JSON Schema of the configuration."""

import json

import typer

from evidenced.config.schema import json_schema


def schema() -> None:
    """Print the JSON Schema of the configuration."""
    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
