"""`evidenced gate`: may work on a topic begin, by the ledger and by what production says."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.console import Console
from rich.text import Text

from evidenced.app.loading import Loaded, start
from evidenced.cli.admin import UrlOption
from evidenced.cli.client import ask
from evidenced.cli.options import (
    BAD_INPUT,
    ConfigOption,
    JsonOption,
    bad_input_exits,
    config_path,
    console,
)
from evidenced.cli.reach import Reach, given
from evidenced.cli.rows import Row, print_rows
from evidenced.config.problem import ConfigError
from evidenced.ledger.model import Item
from evidenced.workflow.gate import Answer, Places, Question, Verdict
from evidenced.workflow.gate_ask import LONGEST, Asked, ask_gate, proofs
from evidenced.workflow.gate_json import gate_json
from evidenced.workflow.markdown import one_line
from evidenced.workflow.proof import Proof

PATH = "/api/v1/gate"
REFUSED = 3
"""The exit status where the gate refuses."""

EXITS: Mapping[str, int] = MappingProxyType(
    {Answer.GO: 0, Answer.REFUSED: REFUSED, Answer.UNREADABLE: BAD_INPUT}
)
SIGNS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        Answer.GO: ("✔", "go", "bold green"),
        Answer.REFUSED: ("✘", "refused", "bold red"),
        Answer.UNREADABLE: ("?", "unreadable", "bold yellow"),
    }
)
"""The mark, the word and the colour of an answer; the mark and the word say it by themselves."""

_THEN: Mapping[str, str] = MappingProxyType(
    {
        Question.CLOSED: "What is known of it",
        Question.IN_PROGRESS: "Once that is approved",
        Question.DONE_WHEN: "To write it down",
    }
)
_ASKED = ("not closed?", "in progress?", "done when?")


def gate(
    topic: Annotated[
        str, typer.Argument(help="What is to be worked on, such as the title of a pull request.")
    ],
    url: UrlOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether work on a topic may begin (exit 0 go, 3 refused, 2 unreadable).

    With --url a running daemon answers; else the ledger and the store of the configuration do.
    """
    with bad_input_exits():
        said = _topic(topic)
        if url is not None:
            found = _asked_of(given(url), said)
        else:
            path = config_path(config)
            everything = start(path)
            asked = asked_of(everything)
            found = gate_json(verdict(said, asked, path, everything), asked.places)
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show_gate(found, console())
    if status := EXITS[found["answer"]]:
        raise typer.Exit(status)


def asked_of(everything: Loaded) -> Asked:
    """What a gate of this configuration asks about, with files as seen from the current folder."""
    settings = everything.config.ledger
    places = Places(
        _shown(settings.path), _shown(settings.next_path) if settings.next_path else None
    )
    return Asked(everything.plan, places, settings.repository, settings.limits.in_progress)


def verdict(topic: str, asked: Asked, path: Path, everything: Loaded) -> Verdict:
    """What the gate says of a topic, by this ledger and the store of the configuration."""

    async def prove(items: tuple[Item, ...]) -> dict[str, Proof]:
        # Costly to import, and the answer does not always turn on the store.
        from evidenced.cli.store import read_store

        return await asyncio.to_thread(
            read_store, path, everything.config, lambda reader: proofs(items, asked, reader)
        )

    return asyncio.run(ask_gate(topic, asked, prove))


def show_gate(found: Mapping[str, Any], out: Console) -> None:
    """What the gate says, the answer first, then what it rests on."""
    mark, word, style = SIGNS[found["answer"]]
    out.print(Text(f"{mark} {word.upper()}: {one_line(found['topic'])}", style))
    if found["reason"]:
        at = f"{at_here(found['at'])}: " if found["at"] else ""
        out.print(Text(one_line(f"{at}{found['reason']}"), "bold"))
    out.print()
    print_rows((*_matched(found), *_questions(found)), out, "dim")
    what, commands = _commands(found)
    if commands:
        out.print(Text(f"\n{what}:"))
    for command in commands:
        # Not folded: it is there to be copied.
        out.print(Text(f"  {one_line(command)}"), soft_wrap=True)


def _matched(found: Mapping[str, Any]) -> Iterator[Row]:
    needed = f"(a match takes {found['threshold']:g})"
    if one := found["matched"]:
        yield "matched", Text(f"{_named(one)} {needed}")
    else:
        yield "matched", Text(f"nothing in the ledger {needed}")
    for one in found["as_good"]:
        yield "as good", Text(_named(one))
    for one in found["near"]:
        yield "near", Text(_named(one), "dim")


def _named(one: Mapping[str, Any]) -> str:
    section = one["section"].replace("_", " ").upper()
    by = "; ".join(one["by"])
    where = f"{section}, {at_here(one['at'])}"
    return one_line(f"'{one['title']}' ({where}), {one['score']:.2f} by {by}")


def _questions(found: Mapping[str, Any]) -> Iterator[Row]:
    for label, step in zip(_ASKED, found["questions"], strict=True):
        mark, word, style = SIGNS[step["answer"]]
        at = f" ({at_here(step['at'])})" if step["at"] else ""
        text = Text.assemble((f"{mark} {word}", style), f": {one_line(step['said'])}{at}")
        if record := step["evidence"]:
            text.append(f"\n{_evidence(record)}")
        for point in step["done_when"]:
            text.append(f"\n- {one_line(point)}")
        yield label, text


def _commands(found: Mapping[str, Any]) -> tuple[str, Sequence[str]]:
    """What to do next, and what for: about what stands in the way, else to begin."""
    steps = found["questions"]
    if found["answer"] == Answer.GO:
        return "To begin", [command for step in steps for command in step["do"]]
    first = next(step for step in steps if step["answer"] == found["answer"])
    return _THEN[first["question"]], first["do"]


def _evidence(record: Mapping[str, Any]) -> str:
    by = f" by {record['check']}" if record["check"] else ""
    where = f" at {record['location']}" if record["location"] else ""
    seen = f": {record['excerpt']}" if record["excerpt"] else ""
    return one_line(f"record {record['id']}, {record['at']}{by}{where}{seen}")


def at_here(place: str) -> str:
    """A place as FILE:LINE, with the file as seen from the current folder."""
    return one_line(place.removeprefix(f"{Path.cwd()}/"))


def _topic(said: str) -> str:
    topic = said.strip()
    if not topic:
        raise ConfigError("expected a TOPIC")
    if len(topic) > LONGEST:
        raise ConfigError(f"expected a TOPIC of at most {LONGEST} characters")
    return topic


def _asked_of(daemon: Reach, topic: str) -> Mapping[str, Any]:
    """What a running daemon says; the command ends with exit 2 where it says nothing of use."""
    where = f"{daemon.url}{PATH}?{urlencode({'topic': topic})}"
    answer, text = asyncio.run(ask("GET", where, daemon.token, tls=daemon.tls))
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("answer") not in EXITS:
        raise ConfigError(f"the daemon gives no verdict: {answer}")
    return found


def _shown(path: Path) -> Path:
    """The path as one would write it here: relative to the current folder, where it is below."""
    here, full = Path.cwd(), path.absolute()
    return full.relative_to(here) if full.is_relative_to(here) else full
