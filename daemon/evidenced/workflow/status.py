"""What to read before any work: the ledger, what is in progress, and what production says of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evidenced.evidence.records import JSON, Evidence, Saved
from evidenced.ledger.lint.model import Linted
from evidenced.ledger.model import Item, Section
from evidenced.watch.board import Board, CheckStatus, ClaimStatus, Reading
from evidenced.watch.drill_keeping import restored_drills
from evidenced.watch.keeping import (
    last_alive,
    restored_claims,
    restored_maintenance,
    restored_states,
)
from evidenced.watch.plan import Plan
from evidenced.watch.verdict import Standing
from evidenced.workflow.gate import Places, Verdict
from evidenced.workflow.gate_json import gate_json, record_json
from evidenced.workflow.proof_text import moment


@dataclass(frozen=True, slots=True)
class Looked:
    """Who says how things stand, and as of when.

    `source` is "daemon" or "store"; `at` is when a daemon last lived, in seconds since the epoch,
    None where nobody knows. `why` is why no daemon says it, `trouble` why the store does not.
    """

    source: str
    at: float | None
    why: str | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """All that the status says; times are in seconds since the epoch.

    `new_proofs` are those against closed items, by their ids; `verdict` is what the gate says of
    the first NEXT item, where there is one.
    """

    board: Board
    places: Places
    looked: Looked
    made: float
    new_proofs: Mapping[str, Evidence]
    verdict: Verdict | None
    linted: Linted
    limit: int = 1

    @property
    def contradicted(self) -> tuple[ClaimStatus, ...]:
        """The claims that do not hold, in the order of the ledger."""
        claims = self.board.claims.values()
        return tuple(one for one in claims if one.standing is Standing.CONTRADICTED)


def remembered(
    plan: Plan,
    missing: Mapping[str, tuple[str, ...]],
    reading: Reading,
    kept: tuple[Saved, ...],
    now: float,
) -> tuple[Board, float | None]:
    """The board as a daemon that starts now would have it, and when one last lived."""
    saved: dict[tuple[str, str], JSON] = {(one.kind, one.name): one.state for one in kept}
    shards = {(one.kind, one.name): one.shard for one in kept}
    board = Board.of(plan, missing, reading)
    board.drills.restore(restored_drills(saved))
    board.restore(
        restored_states(saved, plan.checks, shards),
        restored_claims(saved),
        restored_maintenance(saved, now),
        now,
    )
    board.sweep(now)
    return board, last_alive(saved)


def next_one(plan: Plan) -> Item | None:
    """The first item of NEXT."""
    return next(iter(plan.ledger.sections.get(Section.NEXT, ())), None)


def status_json(status: Status) -> dict[str, Any]:
    """The status as JSON types; times are in UTC."""
    board, places, ledger = status.board, status.places, status.board.plan.ledger
    sections = ledger.sections
    closed = {item.id: item for item in sections.get(Section.CLOSED, ())}
    standings = Counter(claim.standing.value for claim in board.claims.values())
    return {
        "made": moment(status.made),
        "source": status.looked.source,
        "as_of": _moment(status.looked.at),
        **({"no_daemon": status.looked.why} if status.looked.source == "store" else {}),
        "trouble": status.looked.trouble,
        "ledger": {
            "file": str(places.ledger),
            "line": ledger.updated_line,
            "updated": _moment(ledger.updated.timestamp() if ledger.updated else None),
            "readable": board.reading.ledger_readable,
            "believed": board.reading.ledger_believed,
        },
        "in_progress": [_item(item, places) for item in sections.get(Section.IN_PROGRESS, ())],
        "in_progress_limit": status.limit,
        "blocked": [_item(item, places) for item in sections.get(Section.BLOCKED, ())],
        "claims": {one.value: standings[one.value] for one in Standing},
        "contradicted": [_contradicted(one, status) for one in status.contradicted],
        "facts": _facts(board),
        "view": board.view.up,
        "maintenance": sorted(
            {one.maintenance.subject for one in board.checks.values() if one.maintenance}
        ),
        "drills": sorted(board.drills.active(status.made)),
        "reopenable": [
            _item(closed[claim], places) | {"evidence": record_json(record)}
            for claim, record in status.new_proofs.items()
            if claim in closed
        ],
        "next": [_item(item, places) for item in sections.get(Section.NEXT, ())],
        "gate": gate_json(status.verdict, places) if status.verdict else None,
        "lint": {"errors": status.linted.errors, "warnings": status.linted.warnings},
    }


def _item(item: Item, places: Places) -> dict[str, Any]:
    form: dict[str, Any] = {"id": item.id, "title": item.title, "at": places.line(item)}
    if item.section is Section.CLOSED:
        form["closed"] = item.closed.isoformat() if item.closed else None
    if item.section in (Section.IN_PROGRESS, Section.NEXT):
        form["done_when"] = list(item.done_when)
    return form


def _contradicted(claim: ClaimStatus, status: Status) -> dict[str, Any]:
    checks = (status.board.checks[name] for name in claim.checks)
    against = [_failing(one) for one in checks if one.standing is Standing.CONTRADICTED]
    since = {"section": claim.item.section.value, "since": _moment(claim.since), "checks": against}
    return _item(claim.item, status.places) | since


def _failing(one: CheckStatus) -> dict[str, Any]:
    failure = one.state.failure
    return {
        "name": one.check.name,
        "target": one.check.target,
        "reason": failure.reason.value if failure else None,
        "detail": failure.detail if failure else "",
    }


def _facts(board: Board) -> dict[str, Any]:
    """How the checks stand, which of them fail without that being confirmed, and the last look."""
    checks = board.checks.values()
    standings = Counter(one.standing.value for one in checks)
    unconfirmed = [
        one for one in checks if one.failing and one.standing is not Standing.CONTRADICTED
    ]
    unheard = [
        one
        for one in checks
        if one.standing is Standing.CONTRADICTED
        and not any(claim in board.claims for claim in one.check.claims)
    ]
    return {
        "checks": len(board.checks),
        **{one.value: standings[one.value] for one in Standing},
        "unconfirmed": [_failing(one) for one in unconfirmed],
        "without_claim": [_failing(one) for one in unheard],
        "last": _moment(max((at for one in checks if (at := _seen(one))), default=None)),
    }


def _seen(one: CheckStatus) -> float | None:
    """When a check was last looked at, or last known to have been before a restart."""
    if one.last is not None:
        return one.last.ended
    known = (one.state.last_verified, one.state.contradicted)
    return max((at for at in known if at is not None), default=None)


def _moment(at: float | None) -> str | None:
    return None if at is None else moment(at)
