"""The commands."""


def main() -> None:
    """Run the command that the arguments name."""
    from evidenced.cli.commands import app

    app()
