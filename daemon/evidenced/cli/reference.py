"""CLI.md: every command with its arguments and options, made of the commands themselves."""

import typer
from typer.cli import get_docs_for_click

from evidenced.cli.commands import app
from evidenced.cli.lazy import whole

HEAD = "<!-- Made by tools/generate.py of the commands in daemon/evidenced/cli. -->\n\n"


def reference() -> str:
    """The page, in Markdown, as Typer's own `typer utils docs` writes it."""
    command = whole(app)
    context = typer.Context(command, info_name="evidenced")
    return HEAD + get_docs_for_click(obj=command, ctx=context, name="evidenced")
