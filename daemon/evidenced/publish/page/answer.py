"""The answer in the first line, and what is broken, since when, and what it affects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from evidenced.ledger.model import Section
from evidenced.publish.page.question import Question
from evidenced.publish.page.snapshot import Snapshot
from evidenced.watch.board import Blind, CheckStatus, ClaimStatus
from evidenced.watch.verdict import Standing

MOST = 8
"""Contradicted claims that are told at the top; the others are a link away."""

AFFECTED = 5
"""Other claims that are named for each of them."""


class Tone(StrEnum):
    """How the answer looks."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Why:
    """A check that fails, and what was expected and found."""

    check: str
    detail: str


@dataclass(frozen=True, slots=True)
class Affected:
    """Claims that nothing can be said of meanwhile: some of them by id and title, and how many."""

    some: tuple[tuple[str, str], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A contradicted claim; `since` is in seconds since the epoch."""

    href: str
    title: str
    section: Section
    since: float | None
    why: tuple[Why, ...]
    affected: Affected | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many claims stand so, and where they are shown."""

    standing: Standing
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one look must say."""

    tone: Tone
    text: str
    counts: tuple[Count, ...]
    broken: tuple[Broken, ...]
    more: int
    notices: tuple[str, ...]
    broken_rules: int
    updated: float | None


def answer(snapshot: Snapshot) -> Answer:
    """The answer of this moment."""
    claims = snapshot.claims.values()
    found = dict.fromkeys(Standing, 0)
    for claim in claims:
        found[claim.standing] += 1
    broken = [claim for claim in claims if claim.standing is Standing.CONTRADICTED]
    broken.sort(key=lambda claim: -(claim.since or 0))
    children = _children(snapshot.checks) if broken else {}
    tone, text = _said(found, len(claims))
    updated = snapshot.ledger.updated
    return Answer(
        tone=tone,
        text=text,
        counts=tuple(
            Count(standing, count, Question(standing=standing).href)
            for standing, count in found.items()
            if count
        ),
        broken=tuple(_broken(claim, snapshot, children) for claim in broken[:MOST]),
        more=max(len(broken) - MOST, 0),
        notices=tuple(_notices(snapshot)),
        broken_rules=snapshot.broken_rules,
        updated=updated.timestamp() if updated else None,
    )


def claim_href(claim: str) -> str:
    """The address of a claim's own page."""
    return f"/claims/{quote(claim, safe='')}"


def reasons(claim: ClaimStatus, checks: Mapping[str, CheckStatus]) -> Iterator[Why]:
    """The checks of a claim that are contradicted, each with what its outage began with."""
    for name in claim.checks:
        status = checks.get(name)
        if status is None or status.standing is not Standing.CONTRADICTED:
            continue
        failure = status.state.failure
        detail = f"{failure.expectation or failure.reason}: {failure.detail}" if failure else ""
        yield Why(name, detail)


def _said(found: Mapping[Standing, int], claims: int) -> tuple[Tone, str]:
    fallen, held = found[Standing.CONTRADICTED], found[Standing.VERIFIED]
    if fallen:
        return Tone.BAD, f"{_claims(fallen)} contradicted"
    if not claims:
        return Tone.WARN, "The ledger claims nothing"
    if held == claims:
        return Tone.GOOD, "The one claim holds" if claims == 1 else f"All {claims:,} claims hold"
    return Tone.WARN, f"{held:,} of {_claims(claims)} hold{'s' if claims == 1 else ''}"


def _claims(count: int) -> str:
    return "1 claim" if count == 1 else f"{count:,} claims"


def _broken(
    claim: ClaimStatus, snapshot: Snapshot, children: Mapping[str, tuple[str, ...]]
) -> Broken:
    why = tuple(reasons(claim, snapshot.checks))
    others = {
        other: snapshot.claims[other].item.title
        for one in why
        for other in children.get(one.check, ())
        if other != claim.item.id and other in snapshot.claims
    }
    some = tuple((claim_href(name), title) for name, title in list(others.items())[:AFFECTED])
    return Broken(
        href=claim_href(claim.item.id),
        title=claim.item.title,
        section=claim.item.section,
        since=claim.since,
        why=why[:AFFECTED],
        affected=Affected(some, len(others)) if others else None,
    )


def _children(checks: Mapping[str, CheckStatus]) -> Mapping[str, tuple[str, ...]]:
    """The claims that are blind because a check fails, by the name of that check."""
    found: dict[str, dict[str, None]] = {}
    for status in checks.values():
        if status.blind is Blind.DEPENDENCY:
            for parent in status.check.depends_on:
                found.setdefault(parent, {}).update(dict.fromkeys(status.check.claims))
    return {parent: tuple(claims) for parent, claims in found.items()}


def _notices(snapshot: Snapshot) -> Iterator[str]:
    reading = snapshot.reading
    if not snapshot.seeing:
        yield "The daemon's own view is gone: nothing new can be said until it is back."
    if not reading.ledger_readable:
        yield "The ledger cannot be read: what stands here is its last good reading."
    elif not reading.ledger_believed:
        yield "Too much of the ledger is gone to be believed: the reading before it is in force."
    if not reading.config_loaded:
        yield "The configuration cannot be loaded: the one before it is in force."
