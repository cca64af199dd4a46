"""`evidenced run`: the daemon."""

from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvloop

from evidenced.app.life import serve
from evidenced.app.logs import adopt_logging, configure_logs
from evidenced.cli.options import BAD_INPUT, ConfigOption, bad_input_exits, config_path


def run(
    config: ConfigOption = None,
    blackbox: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A blackbox.yml for /probe, instead of the configuration's."
        ),
    ] = None,
) -> None:
    """Run the daemon, until SIGTERM or SIGINT. SIGHUP reads configuration and ledger again."""
    configure_logs()
    adopt_logging()
    with bad_input_exits():
        try:
            uvloop.run(serve(config_path(config), blackbox))
        except OSError as error:
            typer.echo(f"cannot listen: {error.strerror or error}", err=True)
            raise typer.Exit(BAD_INPUT) from None
        except BaseExceptionGroup:
            # What the interpreter would print has what the exceptions say.
            structlog.get_logger().critical("the daemon ends, unforeseen", exc_info=True)
            raise typer.Exit(1) from None
