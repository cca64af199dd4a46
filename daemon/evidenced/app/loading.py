"""Reading the configuration and the ledger, and keeping the last good ones when they turn bad."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidenced.app.files import Mark, mark
from evidenced.config.load import ConfigError, load
from evidenced.config.model import Config
from evidenced.ledger.belief import disbelief
from evidenced.ledger.model import Ledger, LedgerError
from evidenced.ledger.parse import read
from evidenced.watch.board import Reading
from evidenced.watch.citations import missing_documents
from evidenced.watch.plan import Plan, make_plan


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is in force: a configuration, a ledger, the plan made of both.

    `problems` say, a line each, what of the last reading was not taken over.
    """

    config: Config
    ledger: Ledger
    plan: Plan
    missing: Mapping[str, tuple[str, ...]]
    reading: Reading
    marks: tuple[Mark, Mark]
    problems: tuple[str, ...] = ()

    def outdated(self, path: Path) -> bool:
        """Whether the configuration or the ledger changed since. Blocks on the file system."""
        return self.marks != (mark(path), mark(self.config.ledger.path))


def start(path: Path) -> Loaded:
    """Read all for the first time; raises ConfigError or LedgerError. Blocks on the file system."""
    config_mark = mark(path)
    config = load(path)
    ledger_mark = mark(config.ledger.path)
    ledger = read(config.ledger.path)
    if doubt := disbelief(None, ledger):
        raise LedgerError(f"{config.ledger.path}: {doubt}")
    reading = Reading(config_loaded=True, config_loaded_at=time.time())
    return _loaded(config, ledger, reading, (config_mark, ledger_mark))


def again(path: Path, before: Loaded) -> Loaded:
    """Read all again; what is bad in it leaves the last good one in force. Blocks likewise."""
    problems: list[str] = []
    config_mark = mark(path)
    config, loaded_at = before.config, before.reading.config_loaded_at
    try:
        config = load(path)
        loaded_at = time.time()
    except ConfigError as error:
        problems += str(error).splitlines()
    config_loaded = not problems
    ledger, readable, doubt = before.ledger, True, None
    ledger_mark = mark(config.ledger.path)
    try:
        reading = read(config.ledger.path)
    except LedgerError as error:
        problems.append(str(error))
        readable = False
    else:
        doubt = disbelief(before.ledger, reading)
        if doubt:
            problems.append(f"{config.ledger.path}: {doubt}")
        else:
            ledger = reading
    return _loaded(
        config,
        ledger,
        Reading(
            config_loaded=config_loaded,
            config_loaded_at=loaded_at,
            ledger_readable=readable,
            ledger_believed=not doubt,
        ),
        (config_mark, ledger_mark),
        tuple(problems),
    )


def _loaded(
    config: Config,
    ledger: Ledger,
    reading: Reading,
    marks: tuple[Mark, Mark],
    problems: tuple[str, ...] = (),
) -> Loaded:
    return Loaded(
        config=config,
        ledger=ledger,
        plan=make_plan(config, ledger),
        missing=missing_documents(ledger, config.ledger.repository),
        reading=reading,
        marks=marks,
        problems=problems,
    )
