"""`evidenced status`: what a person or an agent should read before any work, on one screen."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from evidenced.app.loading import Loaded, start
from evidenced.cli.admin import UrlOption
from evidenced.cli.client import ask
from evidenced.cli.gate import SIGNS, asked_of, at_here, verdict
from evidenced.cli.options import (
    BAD_INPUT,
    ConfigOption,
    JsonOption,
    bad_input_exits,
    config_path,
    console,
)
from evidenced.cli.reach import Reach, given, own
from evidenced.cli.rows import Row, print_rows
from evidenced.cli.watching import watch
from evidenced.config.problem import ConfigError
from evidenced.config.types import format_duration
from evidenced.config.words import counted
from evidenced.evidence.records import Evidence, Saved
from evidenced.evidence.trouble import NewerStoreError, StoreError
from evidenced.ledger.model import Section
from evidenced.workflow.gate_ask import new_proofs
from evidenced.workflow.markdown import one_line
from evidenced.workflow.status import Looked, Status, next_one, remembered, status_json

PATH = "/api/v1/status"
SHOWN = 5
"""Items of one kind that are shown; there is one screen, and --json has them all."""


def status(
    url: UrlOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    watched: Annotated[
        bool, typer.Option("--watch", "-w", help="Keep showing it as it changes, until Ctrl-C.")
    ] = False,
) -> None:
    """Say what to know before any work (exit 0, 1 something is contradicted, 2 unreadable).

    A running daemon is asked where there is one; else it is what the store has kept.
    """
    with bad_input_exits():
        if watched:
            watch(lambda: _found(url, config), status_rows, console(), as_json=as_json)
            return
        found = _found(url, config)
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show_status(found, console())
    if found["contradicted"]:
        raise typer.Exit(1)
    if found["trouble"]:
        raise typer.Exit(BAD_INPUT)


def _found(url: str | None, config: Path | None) -> Mapping[str, Any]:
    return _of_daemon(given(url)) if url is not None else _here(config_path(config))


def _of_daemon(daemon: Reach) -> Mapping[str, Any]:
    """What the daemon at this address says; ConfigError where it says nothing of use."""
    answer, text = asyncio.run(ask("GET", daemon.url + PATH, daemon.token, tls=daemon.tls))
    try:
        found = json.loads(text) if answer.delivered else None
    except ValueError:
        found = None
    if not isinstance(found, dict) or "contradicted" not in found:
        raise ConfigError(f"the daemon says nothing of its status: {answer}")
    return found


def _here(path: Path) -> Mapping[str, Any]:
    """What the daemon of this configuration says, else its store."""
    everything = start(path)
    try:
        found = _of_daemon(own(everything.config))
    except ConfigError as error:
        return _of_store(path, everything, str(error))
    ledger = str(found["ledger"]["file"])
    if Path(ledger).resolve() != everything.config.ledger.path.resolve():
        return _of_store(path, everything, f"the one that answers watches another ledger, {ledger}")
    return found


def _of_store(path: Path, everything: Loaded, why: str) -> Mapping[str, Any]:
    # Costly to import, and where a daemon answers its store is not asked.
    from evidenced.cli.store import read_store
    from evidenced.evidence.reader import Reader

    now, asked = time.time(), asked_of(everything)
    ledger = everything.ledger
    kept: tuple[Saved, ...] = ()
    against: Mapping[str, Evidence] = {}
    trouble: str | None = None

    async def read(reader: Reader) -> tuple[tuple[Saved, ...], Mapping[str, Evidence]]:
        closed = ledger.sections.get(Section.CLOSED, ())
        return await reader.state(), await new_proofs(closed, reader)

    try:
        kept, against = read_store(path, everything.config, read)
    except NewerStoreError:
        raise
    except StoreError as error:
        trouble = str(error)
    board, alive = remembered(everything.plan, everything.missing, everything.reading, kept, now)
    first = next_one(everything.plan)
    return status_json(
        Status(
            board=board,
            places=asked.places,
            looked=Looked("store", alive, why, trouble),
            made=now,
            new_proofs=against,
            verdict=verdict(first.title, asked, path, everything) if first else None,
            linted=everything.linted,
            limit=asked.limit,
        )
    )


def show_status(found: Mapping[str, Any], out: Console) -> None:
    """Print the screen."""
    print_rows(status_rows(found), out)


def status_rows(found: Mapping[str, Any]) -> Iterator[Row]:
    """The screen: first what is wrong, then what is being done and may be done."""
    for part in (_head, _contradicted, _facts, _ledger, _in_progress, _reopenable, _next):
        yield from part(found)


def _head(found: Mapping[str, Any]) -> Iterator[Row]:
    if found["source"] == "daemon":
        yield "STATUS", Text(f"{_time(found['made'])}, by the running daemon")
    else:
        alive = found["as_of"]
        lived = f"last alive {_ago(found, alive)} ago, {_time(alive)}" if alive else "never seen"
        yield "STATUS", Text(f"{_time(found['made'])}, by the store")
        yield "", Text(f"? NO DAEMON ({lived}): {one_line(found['no_daemon'])}", "bold yellow")
    if found["trouble"]:
        unknown = "NEW PROOF" if found["source"] == "daemon" else "PRODUCTION"
        said = f"? {unknown} IS NOT KNOWN: {one_line(found['trouble'])}"
        yield "", Text(said, "bold yellow")
    if not found["view"]:
        yield "", Text("? the daemon's own view is gone: it sees nothing", "bold yellow")


def _contradicted(found: Mapping[str, Any]) -> Iterator[Row]:
    wrong = found["contradicted"]
    claims = found["claims"]
    each = ", ".join(f"{count} {what}" for what, count in claims.items() if count)
    counts = Text(f"{counted(sum(claims.values()), 'claim')}: {each or 'none'}")
    if not wrong:
        known = "? nothing is known to be" if found["trouble"] else "✔ nothing"
        yield "CONTRADICTED", Text(known, "" if found["trouble"] else "green")
        yield "", counts
        return
    yield "CONTRADICTED", Text(f"✘ {len(wrong)} of ", "bold red").append_text(counts)
    for one in wrong[:SHOWN]:
        since = f"since {_time(one['since'])} ({_ago(found, one['since'])})"
        text = Text(f"✘ {one_line(one['title'])}", "bold red").append(
            f"  {at_here(one['at'])}\n  {since}", "not bold default"
        )
        for check in one["checks"][:2]:
            text.append(f"\n  {_why(check)}", "not bold default")
        yield "", text
    yield from _more(wrong)


def _facts(found: Mapping[str, Any]) -> Iterator[Row]:
    facts = found["facts"]
    last = f", last seen {_time(facts['last'])}" if facts["last"] else ""
    parts = [
        f"{facts[what]} {what}"
        for what in ("contradicted", "stale", "unverified", "unknown")
        if facts[what]
    ]
    others = f", {', '.join(parts)}" if parts else ""
    yield "FACTS", Text(f"{facts['verified']} of {facts['checks']} checks verified{others}{last}")
    for check in facts["without_claim"][:SHOWN]:
        yield "", Text(f"✘ {_why(check)} (speaks for no claim)", "red")
    for check in facts["unconfirmed"][:SHOWN]:
        yield "", Text(f"? {_why(check)} (not confirmed yet)", "yellow")
    if found["maintenance"]:
        yield "", Text(f"in maintenance: {one_line(', '.join(found['maintenance']))}")
    if found["drills"]:
        yield "", Text(f"DRILL on: {one_line(', '.join(found['drills']))}")


def _ledger(found: Mapping[str, Any]) -> Iterator[Row]:
    ledger, lint = found["ledger"], found["lint"]
    updated = ledger["updated"]
    when = f"updated {_time(updated)} ({_ago(found, updated)} ago)" if updated else "without a date"
    yield "LEDGER", Text(f"{at_here(ledger['file'])}, {when}")
    if not (ledger["readable"] and ledger["believed"]):
        what = "cannot be read" if not ledger["readable"] else "lost too much to be believed"
        yield "", Text(f"✘ the file {what}: this is its last good reading", "bold red")
    if lint["errors"] or lint["warnings"]:
        said = f"{_count(lint['errors'], 'error')}, {_count(lint['warnings'], 'warning')}"
        yield "", Text(f"✘ {said}: evidenced ledger lint", "yellow")


def _in_progress(found: Mapping[str, Any]) -> Iterator[Row]:
    work = found["in_progress"]
    if not work:
        yield "IN PROGRESS", Text("nothing")
    for label, one in _labelled("IN PROGRESS", work):
        yield label, Text(f"{one_line(one['title'])}  {at_here(one['at'])}")
    for label, one in _labelled("BLOCKED", found["blocked"]):
        yield label, Text(f"{one_line(one['title'])}  {at_here(one['at'])}")


def _reopenable(found: Mapping[str, Any]) -> Iterator[Row]:
    closed = found["reopenable"]
    for label, one in _labelled("REOPENABLE", closed[:SHOWN]):
        record = one["evidence"]
        seen = f": {record['excerpt']}" if record["excerpt"] else ""
        text = Text(f"{one_line(one['title'])}  {at_here(one['at'])}, closed {one['closed']}")
        text.append(f"\nrecord {record['id']} of {_time(record['at'])}{one_line(seen)}")
        yield label, text
    yield from _more(closed)


def _next(found: Mapping[str, Any]) -> Iterator[Row]:
    coming, gate = found["next"], found["gate"]
    if not coming or not gate:
        yield "NEXT", Text("nothing")
        return
    mark, word, style = SIGNS[gate["answer"]]
    first = coming[0]
    text = Text(f"{one_line(first['title'])}  {at_here(first['at'])}\n")
    text.append(f"the gate: {mark} {word}", style)
    text.append(f": {one_line(gate['reason'])}" if gate["reason"] else "")
    yield "NEXT 1", text


def _labelled(
    label: str, items: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, one in enumerate(items):
        yield "" if number else label, one


def _more(items: Sequence[object]) -> Iterator[Row]:
    if len(items) > SHOWN:
        yield "", Text(f"and {len(items) - SHOWN} more: evidenced status --json")


def _why(check: Mapping[str, Any]) -> str:
    reason = f": {check['reason']}" if check["reason"] else ""
    detail = f": {check['detail']}" if check["detail"] else ""
    return one_line(f"{check['name']}{reason}{detail}")


def _time(text: str | None) -> str:
    if text is None:
        return "an unknown time"
    return f"{_at(text):%Y-%m-%d %H:%M} UTC"


def _ago(found: Mapping[str, Any], text: str | None) -> str:
    """How long before the status was made, in the largest unit that is full."""
    if text is None:
        return "?"
    seconds = max(0, int((_at(found["made"]) - _at(text)).total_seconds()))
    unit = next((one for one in (86_400, 3600, 60) if seconds >= one), 1)
    return format_duration(float(seconds // unit * unit))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
