"""A claim as a row of the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evidenced.ledger.model import Section
from evidenced.publish.page.answer import Why, claim_href, reasons
from evidenced.publish.page.recent import Recent
from evidenced.publish.page.snapshot import Snapshot
from evidenced.publish.page.spark import Spark, spark
from evidenced.publish.page.strip import History, paths, percent, said, worst
from evidenced.watch.board import Basis, Blind, ClaimStatus
from evidenced.watch.verdict import Standing

Histories = Mapping[str, History | None]
"""Histories by the name of the check; None for one that could not be read."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Ninety days as paths of SVG (name of the way that days went, data), and in words."""

    paths: tuple[tuple[str, str], ...]
    said: str
    up: str


@dataclass(frozen=True, slots=True)
class Work:
    """What is going on about a claim that its standing does not say: maintenance or a drill."""

    name: str
    until: float
    why: str


@dataclass(frozen=True, slots=True)
class Row:
    """A claim with all that its row shows; times are in seconds since the epoch.

    `seen` is how old its evidence is reckoned from: when the least recently verified of its checks
    last held. `note` says why nothing is known of it, where that is so.
    """

    id: str
    href: str
    title: str
    text: str
    section: Section
    standing: Standing
    since: float | None
    seen: float | None
    why: tuple[Why, ...]
    note: str
    work: tuple[Work, ...]
    strip: Strip | None
    spark: Spark | None


def row(claim: ClaimStatus, snapshot: Snapshot, histories: Histories, recent: Recent) -> Row:
    """The row of a claim."""
    item = claim.item
    return Row(
        id=item.id,
        href=claim_href(item.id),
        title=item.title,
        text=item.text,
        section=item.section,
        standing=claim.standing,
        since=claim.since,
        seen=claim.last_verified,
        why=tuple(reasons(claim, snapshot.checks)),
        note=_note(claim),
        work=tuple(works(claim, snapshot)),
        strip=strip(found for name in claim.checks if (found := histories.get(name))),
        spark=_slowest(claim, recent),
    )


def strip(histories: Iterator[History]) -> Strip | None:
    """The strip of what there is of several checks; None where there is nothing."""
    one = worst(tuple(histories))
    if one is None:
        return None
    up = "" if one.ratio is None else percent(one.ratio)
    return Strip(tuple(paths(one.days)), said(one), up)


def works(claim: ClaimStatus, snapshot: Snapshot) -> Iterator[Work]:
    """The drill and the maintenance that are on."""
    drill = snapshot.drills.get(claim.item.id)
    if drill is not None:
        why = f"{drill.who}: {drill.why}" if drill.who and drill.why else drill.who or drill.why
        yield Work("drill", drill.until, why)
    if claim.maintenance is not None:
        yield Work("maintenance", claim.maintenance.until, claim.maintenance.why)


def _slowest(claim: ClaimStatus, recent: Recent) -> Spark | None:
    """The line of the check that took longest of late."""
    runs = [found for name in claim.checks if (found := recent.of(name))]
    return spark(max(runs, key=lambda some: some[-1][0])) if runs else None


def _note(claim: ClaimStatus) -> str:
    match claim.standing, claim.blind, claim.basis:
        case Standing.UNKNOWN, Blind.VANTAGE, _:
            return "the daemon's own view is gone"
        case Standing.UNKNOWN, Blind.DEPENDENCY, _:
            return "something that it depends on fails"
        case Standing.UNKNOWN, Blind.SHARD, _:
            return f"shard {claim.shard}, which looks at it, has not been heard of"
        case Standing.UNVERIFIED, _, Basis.CITED:
            return "no check speaks for it, it only cites evidence"
        case Standing.UNVERIFIED, _, Basis.NONE:
            return "no check speaks for it"
        case Standing.UNVERIFIED, _, _:
            return "not looked at yet"
    return ""
