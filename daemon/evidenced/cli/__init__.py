"""The commands."""

from evidenced.cli.commands import app


def main() -> None:
    """Run the command that the arguments name."""
    app()
