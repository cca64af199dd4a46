"""Reading the configuration and the ledger, and keeping the last good ones when they turn bad."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import is_
from pathlib import Path

from evidenced.app.listing import Listings, discovered, listings
from evidenced.config.load import ConfigError, read
from evidenced.config.model import Config
from evidenced.config.sources import Mark, Sources, mark
from evidenced.config.template import Template
from evidenced.ledger.belief import disbelief
from evidenced.ledger.model import Ledger, LedgerError
from evidenced.ledger.parse import read as read_ledger
from evidenced.watch.board import Reading
from evidenced.watch.citations import missing_documents
from evidenced.watch.plan import Plan, make_plan


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is in force: a configuration, a ledger, lists of targets, the plan made of all.

    `problems` say, a line each, what of the last reading was not taken over.
    """

    config: Config
    ledger: Ledger
    plan: Plan
    missing: Mapping[str, tuple[str, ...]]
    reading: Reading
    sources: Sources
    ledger_mark: Mark
    templates: tuple[Template, ...] = ()
    listings: Listings = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def outdated(self) -> bool:
        """Whether the configuration or the ledger changed since. Blocks on the file system."""
        return self.sources.outdated() or self.ledger_mark != mark(self.config.ledger.path)

    @property
    def watched(self) -> tuple[Path, ...]:
        """The files of which a change matters."""
        lists = (
            pattern
            for template in self.templates
            if template.settings.discovery is not None
            for pattern in template.settings.discovery.file
        )
        return (*self.sources.watched(), self.config.ledger.path, *lists)

    def with_listings(self, lists: Listings) -> "Loaded":
        """The same with other lists of targets, and a new plan where that makes a difference."""
        before, after = discovered(self.listings), discovered(lists)
        same = len(before) == len(after) and all(map(is_, before, after))
        plan = self.plan
        if not same:
            plan = make_plan(self.config, self.ledger, after).keeping(plan)
        return replace(self, listings=lists, plan=plan)


def start(path: Path) -> Loaded:
    """Read all for the first time; raises ConfigError or LedgerError. Blocks on the file system."""
    sources = Sources(path)
    found = read(path, sources=sources)
    config = found.config
    ledger_mark = mark(config.ledger.path)
    ledger = read_ledger(config.ledger.path)
    if doubt := disbelief(None, ledger):
        raise LedgerError(f"{config.ledger.path}: {doubt}")
    reading = Reading(config_loaded=True, config_loaded_at=time.time())
    lists = listings(found.templates, {})
    return Loaded(
        config=config,
        ledger=ledger,
        plan=make_plan(config, ledger, discovered(lists)),
        missing=missing_documents(ledger, config.ledger.repository),
        reading=reading,
        sources=sources,
        ledger_mark=ledger_mark,
        templates=found.templates,
        listings=lists,
    )


def again(path: Path, before: Loaded) -> Loaded:
    """Read all again; what is bad in it leaves the last good one in force. Blocks likewise."""
    problems: list[str] = []
    sources = Sources(path)
    config, templates = before.config, before.templates
    loaded_at = before.reading.config_loaded_at
    try:
        found = read(path, sources=sources)
        config, templates = found.config, found.templates
        loaded_at = time.time()
    except ConfigError as error:
        problems += str(error).splitlines()
    config_loaded = not problems
    ledger, readable, doubt = before.ledger, True, None
    ledger_mark = mark(config.ledger.path)
    try:
        reading = read_ledger(config.ledger.path)
    except LedgerError as error:
        problems.append(str(error))
        readable = False
    else:
        doubt = disbelief(before.ledger, reading)
        if doubt:
            problems.append(f"{config.ledger.path}: {doubt}")
        else:
            ledger = reading
    lists = listings(templates, before.listings)
    return Loaded(
        config=config,
        ledger=ledger,
        plan=make_plan(config, ledger, discovered(lists)).keeping(before.plan),
        missing=missing_documents(ledger, config.ledger.repository),
        reading=Reading(
            config_loaded=config_loaded,
            config_loaded_at=loaded_at,
            ledger_readable=readable,
            ledger_believed=not doubt,
        ),
        sources=sources,
        ledger_mark=ledger_mark,
        templates=templates,
        listings=lists,
        problems=tuple(problems),
    )
