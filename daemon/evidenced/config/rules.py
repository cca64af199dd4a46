"""What must hold between the sections of a configuration, beyond the form of each."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from evidenced.config.check import CheckSettings
from evidenced.config.defaults import Defaults
from evidenced.config.ledger import LedgerSettings
from evidenced.config.problem import Fault, Path, as_written
from evidenced.config.timing import Timing, Timings
from evidenced.config.types import shown_duration


class Place(NamedTuple):
    """Where a check, or one target of it, stands: the file and the path in it."""

    file: str
    path: Path

    def seen_from(self, file: str) -> str:
        """The place, as a person in a file calls it."""
        return as_written(self.path, None) + (f" in {self.file}" if self.file != file else "")


class Broken(NamedTuple):
    """A rule that is broken in a file."""

    file: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a configuration that are sound by themselves; None for one that is not.

    `main` is the file with the ledger and the defaults in it; `names` and `checks` are of all
    files, a check with targets and each check that it becomes among them.
    """

    main: str
    ledger: LedgerSettings | None
    defaults: Defaults | None
    names: Sequence[tuple[Place, str]]
    checks: Sequence[tuple[Place, CheckSettings]]


def broken_rules(parts: Parts) -> Iterator[Broken]:
    """What is wrong between the parts; a part that is None raises no further fault."""
    yield from _names(parts)
    yield from _circles(parts)
    if parts.ledger:
        yield from _addresses(parts.ledger, parts)
    if parts.defaults:
        own = parts.defaults.model_fields_set
        for fault in _times(("defaults",), parts.defaults, own):
            yield Broken(parts.main, fault)
        timings = Timings(parts.defaults)
        for place, check in parts.checks:
            if len(place.path) > 2:
                continue  # of one of several targets: its times are those of all
            written = [key for key in _TIMES if getattr(check, key) is not None]
            for fault in _times(place.path, timings.of(check), written):
                yield Broken(place.file, fault)


def _names(parts: Parts) -> Iterator[Broken]:
    first: dict[str, Place] = {}
    for place, name in parts.names:
        before = first.setdefault(name, place)
        if before is not place:
            after = before.seen_from(place.file)
            message = f"found {name!r} again, after {after}, expected another name"
            path = place.path if len(place.path) > 2 else (*place.path, "name")
            yield Broken(place.file, Fault(path, message))


def _circles(parts: Parts) -> Iterator[Broken]:
    """A check cannot depend on itself, be it through others."""
    places = {check.name: place for place, check in parts.checks}
    graph = {check.name: check.depends_on for _, check in parts.checks}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        place = places[circle[0]]
        message = f"found a circle, {' <- '.join(circle)}, expected none"
        yield Broken(place.file, Fault((*place.path, "depends_on"), message))


def _addresses(ledger: LedgerSettings, parts: Parts) -> Iterator[Broken]:
    if ledger.derive and ledger.base_url is None:
        message = "found true, expected ledger.base_url to be set as well"
        yield Broken(parts.main, Fault(("ledger", "derive"), message))
    for place, check in parts.checks:
        try:
            check.settings.based_on(ledger.base_url)
        except ValueError as error:
            own = (check.kind, check.settings.address_key)
            path = place.path if len(place.path) > 2 else (*place.path, *own)
            yield Broken(place.file, Fault(path, f"found a path, {error}"))


_TIMES = ("interval", "timeout", "max_age")


def _times(path: Path, times: Defaults | Timing, written: Collection[str]) -> Iterator[Fault]:
    """timeout <= interval <= max_age; said at a key that was written in this section.

    A timeout that was not written here is never longer than the interval: it is cut to it.
    """
    every, max_age = shown_duration(times.interval), times.max_age or times.interval
    if times.timeout > times.interval and "timeout" in written:
        found = shown_duration(times.timeout)
        yield Fault((*path, "timeout"), f"found {found}, expected at most the interval, {every}")
    if max_age < times.interval:
        found = shown_duration(max_age)
        if "max_age" in written:
            message = f"found {found}, expected at least the interval, {every}"
            yield Fault((*path, "max_age"), message)
        elif "interval" in written:
            message = f"found {every}, expected at most the max_age, {found}"
            yield Fault((*path, "interval"), message)
