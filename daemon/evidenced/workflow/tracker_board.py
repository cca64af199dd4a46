"""What the board says that belongs into an issue tracker: contradicted claims, their symptoms."""

import hashlib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from evidenced.ledger.model import Item
from evidenced.probes.attempt import Outcome
from evidenced.watch.board import Board, CheckStatus
from evidenced.watch.verdict import Standing
from evidenced.workflow.curl import curl

Key = tuple[str, bool]
"""A claim, and whether it is about a drill."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """Why a check contradicts its claim: what was expected and found, and how to see that."""

    check: str
    target: str
    reason: str
    expectation: str
    detail: str
    curl: str | None

    @property
    def kind(self) -> str:
        """What makes it another symptom: not its details, which may change with every run."""
        return f"{self.check} {self.reason} {self.expectation}"


@dataclass(frozen=True, slots=True)
class Matter:
    """A claim as an issue sees it.

    `on` is whether it is contradicted (or in a drill), None where that cannot be said: what is
    stale or unknown is neither an outage nor the end of one. `wanted` is whether it is to have an
    issue at all, `since` when it began, in seconds since the epoch.
    """

    item: Item
    drill: bool
    on: bool | None
    wanted: bool
    since: float | None
    symptoms: tuple[Symptom, ...] = ()

    @property
    def key(self) -> Key:
        """The claim, and whether it is a drill."""
        return (self.item.id, self.drill)

    @property
    def summary(self) -> str:
        """A short text that changes with the kinds of symptoms only; "" where there are none."""
        kinds = "\n".join(sorted({symptom.kind for symptom in self.symptoms}))
        return hashlib.sha256(kinds.encode()).hexdigest()[:16] if kinds else ""


def matters(board: Board, sections: Container[str], now: float) -> dict[Key, Matter]:
    """Every claim, and every drill that is on; `sections` are those whose claims are wanted."""
    return {matter.key: matter for matter in _matters(board, sections, now)}


def _matters(board: Board, sections: Container[str], now: float) -> Iterator[Matter]:
    for claim in board.claims.values():
        on = _ON.get(claim.standing)
        wanted = claim.item.section.value in sections
        symptoms = tuple(_symptoms(board, claim.checks)) if on else ()
        yield Matter(claim.item, False, on, wanted, claim.since, symptoms)
    for drill in board.drills.active(now).values():
        if drill.claim in board.claims:
            item = board.claims[drill.claim].item
            yield Matter(item, True, True, item.section.value in sections, drill.began)


_ON: Mapping[Standing, bool] = MappingProxyType(
    {Standing.CONTRADICTED: True, Standing.VERIFIED: False}
)


def _symptoms(board: Board, checks: tuple[str, ...]) -> Iterator[Symptom]:
    for name in sorted(checks):
        status = board.checks.get(name)
        if status is not None and status.standing is Standing.CONTRADICTED:
            yield _symptom(status)


def _symptom(status: CheckStatus) -> Symptom:
    """The newest failure; where the last run saw none or could not see, the one kept so far."""
    check, last = status.check, status.last
    failed = last is not None and last.result is Outcome.FAILURE
    failure = last.failure if last is not None and failed else status.state.failure
    return Symptom(
        check=check.name,
        target=check.target,
        reason=failure.reason.value if failure else "",
        expectation=failure.expectation if failure else "",
        detail=failure.detail if failure else "",
        curl=curl(check),
    )
