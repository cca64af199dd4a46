"""What must hold between the sections of a configuration, beyond the form of each."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from evidenced.config.model import CheckSettings, Defaults, LedgerSettings
from evidenced.config.problem import Fault, Path
from evidenced.config.timing import Timing, effective
from evidenced.config.types import shown_duration


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a configuration that are sound by themselves; None for one that is not.

    `names` and `checks` are by their index in the file.
    """

    ledger: LedgerSettings | None
    defaults: Defaults | None
    names: Mapping[int, str]
    checks: Mapping[int, CheckSettings]


def broken_rules(parts: Parts) -> Iterator[Fault]:
    """What is wrong between the parts; a part that is None raises no further fault."""
    yield from _names(parts)
    if parts.ledger:
        yield from _addresses(parts.ledger, parts)
    if parts.defaults:
        yield from _times(("defaults",), parts.defaults, parts.defaults.model_fields_set)
        for index, check in parts.checks.items():
            written = [key for key in _TIMES if getattr(check, key) is not None]
            yield from _times(("checks", index), effective(check, parts.defaults), written)


def _names(parts: Parts) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, name in parts.names.items():
        if name in first:
            message = f"found {name!r} again, after checks[{first[name]}], expected another name"
            yield Fault(("checks", index, "name"), message)
        else:
            first[name] = index


def _addresses(ledger: LedgerSettings, parts: Parts) -> Iterator[Fault]:
    if ledger.derive and ledger.base_url is None:
        yield Fault(("ledger", "derive"), "found true, expected ledger.base_url to be set as well")
    for index, check in parts.checks.items():
        try:
            check.settings.based_on(ledger.base_url)
        except ValueError as error:
            yield Fault(("checks", index, check.kind, "url"), f"found a path, {error}")


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
