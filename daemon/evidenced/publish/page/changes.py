"""Which claims look different from one moment to another."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from evidenced.publish.page.snapshot import Snapshot
from evidenced.watch.board import ClaimStatus
from evidenced.watch.drill import Drill

Look = tuple[object, ...]
"""All of a claim that a page shows and that does not change with every run."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How everything looked: each claim, and what is not any claim's.

    `mark` is another one for each look of things, within one daemon.
    """

    looks: Mapping[str, Look]
    rest: Look
    mark: str


def seen(snapshot: Snapshot) -> Seen:
    """How everything looks in a snapshot."""
    looks = {
        name: _look(claim, snapshot.drills.get(name)) for name, claim in snapshot.claims.items()
    }
    reading = snapshot.reading
    rest = (
        # By identity: a ledger that was read again is another one, and comparing it takes long.
        id(snapshot.ledger),
        snapshot.seeing,
        snapshot.broken_rules,
        (reading.ledger_readable, reading.ledger_believed, reading.config_loaded),
    )
    mark = hash((tuple(looks.items()), rest)) & 0xFFFF_FFFF_FFFF_FFFF
    return Seen(looks, rest, f"{mark:x}")


def changed(before: Seen, after: Seen) -> tuple[str, ...]:
    """The claims that look different, or are gone, or are new."""
    ids = [name for name, look in after.looks.items() if before.looks.get(name) != look]
    return (*ids, *(name for name in before.looks if name not in after.looks))


def restood(before: Seen, after: Seen, claims: Iterable[str]) -> Iterator[str]:
    """Those of these claims that have another standing than before, or are new."""
    for name in claims:
        look = after.looks.get(name)
        if look is not None and look[:1] != before.looks.get(name, ())[:1]:
            yield name


def _look(claim: ClaimStatus, drill: Drill | None) -> Look:
    return (claim.standing, claim.since, claim.blind, claim.maintenance, drill)
