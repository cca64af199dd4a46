"""`evidenced explain`: what a word of the configuration, of a metric or of a page means."""

from typing import Annotated

import typer

from evidenced.cli.entries import Dictionary


def explain(
    word: Annotated[
        str,
        typer.Argument(
            metavar="KEY|METRIC|ALERT|REASON",
            help="A key such as `checks[].http.expect.latency` or `expect.latency`, a metric, an "
            "alert, a reason, a standing, or a rule of `evidenced ledger lint`.",
        ),
    ],
) -> None:
    """Print what the reference documents say of a word (exit 0, 1 for one that nobody knows)."""
    dictionary = Dictionary()
    found = dictionary.explained(word)
    if not found:
        near = dictionary.nearest(word)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        typer.echo(f"{word!r} is no key, metric, alert, reason, standing or rule{hint}", err=True)
        raise typer.Exit(1)
    for number, one in enumerate(found):
        before = "\n" if number else ""
        typer.echo(f"{before}{one.name}: {one.kind} ({one.document})\n\n{one.text}")
