"""The page of one claim: what is claimed, what was asked, what came back, since when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from evidenced.evidence.records import JSON, Evidence
from evidenced.ledger.model import Http, Item, Reference, TestRun, Timestamp
from evidenced.probes.attempt import Outcome
from evidenced.publish.page.answer import Why, reasons
from evidenced.publish.page.links import Home, link
from evidenced.publish.page.recent import Recent
from evidenced.publish.page.rows import Histories, Row, Strip, row, strip
from evidenced.publish.page.snapshot import Snapshot
from evidenced.publish.page.spark import Spark, length, spark
from evidenced.publish.page.strip import percent
from evidenced.publish.page.text import iso
from evidenced.watch.board import CheckStatus, ClaimStatus
from evidenced.watch.verdict import Standing
from evidenced.workflow.curl import curl
from evidenced.workflow.gate import Known, Verdict, judge
from evidenced.workflow.matching import match
from evidenced.workflow.proof import Checked, Proof

PROOFS = 10
"""Contradictions whose proofs are shown; the others are in the pack."""

CHANGES = 50
"""Changes of standing that the timeline shows."""


@dataclass(frozen=True, slots=True)
class Cited:
    """Something that the claim cites: what it is, its text, where it can be read (or None).

    `missing` says of a document that the repository lacks it.
    """

    kind: str
    text: str
    href: str | None
    missing: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation, and what was found."""

    name: str
    met: bool
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A check of the claim as its last run left it; `ran` is when that ended (or None)."""

    name: str
    kind: str
    target: str
    standing: Standing
    since: float | None
    ran: float | None
    took: str
    result: Outcome | None
    failure: str
    judged: tuple[Judged, ...]
    curl: str | None
    uptimes: tuple[tuple[str, str], ...]
    strip: Strip | None
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A record with its proof: what was asked (`>`) and answered (`<`), what was judged."""

    record: Evidence
    what: str
    kind: str
    target: str
    took: str
    exchange: str
    judged: tuple[Judged, ...]
    failure: str
    curl: str | None


