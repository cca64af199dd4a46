"""`evidenced doctor`: look at all that the daemon stands on, and say how to mend what is wrong."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer
import uvloop
from rich.text import Text

from evidenced.app.doctor.examinations import Examined, examined
from evidenced.app.doctor.finding import Finding, Verdict
from evidenced.app.doctor.subject import Own, Places, read_subject
from evidenced.app.logs import configure_logs
from evidenced.cli import reach
from evidenced.cli.options import ConfigOption, JsonOption, bad_input_exits, config_path, console
from evidenced.cli.rows import Row, print_rows
from evidenced.config.find import state_dir
from evidenced.config.model import Config
from evidenced.config.problem import ConfigError
from evidenced.config.secrets import read_secret
from evidenced.config.types import Secret
from evidenced.probes.address import Address
from evidenced.probes.resources import Resources

SIGNS: Mapping[Verdict, tuple[str, str]] = MappingProxyType(
    {
        Verdict.OK: ("✔", "green"),
        Verdict.WARNING: ("!", "yellow"),
        Verdict.PROBLEM: ("✘", "bold red"),
        Verdict.NOT_LOOKED_AT: ("–", "dim"),
    }
)
"""The mark of each verdict, and its style."""

COUNTED: Mapping[Verdict, tuple[str, str]] = MappingProxyType(
    {
        Verdict.PROBLEM: ("problem", "problems"),
        Verdict.WARNING: ("warning", "warnings"),
        Verdict.NOT_LOOKED_AT: ("not looked at", "not looked at"),
    }
)


def doctor(
    config: ConfigOption = None,
    prometheus: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The Prometheus; else the one that a check asks."),
    ] = None,
    grafana: Annotated[str | None, typer.Option(metavar="URL", help="The Grafana.")] = None,
    grafana_token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A token of Grafana that may view dashboards."),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state-dir",
            metavar="DIR",
            help="The daemon's state; else $STATE_DIRECTORY, else beside the configuration.",
        ),
    ] = None,
    unit: Annotated[
        str, typer.Option(metavar="NAME", help="The unit of systemd that runs the daemon.")
    ] = "evidenced.service",
    as_json: JsonOption = False,
) -> None:
    """Look at all that the daemon stands on, and say how to mend what is wrong.

    Exit 0 where there is no problem (warnings may be), 1 where there is one, 2 for a configuration
    that cannot be read.
    """
    configure_logs(level="critical")
    with bad_input_exits():
        path = config_path(config)
        places = Places(
            prometheus=_address("--prometheus", prometheus),
            grafana=_address("--grafana", grafana),
            grafana_token=_token(grafana_token_file),
            unit=unit,
        )
        found = uvloop.run(_examined(path, state_dir(state, path, os.environ), places))
    if as_json:
        typer.echo(json.dumps(findings_json(found), indent=2, ensure_ascii=False))
    else:
        out = console()
        print_rows(_rows(found), out)
        out.print(Text(f"\n{_summary(found)}.", "bold"))
    if any(one.verdict is Verdict.PROBLEM for one in _all(found)):
        raise typer.Exit(1)


async def _examined(path: Path, state: Path, places: Places) -> Examined:
    async with Resources() as resources:
        return await examined(await read_subject(path, state, places, _own, resources))


def _own(config: Config) -> Own | None:
    """How the daemon itself is asked; None where nobody knows, which its examination tells."""
    try:
        return Own(*reach.own(config))
    except ConfigError:
        return None


def _address(option: str, url: str | None) -> str | None:
    if url is None:
        return None
    try:
        sound = "?" not in Address.parse(url).target
    except ValueError:
        sound = False
    if not sound:
        raise ConfigError(f"{option}: expected an address such as http://127.0.0.1:9090")
    return url


def _token(file: Path | None) -> Secret | None:
    if file is None:
        return None
    try:
        return read_secret(file)
    except ValueError as error:
        raise ConfigError(f"--grafana-token-file: {error}") from None


def findings_json(found: Examined) -> dict[str, object]:
    """The findings for a program: whether there is no problem, and each with its examination."""
    listed = [
        {"examination": name, "verdict": one.verdict.value, "what": one.what, "mend": one.mend}
        for name, findings in found
        for one in findings
    ]
    fine = all(one["verdict"] != Verdict.PROBLEM for one in listed)
    return {"fine": fine, "findings": listed}


def _rows(found: Examined) -> Iterator[Row]:
    for name, findings in found:
        for number, one in enumerate(findings):
            sign, style = SIGNS[one.verdict]
            text = Text(f"{sign} ", style).append(
                one.what, "dim" if one.verdict is Verdict.NOT_LOOKED_AT else "not bold default"
            )
            if one.mend:
                text.append(f"\n  {one.mend}", "not bold cyan")
            yield "" if number else name, text


def _summary(found: Examined) -> str:
    counts = Counter(one.verdict for one in _all(found))
    parts = [
        f"{count} {COUNTED[verdict][count != 1]}"
        for verdict in COUNTED
        if (count := counts[verdict])
    ]
    return ", ".join(parts) or "All is well"


def _all(found: Examined) -> Iterator[Finding]:
    for _, findings in found:
        yield from findings
