"""Lists of targets outside: what is known of each, and the checks that come of them."""

import glob
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from evidenced.config.check import CheckSettings
from evidenced.config.discovery import HttpDiscovery
from evidenced.config.http import without_secrets
from evidenced.config.sources import Mark, mark
from evidenced.config.targets import LIST_LIMIT, Target, read_list
from evidenced.config.template import TargetError, Template
from evidenced.evidence.repeats import Repeats
from evidenced.watch.lists import TargetList

Key: TypeAlias = tuple[str, str]
"""The name of the check that the targets of a list are for, and the list as it may be shown."""

Listings: TypeAlias = "Mapping[Key, Listing]"


@dataclass(frozen=True, slots=True)
class Listing:
    """One list, as it was last read well; `problem` says what is wrong with it since.

    `succeeded` is when that was, in seconds since the epoch, and `mark` that of the file that was
    read last, well or not.
    """

    template: Template
    source: Path | HttpDiscovery
    targets: tuple[Target, ...] = ()
    checks: tuple[CheckSettings, ...] = ()
    problem: str | None = None
    succeeded: float | None = None
    mark: Mark = None

    @property
    def shown(self) -> str:
        """The list, without secrets."""
        source = self.source
        return str(source) if isinstance(source, Path) else without_secrets(source.url)

    def with_targets(self, targets: tuple[Target, ...]) -> "Listing":
        """The list with what it has now; unchanged but for the problem where that is no good."""
        if self.succeeded is not None and targets == self.targets:
            return replace(self, problem=None, succeeded=time.time())
        try:
            checks = self.template.found(targets)
        except TargetError as error:
            return self.with_problem(str(error))
        return replace(self, targets=targets, checks=checks, problem=None, succeeded=time.time())

    def with_problem(self, problem: str) -> "Listing":
        """The list as it was, with what is wrong with it now."""
        return replace(self, problem=problem)

    def for_template(self, template: Template) -> "Listing":
        """The list for a check that may be written otherwise now."""
        if template is self.template or self.succeeded is None:
            return replace(self, template=template)
        if template.settings == self.template.settings:
            return replace(self, template=template)
        try:
            return replace(self, template=template, checks=template.found(self.targets))
        except TargetError as error:
            return replace(self, template=template, checks=(), problem=str(error))


def listings(templates: Iterable[Template], before: Listings) -> Listings:
    """All lists of these checks: files read where they changed, the others as they were before.

    Blocks on the file system.
    """
    found: dict[Key, Listing] = {}
    for template in templates:
        for source in _sources(template):
            fresh = Listing(template, source)
            key = (template.name, fresh.shown)
            old = before.get(key)
            if old is not None and old.source == source:
                fresh = old.for_template(template)
            found.setdefault(key, _read(fresh) if isinstance(source, Path) else fresh)
    return found


def discovered(lists: Listings) -> tuple[CheckSettings, ...]:
    """The checks of all lists."""
    return tuple(check for listing in lists.values() for check in listing.checks)


def problems(lists: Listings) -> Iterator[str]:
    """A line for each list that is not as it should be."""
    for (check, shown), listing in lists.items():
        if listing.problem is not None:
            yield f"{shown}: no targets for {check}: {listing.problem}"


def summaries(lists: Listings) -> tuple[TargetList, ...]:
    """How each list stands, for the board."""
    return tuple(
        TargetList(check, shown, len(listing.checks), listing.problem is None, listing.succeeded)
        for (check, shown), listing in lists.items()
    )


def tell_lists(before: Listings, after: Listings, repeats: Repeats) -> None:
    """Log what changed: what is wrong, summed up while it stays the same, and what is found."""
    # Costly to import, and only a daemon logs its lists: a command says what is wrong with one.
    import structlog

    log = structlog.get_logger()
    repeats.keep(
        (key, listing.problem) for key, listing in after.items() if listing.problem is not None
    )
    for key, listing in after.items():
        check, source = key
        old = before.get(key)
        if listing.problem is not None:
            if old is not listing:
                repeats.trouble(
                    (key, listing.problem),
                    log.error,
                    "targets not taken over, the last good list stays in force",
                    check=check,
                    source=source,
                    problem=listing.problem,
                )
        elif listing.succeeded is not None and (old is None or old.checks is not listing.checks):
            log.info("targets found", check=check, source=source, targets=len(listing.checks))
        elif old is not None and old.problem is not None:
            log.info("the list can be read again", check=check, source=source)


def _sources(template: Template) -> Iterator[Path | HttpDiscovery]:
    discovery = template.settings.discovery
    if discovery is None:
        return
    for pattern in discovery.file:
        yield from map(Path, sorted(glob.glob(str(pattern))))  # noqa: PTH207  an absolute pattern
    yield from discovery.http


def _read(listing: Listing) -> Listing:
    path = listing.source
    if not isinstance(path, Path):
        return listing
    now = mark(path)
    if now is not None and now == listing.mark:
        return listing
    listing = replace(listing, mark=now)
    try:
        with path.open("rb") as file:
            content = file.read(LIST_LIMIT + 1)
        return listing.with_targets(read_list(content, as_json=path.suffix == ".json"))
    except OSError as error:
        return listing.with_problem(f"cannot be read: {error.strerror or type(error).__name__}")
    except ValueError as error:
        return listing.with_problem(str(error))
