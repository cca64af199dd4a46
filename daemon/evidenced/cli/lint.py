"""`evidenced ledger lint`: the ledger against its rules."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

import evidenced
from evidenced.app.listing import discovered, listings
from evidenced.cli.gitfile import at_revision, top_of
from evidenced.cli.options import (
    ConfigOption,
    JsonOption,
    bad_input_exits,
    config_path,
    console,
)
from evidenced.config.load import Read, read
from evidenced.config.problem import ConfigError
from evidenced.ledger.lint.fix import fix
from evidenced.ledger.lint.model import Linted, Severity, Subject
from evidenced.ledger.lint.run import lint as lint_alone
from evidenced.ledger.model import Layout, Ledger
from evidenced.ledger.parse import parse
from evidenced.ledger.parse import read as read_ledger
from evidenced.ledger.sarif import to_sarif
from evidenced.ledger.text import decode
from evidenced.watch.citations import missing_documents
from evidenced.watch.plan import make_plan
from evidenced.workflow.lint import lint_by, silent_claims

OF_NEXT = frozenset({"next-limit", "next-without-done-when", "mojibake", "not-utf8"})
"""The rules for a file of which only the NEXT items are read."""


def lint(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Ledgers; else the one of the configuration."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0.")] = False,
    mend: Annotated[
        bool, typer.Option("--fix", help="First mend what takes no judgement: mojibake.")
    ] = False,
    layout: Annotated[
        Layout | None, typer.Option(help="How it is laid out; else as the configuration says.")
    ] = None,
    since: Annotated[
        str,
        typer.Option(metavar="REVISION", help="What claims there were before, as git has it."),
    ] = "HEAD",
) -> None:
    """Hold the ledger against its rules (exit 0, 1 for an error, 2 where it cannot be read)."""
    with bad_input_exits():
        settled = read(config_path(config)) if config or not files else None
        paths = files or (_configured(settled) if settled else [])
        found: list[tuple[str, Linted]] = []
        for path in paths:
            if mend and fix(path):
                typer.echo(f"{_shown(path)}: fixed", err=True)
            found.append((_shown(path), _lint(path, settled, layout, since)))
    if as_sarif:
        places = [(path, one) for path, linted in found for one in linted.violations]
        sarif = to_sarif(places, evidenced.__version__)
        typer.echo(json.dumps(sarif, indent=2, ensure_ascii=False))
    elif as_json:
        typer.echo(json.dumps(_json(found), indent=2, ensure_ascii=False))
    else:
        _print(found)
    if any(linted.errors for _, linted in found):
        raise typer.Exit(1)


def _configured(settled: Read) -> list[Path]:
    """The ledger of a configuration, and the file of its NEXT items where that is another one."""
    settings = settled.config.ledger
    return [settings.path, *([settings.next_path] if settings.next_path else [])]


def _lint(path: Path, settled: Read | None, given: Layout | None, since: str) -> Linted:
    """Lint one file; what needs the configuration is judged only where there is one."""
    settings = settled.config.ledger if settled else None
    layout = given or (Layout(settings.layout) if settings else Layout.SECTIONS)
    ledger = read_ledger(path, layout)
    if settings and path == settings.next_path:
        linted = lint_by(settings, Subject(ledger))
        return Linted(
            {rule: severity for rule, severity in linted.judged.items() if rule in OF_NEXT},
            tuple(one for one in linted.violations if one.rule in OF_NEXT),
        )
    repository = settings.repository if settings else top_of(path)
    subject = Subject(
        ledger,
        missing=missing_documents(ledger, repository) if repository else None,
        silent=_silent(settled, ledger) if settled else None,
        previous=_previous(path, layout, since),
    )
    return lint_by(settings, subject) if settings else lint_alone(subject)


def _silent(settled: Read, ledger: Ledger) -> frozenset[str]:
    lists = listings(settled.templates, {})
    plan = make_plan(settled.config, ledger, discovered(lists))
    return silent_claims(plan, [template.settings for template in settled.templates])


def _previous(path: Path, layout: Layout, since: str) -> Ledger | None:
    try:
        data = at_revision(path, since)
    except ValueError as error:
        raise ConfigError(f"--since: {error}") from None
    if data is None:
        return None
    # A claim that only a change of layout took away is gone all the same: either may be the one.
    text, _ = decode(data)
    readings = [parse(text, one) for one in (layout, *(one for one in Layout if one != layout))]
    return next((one for one in readings if one.claims), readings[0])


def _shown(path: Path) -> str:
    """The path as it is written in findings: relative to the folder at hand, where it is below."""
    here = Path.cwd()
    full = path.absolute()
    return (full.relative_to(here) if full.is_relative_to(here) else full).as_posix()


def _json(found: Sequence[tuple[str, Linted]]) -> dict[str, object]:
    return {
        "violations": [
            {
                "file": path,
                "line": one.line,
                "rule": one.rule,
                "severity": one.severity.value,
                "message": one.message,
                "hint": one.hint,
            }
            for path, linted in found
            for one in linted.violations
        ],
        "judged": {
            path: {rule: severity.value for rule, severity in linted.judged.items()}
            for path, linted in found
        },
        "errors": sum(linted.errors for _, linted in found),
        "warnings": sum(linted.warnings for _, linted in found),
    }


def _print(found: Sequence[tuple[str, Linted]]) -> None:
    out = console()
    for path, linted in found:
        for one in linted.violations:
            style = "bold red" if one.severity is Severity.ERROR else "bold yellow"
            out.print(
                Text.assemble(
                    f"{path}:{one.line}: ",
                    (one.severity.value, style),
                    f": {one.message} ",
                    (f"[{one.rule}]", "dim"),
                )
            )
            out.print(Text(f"    fix: {one.hint}", "dim"))
    errors = sum(linted.errors for _, linted in found)
    warnings = sum(linted.warnings for _, linted in found)
    if errors or warnings:
        out.print(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}")
    else:
        out.print("no rule is broken")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
