"""Which checks are in maintenance: windows of the configuration, and those begun by hand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from evidenced.config.maintenance import MaintenanceWindow


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Work on a claim or a check; `until` is in seconds since the epoch."""

    subject: str
    until: float
    why: str


def from_windows(windows: Iterable[MaintenanceWindow], now: float) -> Iterator[Maintenance]:
    """The maintenance of the windows that are open now, one for each of their subjects."""
    for window in windows:
        until = window.until(now)
        if until is not None:
            for subject in (*window.claims, *window.checks):
                yield Maintenance(subject, until, window.why)


def under_way(
    windows: Iterable[MaintenanceWindow], begun: Iterable[Maintenance], now: float
) -> Mapping[str, Maintenance]:
    """The subjects that are in maintenance now, each with the one that lasts longest."""
    subjects: dict[str, Maintenance] = {}
    for one in (*from_windows(windows, now), *begun):
        known = subjects.get(one.subject)
        if one.until > now and (known is None or known.until < one.until):
            subjects[one.subject] = one
    return subjects


def in_maintenance(
    checks: Iterable[tuple[str, tuple[str, ...]]], subjects: Mapping[str, Maintenance]
) -> Mapping[str, Maintenance]:
    """Of these checks (name, claims), those in maintenance, each with the one that lasts longest.

    A name that is both a check's and a claim's means both.
    """
    if not subjects:
        return {}
    found: dict[str, Maintenance] = {}
    for name, claims in checks:
        about = [subjects[subject] for subject in (name, *claims) if subject in subjects]
        if about:
            found[name] = max(about, key=lambda one: one.until)
    return found
