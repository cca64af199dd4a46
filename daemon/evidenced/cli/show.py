"""What the commands print for people."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evidenced.cli.marks import MARKS
from evidenced.cli.shape import expectations
from evidenced.config.kinds.base import KindSettings
from evidenced.config.types import format_duration
from evidenced.config.words import counted
from evidenced.ledger.model import Ledger, Section
from evidenced.probes.attempt import Outcome
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check, Origin, Plan

WIDE = 140
"""Columns from which on a table has room for addresses beside results."""


def observations(found: Sequence[Observation], console: Console) -> None:
    """A table of what was met and what was not, and a line that sums it up."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column("CHECK", no_wrap=True)
    table.add_column("TIME", justify="right", no_wrap=True)
    if console.width >= WIDE:
        table.add_column("TARGET", no_wrap=True)
    table.add_column("RESULT", overflow="fold")
    for one in found:
        target = [Text(one.check.target, "dim")] if console.width >= WIDE else []
        time = f"{one.duration * 1000:.0f} ms"
        table.add_row(MARKS[one.result], Text(one.check.name), time, *target, _result(one))
    console.print(table)
    counts = Counter(one.result for one in found)
    failed = counts[Outcome.FAILURE]
    said = f"{counts[Outcome.SUCCESS]} of {counted(len(found), 'check')} met"
    said += f", {failed} not met" if failed else ""
    said += f", {counts[Outcome.UNKNOWN]} unknown" if counts[Outcome.UNKNOWN] else ""
    console.print(Text(f"\n{said}.", "bold red" if failed else "bold"))


def _result(one: Observation) -> Text:
    """Every expectation that was not met, with what was expected and found; else what was seen."""
    retried = f" (after {len(one.attempts)} attempts)" if one.retried else ""
    if one.failure is None:
        return Text(_seen(one) + retried, "yellow" if retried else "")
    unmet = [
        f"expected {judgement.expected}, found {judgement.found}"
        for judgement in one.last.judgements
        if not judgement.met
    ]
    return Text("\n".join(unmet or [one.failure.detail]) + retried, "red")


def _seen(one: Observation) -> str:
    facts = one.last.facts
    seen = [str(facts["status_code"])] if "status_code" in facts else []
    if location := facts.get("location"):
        seen.append(f"→ {location}")
    return " ".join(seen) or "met"


def plan(made: Plan, console: Console) -> None:
    """The checks, then what the ledger says and no check looks at."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("CHECK", "KIND", "EVERY", "FROM"):
        table.add_column(column, no_wrap=True)
    table.add_column("TARGET AND EXPECTATIONS", overflow="fold")
    for check in made.checks:
        table.add_row(
            Text(check.name),
            check.kind,
            format_duration(check.timing.interval),
            "config" if check.origin is Origin.CONFIGURED else "ledger",
            Text("\n").join(_lines(check)),
        )
    console.print(table)
    console.print(
        f"\n{counted(len(made.checks), 'check')} for {counted(len(made.ledger.claims), 'claim')}."
    )
    _section(
        "Could not be derived",
        (f"line {u.line}, {u.claim}: {u.phrase!r} {u.why}" for u in made.underived),
        console,
    )
    _section("Named, but not there", _strays(made), console)
    _section(
        "Nothing speaks for",
        (f"line {item.line}, {item.section}: {item.id}" for item in made.silent),
        console,
    )


def _lines(check: Check) -> Iterator[Text]:
    yield Text(check.target)
    yield Text("; ".join(_expects(check.settings)) or "status 2xx", "dim")
    if check.claims != (check.name,):
        yield Text(f"for {', '.join(check.claims)}" if check.claims else "for no claim", "dim")


def _strays(made: Plan) -> Iterator[str]:
    for who, name, nearest in made.unmet:
        yield f"{who}: {name!r}" + (f"; did you mean {nearest!r}?" if nearest else "")
    for check, claim, nearest in made.strays:
        yield f"{check}: {claim!r}" + (f"; did you mean {nearest!r}?" if nearest else "")


def _section(title: str, lines: Iterable[str], console: Console) -> None:
    listed = list(lines)
    if listed:
        console.print(Text(f"\n{title} ({len(listed)}):", "bold"))
        for line in listed:
            console.print(Text(f"  {line}"))


def _expects(settings: KindSettings) -> Iterator[str]:
    for name, value in expectations(settings).items():
        yield f"{name} {_plain(value)}"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return " or ".join(_plain(inner) for inner in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def validated(path: Path, made: Plan, console: Console, warnings: Iterable[str] = ()) -> None:
    """That all is sound, and what one might still want to know."""
    ledger = made.ledger
    console.print(
        f"{path}: ok: {counted(len(made.checks), 'check')}, "
        f"{counted(len(ledger.claims), 'claim')}, "
        f"{len(made.silent)} of them with no check"
    )
    for line in warnings:
        console.print(Text(f"warning: {line}"))
    for line in _strays(made):
        console.print(Text(f"warning: named, but not there: {line}"))
    for finding in ledger.findings:
        console.print(Text(f"warning: ledger line {finding.line}: {finding.message}"))


def ledger(found: Ledger, console: Console) -> None:
    """The ledger by section, each item with what it cites."""
    if found.updated:
        console.print(f"updated {found.updated:%Y-%m-%d %H:%M} UTC")
    for section in Section:
        items = found.sections.get(section, ())
        console.print(Text(f"\n{section.value.replace('_', ' ').upper()} ({len(items)})", "bold"))
        for item in items:
            kinds = Counter(reference.kind for reference in item.references)
            cites = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            closed = f"  closed {item.closed}" if item.closed else ""
            console.print(Text(f"  {item.line:>4}  {item.id}{closed}"), Text(cites, "dim"))
            for point in item.done_when:
                console.print(Text(f"          done when: {point}"))
    _section("Found", (f"line {f.line}: {f.rule}: {f.message}" for f in found.findings), console)
