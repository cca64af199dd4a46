"""Which issue is that of an outage, where there may be several. Pure.

Two daemons, or one that lost an answer, may have opened more than one. Whoever looks decides alike,
whatever it knows: the lowest number stays, all others are duplicates of it.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evidenced.workflow.tracker import Outage
from evidenced.workflow.tracker_marker import Marker, marker_in

_SECOND = 1.0
"""Trackers cut the times that they give to whole seconds."""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as the tracker has it; `closed` is when it was closed, in seconds since the epoch,
    None where it is open or that is not said."""

    number: int
    open: bool
    body: str
    labels: tuple[str, ...] = ()
    closed: float | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The issue of an outage, with its marker, and those that are duplicates of it."""

    keep: Issue | None = None
    marker: Marker | None = None
    duplicates: tuple[tuple[Issue, Marker], ...] = ()


def choose(issues: Iterable[Issue], outage: Outage, label: str) -> Choice:
    """The issue of this outage among those listed, which may be of anything.

    Only those count that have the label, which not everybody may set, or the number that is known.
    """
    ours = sorted(_ours(issues, outage, label), key=lambda one: one[0].number)
    if not ours:
        return Choice()
    keep, marker = ours[0]
    return Choice(keep, marker, tuple(ours[1:]))


def marker_of(outage: Outage) -> Marker:
    """The marker of the issue that is opened for an outage."""
    return Marker(claim=outage.claim, outage=outage.id, drill=outage.drill, began=outage.began)


def _ours(issues: Iterable[Issue], outage: Outage, label: str) -> Iterator[tuple[Issue, Marker]]:
    seen = set()
    for issue in issues:
        if issue.number in seen:
            continue
        seen.add(issue.number)
        marker = marker_in(issue.body)
        if issue.number == outage.number and marker is None:
            # Somebody wrote the body anew.
            yield issue, marker_of(outage)
        elif marker is not None and marker.duplicate is None:
            known = issue.number == outage.number or label.casefold() in map(
                str.casefold, issue.labels
            )
            same = (marker.claim, marker.drill) == outage.key
            if known and same and (issue.number == outage.number or _meets(issue, marker, outage)):
                yield issue, marker


def _meets(issue: Issue, marker: Marker, outage: Outage) -> bool:
    """Whether the time that an issue is about has part of the outage in it."""
    if issue.open or marker.outage == outage.id:
        return True
    end = marker.ended
    if end is None:
        end = math.inf if issue.closed is None else issue.closed + _SECOND
    return end > outage.began
