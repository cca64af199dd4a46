"""The chain of evidence: each record carries the hash of the one before it.

The hash of a record is the SHA-256, in hexadecimal digits, of the canonical JSON (see `canonical`)
of an object with all its fields but the hash itself: `id`, `at`, `claim`, `section`, `check`,
`location`, `before`, `standing`, `proof`, `drill` and `previous`. Ids count up from 1 without gaps.
Beside the records stand the head, which names the newest, so that a tail cut off is found, and the
anchor, which names the newest that retention pruned, so that the rest still verifies.

Whoever can write everything can make a new chain that verifies. Against that helps only a head
noted elsewhere: a later chain that does not have it has been made anew.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from evidenced.evidence.canonical import canonical
from evidenced.evidence.records import Anchor, Evidence, Head


class Flaw(StrEnum):
    """What can be wrong with a chain."""

    CHANGED = "changed"
    """A record does not have the hash that its content has."""
    DROPPED = "dropped"
    """Records are missing."""
    REORDERED = "reordered"
    """A record stands behind one that came after it."""
    DETACHED = "detached"
    """A record names another one before it than the one that is there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the chain, at the record with this id."""

    flaw: Flaw
    id: int
    detail: str

    def __str__(self) -> str:
        return f"record {self.id}: {self.flaw.value}: {self.detail}"


def digest(evidence: Evidence, proof: bytes | None = None) -> str:
    """The hash that a record has by its content; `proof` is its canonical JSON where known."""
    fields = {
        "at": evidence.at,
        "before": evidence.before,
        "check": evidence.check,
        "claim": evidence.claim,
        "drill": evidence.drill,
        "id": evidence.id,
        "location": evidence.location,
        "previous": evidence.previous,
        "section": evidence.section,
        "standing": evidence.standing,
    }
    parts = {key: canonical(value) for key, value in fields.items()}
    parts["proof"] = canonical(evidence.proof) if proof is None else proof
    text = b",".join(b'"%s":%s' % (key.encode(), parts[key]) for key in sorted(parts))
    return hashlib.sha256(b"{" + text + b"}").hexdigest()


def seal(evidence: Evidence, head: Head, proof: bytes | None = None) -> Evidence:
    """The record as the next one after the head."""
    next_one = replace(evidence, id=head.id + 1, previous=head.hash, hash="")
    return replace(next_one, hash=digest(next_one, proof))


class Verifier:
    """Checks a chain record by record, in the order in which it was given."""

    def __init__(self, anchor: Anchor | None = None) -> None:
        start = anchor or Anchor()
        self._last = Head(start.id, start.hash)
        self.count = 0

    def feed(self, evidence: Evidence) -> list[Problem]:
        """The problems with the next record."""
        self.count += 1
        found = []
        if digest(evidence) != evidence.hash:
            detail = "its content does not have the hash that it carries"
            found.append(Problem(Flaw.CHANGED, evidence.id, detail))
        found += self._placed(evidence)
        if evidence.id > self._last.id:
            self._last = Head(evidence.id, evidence.hash)
        return found

    def end(self, head: Head | None) -> list[Problem]:
        """The problems with the end of the chain, where the head is known."""
        if head is None or head == self._last:
            return []
        if head.id > self._last.id:
            detail = f"{_ids(self._last.id + 1, head.id)} missing at the end"
            return [Problem(Flaw.DROPPED, head.id, detail)]
        detail = f"the head names record {head.id} with another hash as the newest"
        return [Problem(Flaw.DETACHED, self._last.id, detail)]

    def _placed(self, evidence: Evidence) -> list[Problem]:
        last = self._last
        if evidence.id <= last.id:
            detail = f"it stands behind record {last.id}"
            return [Problem(Flaw.REORDERED, evidence.id, detail)]
        if evidence.id > last.id + 1:
            detail = f"{_ids(last.id + 1, evidence.id - 1)} missing before it"
            return [Problem(Flaw.DROPPED, evidence.id, detail)]
        if evidence.previous != last.hash:
            detail = f"it does not carry the hash of record {last.id}"
            return [Problem(Flaw.DETACHED, evidence.id, detail)]
        return []


def verify(
    records: Iterable[Evidence], head: Head | None = None, anchor: Anchor | None = None
) -> list[Problem]:
    """All that is wrong with a chain: records changed, dropped or reordered; empty when sound.

    Without a head, records missing at the end go unnoticed; without an anchor, the chain is
    expected to begin with record 1.
    """
    verifier = Verifier(anchor)
    problems = [problem for record in records for problem in verifier.feed(record)]
    return problems + verifier.end(head)


def _ids(first: int, last: int) -> str:
    return f"record {first} is" if first == last else f"records {first} to {last} are"
