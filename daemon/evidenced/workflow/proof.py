"""The proof pack of a claim: all that is known for and against it, as of one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidenced.evidence.chain import digest
from evidenced.evidence.records import Evidence, Head, Span
from evidenced.evidence.spans import PERIODS, Uptime, uptime
from evidenced.ledger.model import Document, Item, Reference
from evidenced.watch.plan import Check
from evidenced.watch.verdict import Standing
from evidenced.workflow.curl import curl
from evidenced.workflow.newproof import reopenable
from evidenced.workflow.rehearsed import drill_on


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is claimed, where it stands, and where the documents that it cites should be.

    `missing` are the documents that it cites and the repository lacks.
    """

    item: Item
    ledger: Path
    repository: Path
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store has of a claim.

    `records` are its own, in any order; `spans` are by the name of the check, `head` is the newest
    record of the whole chain. `complete` is false where there were more records than were read.
    """

    records: tuple[Evidence, ...]
    spans: Mapping[str, tuple[Span, ...]]
    head: Head
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Cited:
    """A reference of the claim; `there` says of a document whether the repository has it."""

    reference: Reference
    there: bool | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that speaks for the claim, how it went, and how to repeat what it asks.

    `uptimes` are by the names of the periods, in their order. `curl` is a line for a shell, None
    for a check that no such line repeats.
    """

    name: str
    kind: str
    target: str
    uptimes: tuple[tuple[str, Uptime], ...]
    curl: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof pack of a claim; times are in seconds since the epoch.

    `timeline` (oldest first), `contradictions` and `drills` (newest first) are of the time from
    `since` to `made`; a drill proves nothing, so it is in none of the others but the timeline.
    `drill` is the record by which the drill began that is on, where one is. `last_verified` is the
    newest record by which the claim became verified, of whatever age. `reopenable` is the new proof
    against a closed item, where there is any. `damaged` are the ids of records whose content does
    not have the hash that they carry: they prove nothing, and are in none of the others.
    """

    claimed: Claimed
    made: float
    since: float
    references: tuple[Cited, ...]
    checks: tuple[Checked, ...]
    timeline: tuple[Evidence, ...]
    newest: Evidence | None
    last_verified: Evidence | None
    contradictions: tuple[Evidence, ...]
    drills: tuple[Evidence, ...]
    drill: Evidence | None
    reopenable: Evidence | None
    damaged: tuple[int, ...]
    head: Head
    complete: bool = True


def make_proof(
    claimed: Claimed, checks: Iterable[Check], kept: Kept, *, since: float, now: float
) -> Proof:
    """The proof pack of a claim, with its records since `since`. Pure.

    `checks` are those that speak for the claim.
    """
    ours = [record for record in kept.records if record.claim == claimed.item.id]
    sound = sorted(filter(intact, ours), key=lambda one: one.id)
    real = [record for record in sound if not record.drill]
    timeline = tuple(record for record in sound if record.at >= since)
    verified = [record for record in real if record.standing == Standing.VERIFIED]
    return Proof(
        claimed=claimed,
        made=now,
        since=since,
        references=tuple(_cited(one, claimed.missing) for one in claimed.item.references),
        checks=tuple(_checked(check, kept.spans.get(check.name, ()), now) for check in checks),
        timeline=timeline,
        newest=real[-1] if real else None,
        last_verified=verified[-1] if verified else None,
        contradictions=tuple(
            record
            for record in reversed(timeline)
            if record.standing == Standing.CONTRADICTED and not record.drill
        ),
        drills=tuple(record for record in reversed(timeline) if record.drill),
        drill=drill_on(sound, now),
        reopenable=reopenable(claimed.item, real),
        damaged=tuple(sorted(one.id for one in ours if not intact(one))),
        head=kept.head,
        complete=kept.complete,
    )


def intact(record: Evidence) -> bool:
    """Whether a record has the content that its hash is of; any other may hold anything at all."""
    return digest(record) == record.hash


def _cited(reference: Reference, missing: tuple[str, ...]) -> Cited:
    there = reference.ref not in missing if isinstance(reference, Document) else None
    return Cited(reference, there)


def _checked(check: Check, spans: tuple[Span, ...], now: float) -> Checked:
    # Daemons elsewhere may keep theirs in the same store, and see differently.
    here = [span for span in spans if span.location == (check.location or "")]
    uptimes = tuple((name, uptime(here, now - length, now)) for name, length in PERIODS)
    return Checked(check.name, check.kind, check.target, uptimes, curl(check))
