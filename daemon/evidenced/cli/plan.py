"""`evidenced plan`: what would be checked, and what is left open."""

import json

import typer

from evidenced.cli import shape, show
from evidenced.cli.lists import start_with_lists, tell_lists
from evidenced.cli.options import ConfigOption, JsonOption, bad_input_exits, config_path, console


def plan(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what would be checked, what could not be derived, and what nothing speaks for."""
    with bad_input_exits():
        loaded = start_with_lists(config_path(config))
    tell_lists(loaded)
    made = loaded.plan
    if as_json:
        typer.echo(json.dumps(shape.plan_json(made), indent=2, ensure_ascii=False))
    else:
        show.plan(made, console())
