"""`evidenced status --watch`: the status again and again, live in a terminal."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from evidenced.cli.rows import Row, folded
from evidenced.config.problem import ConfigError
from evidenced.evidence.trouble import StoreError
from evidenced.ledger.model import LedgerError
from evidenced.workflow.markdown import one_line

PACE = 2.0
"""Seconds between two questions: what is shown is no older."""

Found = Mapping[str, Any]
Ask = Callable[[], Found]
Rows = Callable[[Found], Iterator[Row]]

_OF_THE_MOMENT = frozenset({"made", "as_of", "last"})
"""What is another one at every look: it alone is no news."""


def watch(ask: Ask, rows: Rows, out: Console, *, as_json: bool) -> None:
    """Show what is answered until Ctrl-C.

    In a terminal it is one screen that changes. In a pipe, and as JSON (a document a line), what is
    answered is written once at the start and whenever it is another answer. A daemon that gives no
    answer any more is said, and asked again; ConfigError where it gives none at first.
    """
    first = ask()
    try:
        if out.is_terminal and not as_json:
            _screen(first, ask, rows, out)
        else:
            _lines(first, ask, rows, out, as_json=as_json)
    except KeyboardInterrupt:
        return


def _screen(found: Found, ask: Ask, rows: Rows, out: Console) -> None:
    with Live(console=out, screen=True, auto_refresh=False, vertical_overflow="crop") as live:
        silent = ""
        while True:
            shown = [*_silence(silent), *rows(found), ("", Text("Ctrl-C ends this.", "dim"))]
            live.update(Group(*folded(shown, out)), refresh=True)
            time.sleep(PACE)
            found, silent = _again(found, ask)


def _lines(found: Found, ask: Ask, rows: Rows, out: Console, *, as_json: bool) -> None:
    before: object = None
    silent = ""
    while True:
        now = (silent, _news(found))
        if now != before:
            if as_json:
                said = {**found, "silent": silent} if silent else found
                print(json.dumps(said, ensure_ascii=False), flush=True)  # noqa: T201  for a program
            else:
                for line in folded([*_silence(silent), *rows(found)], out):
                    out.print(line, soft_wrap=True)
                out.print()
                out.file.flush()
        before = now
        time.sleep(PACE)
        found, silent = _again(found, ask)


def _news(value: object) -> object:
    """What is answered, without what is of the moment."""
    if isinstance(value, Mapping):
        return {key: _news(one) for key, one in value.items() if key not in _OF_THE_MOMENT}
    return [_news(one) for one in value] if isinstance(value, list | tuple) else value


def _again(before: Found, ask: Ask) -> tuple[Found, str]:
    """The next answer, or the last one there was and why there is none."""
    try:
        return ask(), ""
    except (ConfigError, LedgerError, StoreError) as error:
        return before, one_line(str(error))


def _silence(why: str) -> Iterator[Row]:
    if why:
        yield "NO ANSWER", Text(f"? what follows is the last that was said: {why}", "bold yellow")
