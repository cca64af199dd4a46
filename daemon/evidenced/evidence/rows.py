"""Records as rows of the tables, and rows as records."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from evidenced.evidence.canonical import canonical, sayable
from evidenced.evidence.records import JSON, Anchor, Evidence, Head, Saved, Span

_UNREADABLE: Mapping[str, JSON] = {"unreadable": True}
"""Stands for a proof whose bytes no longer say anything: it cannot have the record's hash."""


_LONGEST = 300
"""Characters of a text in a key: PostgreSQL's indexes take 2704 bytes, and a key has two texts."""


def storable(text: str) -> str:
    """The text as both databases can hold it in a key: cut, without NUL and half surrogates."""
    return sayable(text[:_LONGEST]).replace("\0", "\ufffd")


def storable_evidence(evidence: Evidence) -> Evidence:
    """The record without its proof, and with its texts as they can be stored."""
    return Evidence(
        at=evidence.at,
        claim=storable(evidence.claim),
        section=storable(evidence.section),
        check=storable(evidence.check),
        location=storable(evidence.location),
        before=storable(evidence.before),
        standing=storable(evidence.standing),
        drill=evidence.drill,
    )


def evidence_row(evidence: Evidence, proof: bytes) -> dict[str, object]:
    """The row of a sealed record; `proof` is its canonical JSON."""
    return {
        "id": evidence.id,
        "at": evidence.at,
        "claim": evidence.claim,
        "section": evidence.section,
        "check_name": evidence.check,
        "location": evidence.location,
        "before": evidence.before,
        "standing": evidence.standing,
        "drill": int(evidence.drill),
        "proof": zlib.compress(proof),
        "previous": bytes.fromhex(evidence.previous),
        "hash": bytes.fromhex(evidence.hash),
    }


def evidence_of(row: Row[Any]) -> Evidence:
    """The record in a row, also in one that was tampered with: its hash then does not fit."""
    return Evidence(
        id=row.id,
        at=row.at,
        claim=row.claim,
        section=row.section,
        check=row.check_name,
        location=row.location,
        before=row.before,
        standing=row.standing,
        drill=row.drill == 1,
        proof=_proof(row.proof) if row.drill in (0, 1) else _UNREADABLE,
        previous=_hex(row.previous),
        hash=_hex(row.hash),
    )


def span_row(span: Span) -> dict[str, object]:
    """The row of a span."""
    return {
        "check_name": storable(span.check),
        "location": storable(span.location),
        "began": span.start,
        "status": storable(span.status),
        "ended": span.end,
        "runs": span.count,
        "shortest": span.shortest,
        "mean": span.mean,
        "longest": span.longest,
    }


def span_of(row: Row[Any]) -> Span:
    """The span in a row."""
    return Span(
        check=row.check_name,
        location=row.location,
        status=row.status,
        start=row.began,
        end=row.ended,
        count=row.runs,
        shortest=row.shortest,
        mean=row.mean,
        longest=row.longest,
    )


def state_bytes(state: JSON) -> bytes:
    """A saved state as it is stored."""
    return canonical(state)


def saved_of(row: Row[Any]) -> Saved:
    """The saved state in a row; ValueError where it cannot be read."""
    return Saved(
        kind=row.kind,
        name=row.name,
        state=json.loads(row.state),
        shard=row.shard,
        serial=row.serial,
    )


def head_of(row: Row[Any]) -> Head:
    """The head in the row of the chain."""
    return Head(row.head_id, _hex(row.head_hash))


def anchor_of(row: Row[Any]) -> Anchor:
    """The anchor in the row of the chain."""
    return Anchor(row.pruned_id, _hex(row.pruned_hash), row.pruned_at)


def _hex(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)


def _proof(packed: object) -> Mapping[str, JSON]:
    try:
        found = json.loads(zlib.decompress(packed)) if isinstance(packed, bytes) else None
    except (zlib.error, ValueError, RecursionError):
        return _UNREADABLE
    return found if isinstance(found, dict) else _UNREADABLE
