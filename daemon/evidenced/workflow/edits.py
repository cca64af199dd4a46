"""What the store says for and against an edit of the ledger, as a sentence to write into it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from evidenced.evidence.records import Evidence
from evidenced.ledger.edit_document import EditError
from evidenced.ledger.model import Commit, Document, Item, PullRequest, TestRun, Url
from evidenced.watch.plan import Plan
from evidenced.watch.verdict import Standing
from evidenced.workflow.markdown import code, one_line
from evidenced.workflow.proof import Proof

EXCERPT = 160
"""Characters of what a target said that are written into the ledger."""

_EVIDENCE = (PullRequest, Document, TestRun, Commit, Url)


class NoNewProofError(Exception):
    """A closed item stays closed; the message is one line that says what is lacking."""


def closing_evidence(item: Item, proof: Proof | None, given: str | None) -> str:
    """The sentence on which an item is closed: the current proof, or what was given instead.

    The proof is current while the newest record says that the claim is verified. Raises EditError
    where it says that it is contradicted, and where there is neither proof nor anything else that
    the item cites.
    """
    newest = proof.newest if proof else None
    if newest and newest.standing == Standing.CONTRADICTED:
        raise EditError(
            f"{item.id!r} is contradicted since {_time(newest.at)} (record {newest.id}): "
            "what does not hold is not closed"
        )
    said = [f"Evidence: {one_line(given)}"] if given else []
    if newest and proof and proof.last_verified and newest.standing == Standing.VERIFIED:
        said.append(_verified(proof.last_verified))
    if not said and not any(isinstance(one, _EVIDENCE) for one in item.references):
        standing = f"its newest record says {newest.standing}" if newest else "no record is kept"
        raise EditError(
            f"nothing proves {item.id!r}: {standing}, and it cites nothing; "
            "say on what it is closed with --evidence TEXT"
        )
    return " ".join(one if one.endswith(".") else f"{one}." for one in said)


def reopening_evidence(proof: Proof, today: date) -> str:
    """The sentence on which a closed item is reopened: the record against it, and what it saw.

    Raises NoNewProofError where there is no record that is younger than the closing date.
    """
    item = proof.claimed.item
    record = proof.reopenable
    if record is None:
        raise NoNewProofError(_why_not(proof))
    by = f" by {code(record.check)}" if record.check else ""
    seen = excerpt(record)
    found = f": {code(seen)}" if seen else ""
    said = f"contradicted {_time(record.at)}{by}{found}"
    return f"Reopened {today} on new proof against {item.id}: record {record.id}, {said}."


def excerpt(record: Evidence) -> str:
    """Why the last attempt of a record failed, on one short line; "" where it does not say."""
    attempts = record.proof.get("attempts")
    last = attempts[-1] if attempts and isinstance(attempts, list | tuple) else None
    failure = last.get("failure") if isinstance(last, Mapping) else None
    if not isinstance(failure, Mapping):
        return ""
    text = one_line(f"{failure.get('reason')}: {failure.get('detail')}")
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1]}…"


def speaking(plan: Plan, claim: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """The checks to name as those that speak for a claim: the ones wanted, else all that do.

    Raises EditError where one of them does not speak for it, and where none does.
    """
    ours = [check.name for check in plan.checks if claim in check.claims]
    every = {check.name for check in plan.checks}
    chosen = tuple(dict.fromkeys(wanted))
    for name in chosen:
        if name not in every:
            raise EditError(f"there is no check {name!r}: `evidenced plan` lists them")
        if name not in ours:
            raise EditError(
                f"check {name!r} does not speak for {claim!r}: add it to the claims of the check"
            )
    if not ours:
        raise EditError(
            f"no check speaks for {claim!r}, and what is STABLE must be looked at: "
            f"write one with claims: [{claim}]"
        )
    return chosen or tuple(ours)


def _verified(record: Evidence) -> str:
    by = f" by {code(record.check)}" if record.check else ""
    return f"Proof: record {record.id}, verified {_time(record.at)}{by}, hash {record.hash[:16]}"


def _why_not(proof: Proof) -> str:
    item = proof.claimed.item
    if item.closed is None:
        return (
            f"{item.id!r} (line {item.line}) has no closing date, so no proof can be younger: "
            "write `(Closed: DATE)` behind it"
        )
    newest = proof.newest
    standing = f"it is {newest.standing} since {_time(newest.at)}" if newest else "it has no record"
    damaged = f"; {len(proof.damaged)} damaged records prove nothing" if proof.damaged else ""
    return (
        f"{item.id!r} was closed on {item.closed} (line {item.line}), and no record from the day "
        f"after it on contradicts it: {standing}{damaged}"
    )


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