@dataclass(frozen=True, slots=True)
class ClaimView:
    """All that the page of a claim shows; `proof` is None where the store cannot be read.

    `shard` is the other daemon that tells of it (None: this one does), `heard` when it last did.
    """

    row: Row
    item: Item
    why: tuple[Why, ...]
    cited: tuple[Cited, ...]
    looked: tuple[Looked, ...]
    proof: Proof | None
    timeline: tuple[Evidence, ...]
    shown: tuple[Shown, ...]
    gate: Verdict | None
    shard: int | None = None
    heard: float | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What a view is made with, beside the claim; `limit` is that of items in progress."""

    snapshot: Snapshot
    histories: Histories
    recent: Recent
    home: Home | None
    base_url: str | None
    limit: int = 1


def view(claim: ClaimStatus, proof: Proof | None, around: Around) -> ClaimView:
    """The view of a claim."""
    statuses = [
        status for name in claim.checks if (status := around.snapshot.checks.get(name)) is not None
    ]
    checked = {one.name: one for one in proof.checks} if proof else {}
    curls = {status.check.name: curl(status.check) for status in statuses}
    return ClaimView(
        row=row(claim, around.snapshot, around.histories, around.recent),
        item=claim.item,
        why=tuple(reasons(claim, around.snapshot.checks)),
        cited=tuple(_cited(claim, around)),
        looked=tuple(
            _looked(status, checked.get(status.check.name), curls, around) for status in statuses
        ),
        proof=proof,
        timeline=tuple(reversed(proof.timeline))[:CHANGES] if proof else (),
        shown=tuple(_proofs(proof, curls)) if proof else (),
        gate=_gate(claim.item, proof, around) if proof else None,
        shard=claim.shard,
        heard=None if claim.shard is None else around.snapshot.heard.get(claim.shard),
    )


def _gate(item: Item, proof: Proof, around: Around) -> Verdict:
    """What the gate answers to whoever wants to work on this very claim."""
    matching = match(item.title, [item])
    return judge(matching, around.snapshot.ledger, Known({item.id: proof}), limit=around.limit)


def _cited(claim: ClaimStatus, around: Around) -> Iterator[Cited]:
    for reference in claim.item.references:
        yield Cited(
            kind=reference.kind.replace("_", " "),
            text=_text(reference),
            href=link(reference, around.home, around.base_url),
            missing=getattr(reference, "ref", None) in claim.missing,
        )


def _text(reference: Reference) -> str:
    match reference:
        case TestRun(tests, assertions):
            counts = ((tests, "tests"), (assertions, "assertions"))
            return ", ".join(f"{count} {what}" for count, what in counts if count is not None)
        case Timestamp(at):
            return iso(at.timestamp())
        case Http():
            status = f" → {reference.status}" if reference.status is not None else ""
            to = f" {reference.location}" if reference.location else ""
            return f"{reference.method} {reference.path}{status}{to}"
    return f"#{reference.ref}" if reference.kind == "pull_request" else reference.ref


def _looked(
    status: CheckStatus,
    checked: Checked | None,
    curls: Mapping[str, str | None],
    around: Around,
) -> Looked:
    check, last = status.check, status.last
    history = around.histories.get(check.name)
    failure = last.failure if last else status.state.failure
    return Looked(
        name=check.name,
        kind=check.kind,
        target=check.target,
        standing=status.standing,
        since=status.state.since,
        ran=last.ended if last else None,
        took=length(last.last.duration) if last else "",
        result=last.result if last else None,
        failure=f"{failure.reason}: {failure.detail}" if failure else "",
        judged=tuple(
            Judged(one.name, one.met, one.expected, one.found)
            for one in (last.last.judgements if last else ())
        ),
        curl=curls.get(check.name),
        uptimes=tuple(
            (name, percent(one.ratio) if one.ratio is not None else "–")
            for name, one in (checked.uptimes if checked else ())
        ),
        strip=strip(iter((history,))) if history else None,
        spark=spark(around.recent.of(check.name)),
    )


def _proofs(proof: Proof, curls: Mapping[str, str | None]) -> Iterator[Shown]:
    """The newest records first: the contradictions, and the last verification."""
    records = {record.id: record for record in proof.contradictions[:PROOFS]}
    if proof.last_verified is not None:
        records[proof.last_verified.id] = proof.last_verified
    if proof.reopenable is not None:
        records[proof.reopenable.id] = proof.reopenable
    for _, record in sorted(records.items(), reverse=True):
        yield _shown(record, curls)


def _shown(record: Evidence, curls: Mapping[str, str | None]) -> Shown:
    told = record.proof
    exchange, duration = told.get("exchange"), told.get("duration")
    last = _last_attempt(told)
    failure = last.get("failure")
    return Shown(
        record=record,
        what=f"{record.before} → {record.standing}",
        kind=_word(told.get("kind")),
        target=_word(told.get("target")),
        took=length(float(duration)) if isinstance(duration, int | float) else "",
        exchange="\n".join(map(_word, exchange)) if _is_list(exchange) else "",
        judged=tuple(_judged(last)),
        failure=f"{_word(failure.get('reason'))}: {_word(failure.get('detail'))}"
        if isinstance(failure, Mapping)
        else "",
        curl=curls.get(record.check),
    )


def _last_attempt(told: Mapping[str, JSON]) -> Mapping[str, JSON]:
    attempts = told.get("attempts")
    last = attempts[-1] if _is_list(attempts) and attempts else None
    return last if isinstance(last, Mapping) else {}


def _judged(attempt: Mapping[str, JSON]) -> Iterator[Judged]:
    expectations = attempt.get("expectations")
    for one in expectations if _is_list(expectations) else ():
        if isinstance(one, Mapping):
            yield Judged(
                _word(one.get("name")),
                bool(one.get("met")),
                _word(one.get("expected")),
                _word(one.get("found")),
            )


def _is_list(value: JSON) -> TypeGuard[Sequence[JSON]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _word(value: JSON) -> str:
    return value if isinstance(value, str) else ""
