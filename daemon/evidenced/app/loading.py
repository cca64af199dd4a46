"""Reading the configuration and the ledger, and keeping the last good ones when they turn bad."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import is_
from pathlib import Path

from evidenced.app.listing import Listings, discovered, listings
from evidenced.config.freeing import free
from evidenced.config.load import ConfigError, read
from evidenced.config.model import Config
from evidenced.config.sources import Mark, Sources, mark
from evidenced.config.template import Template
from evidenced.ledger.belief import disbelief
from evidenced.ledger.lint.model import Linted, Subject
from evidenced.ledger.model import Layout, Ledger, LedgerError
from evidenced.ledger.nextfile import with_next
from evidenced.ledger.parse import read as read_ledger
from evidenced.watch.board import Reading
from evidenced.watch.citations import missing_documents
from evidenced.watch.plan import Plan, make_plan
from evidenced.watch.sharing import WHOLE, Share, shared
from evidenced.workflow.lint import lint_by, silent_claims


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is in force: a configuration, a ledger, lists of targets, the plan made of all.

    `problems` say, a line each, what of the last reading was not taken over, `warnings` what of the
    configuration in force is to be written otherwise before the next release. `earlier` is the
    reading of the ledger before the one in force, and `linted` what breaks the rules in the file
    as it was last read, be it believed or not. `share` is this daemon's part of the plan.
    """

    config: Config
    ledger: Ledger
    plan: Plan
    missing: Mapping[str, tuple[str, ...]]
    reading: Reading
    sources: Sources
    ledger_mark: Mark
    next_mark: Mark = None
    templates: tuple[Template, ...] = ()
    listings: Listings = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    earlier: Ledger | None = None
    share: Share = WHOLE
    linted: Linted = field(default_factory=Linted)

    def outdated(self) -> bool:
        """Whether the configuration or the ledger changed since. Blocks on the file system."""
        settings = self.config.ledger
        beside = mark(settings.next_path) if settings.next_path else None
        here = (mark(settings.path), beside)
        return self.sources.outdated() or (self.ledger_mark, self.next_mark) != here

    @property
    def watched(self) -> tuple[Path, ...]:
        """The files of which a change matters."""
        lists = (
            pattern
            for template in self.templates
            if template.settings.discovery is not None
            for pattern in template.settings.discovery.file
        )
        settings = self.config.ledger
        beside = (settings.next_path,) if settings.next_path else ()
        return (*self.sources.watched(), settings.path, *beside, *lists)

    def with_listings(self, lists: Listings) -> "Loaded":
        """The same with other lists of targets, and a new plan where that makes a difference."""
        before, after = discovered(self.listings), discovered(lists)
        same = len(before) == len(after) and all(map(is_, before, after))
        if same:
            return replace(self, listings=lists)
        plan = make_plan(self.config, self.ledger, after).keeping(self.plan)
        share = _share(self.config, plan, self.share)
        found = replace(self, listings=lists, plan=plan, share=share)
        return found.with_lint(self.ledger) if self.reading.ledger_believed else found

    def with_lint(self, seen: Ledger) -> "Loaded":
        """The same with what breaks the rules in a reading, which may be one not believed.

        What only the plan knows, such as claims without a check, is not judged for such a one.
        """
        in_force = seen is self.ledger
        pending = [template.settings for template in self.templates]
        subject = Subject(
            seen,
            missing=self.missing if in_force else None,
            silent=silent_claims(self.plan, pending) if in_force else None,
            previous=self.earlier if in_force else self.ledger,
        )
        return replace(self, linted=lint_by(self.config.ledger, subject))


def start(path: Path) -> Loaded:
    """Read all for the first time; raises ConfigError or LedgerError. Blocks on the file system."""
    sources = Sources(path)
    found = read(path, sources=sources)
    config = found.config
    ledger_mark = mark(config.ledger.path)
    next_mark = mark(config.ledger.next_path) if config.ledger.next_path else None
    ledger = read_ledger(config.ledger.path, Layout(config.ledger.layout))
    ledger = with_next(ledger, config.ledger.next_path)
    if doubt := disbelief(None, ledger):
        raise LedgerError(f"{config.ledger.path}: {doubt}")
    reading = Reading(config_loaded=True, config_loaded_at=time.time())
    lists = listings(found.templates, {})
    plan = make_plan(config, ledger, discovered(lists))
    loaded = Loaded(
        config=config,
        ledger=ledger,
        plan=plan,
        share=_share(config, plan, None),
        missing=missing_documents(ledger, config.ledger.repository),
        reading=reading,
        sources=sources,
        ledger_mark=ledger_mark,
        next_mark=next_mark,
        templates=found.templates,
        listings=lists,
        warnings=found.warnings,
    )
    return loaded.with_lint(ledger)


def again(path: Path, before: Loaded, trusting: bool = False) -> Loaded:
    """Read all again; what is bad in it leaves the last good one in force. Blocks likewise.

    With `trusting`, a ledger is believed as at a start: whatever it has lost since.
    """
    problems: list[str] = []
    sources = Sources(path)
    config, templates, warnings = before.config, before.templates, before.warnings
    loaded_at = before.reading.config_loaded_at
    try:
        found = read(path, sources=sources)
        config, templates, warnings = found.config, found.templates, found.warnings
        loaded_at = time.time()
        held: list[object] = list(config.checks)
        config = config.keeping(before.config)
        del found
        free(held)
    except ConfigError as error:
        problems += str(error).splitlines()
    config_loaded = not problems
    ledger, readable, doubt = before.ledger, True, None
    ledger_mark = mark(config.ledger.path)
    next_mark = mark(config.ledger.next_path) if config.ledger.next_path else None
    try:
        seen = read_ledger(config.ledger.path, Layout(config.ledger.layout))
        seen = with_next(seen, config.ledger.next_path)
    except LedgerError as error:
        problems.append(str(error))
        readable, seen = False, before.ledger
    else:
        doubt = disbelief(None if trusting else before.ledger, seen)
        if doubt:
            problems.append(f"{config.ledger.path}: {doubt}")
        else:
            # A reading that says the same is no news, and what vanished before it stays known.
            ledger = seen = before.ledger if seen == before.ledger else seen
    lists = listings(templates, before.listings)
    plan = make_plan(config, ledger, discovered(lists)).keeping(before.plan)
    loaded = Loaded(
        config=config,
        ledger=ledger,
        plan=plan,
        share=_share(config, plan, before.share),
        missing=missing_documents(ledger, config.ledger.repository),
        reading=Reading(
            config_loaded=config_loaded,
            config_loaded_at=loaded_at,
            ledger_readable=readable,
            ledger_believed=not doubt,
        ),
        sources=sources,
        ledger_mark=ledger_mark,
        next_mark=next_mark,
        templates=templates,
        listings=lists,
        problems=tuple(problems),
        warnings=warnings,
        earlier=before.earlier if ledger is before.ledger else before.ledger,
    )
    return loaded.with_lint(seen) if readable else replace(loaded, linted=before.linted)


def _share(config: Config, plan: Plan, before: Share | None) -> Share:
    """This daemon's part of a plan; which of the shards it is stays as it was at the start."""
    settings = config.shard
    if before is WHOLE or (before is None and settings is None):
        return WHOLE
    index, count = (before.index, before.count) if before else (0, 1)
    if settings is not None:
        index, count = index if before else settings.index, settings.count
    return shared(plan, index, max(count, index + 1))
