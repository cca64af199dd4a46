"""What the API takes and gives: times are ISO 8601 in UTC, names are those of the metrics."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from evidenced.config.types import PositiveDuration
from evidenced.probes.attempt import Failure
from evidenced.watch.board import CheckStatus, ClaimStatus
from evidenced.watch.maintenance import Maintenance

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""One line for whoever reads it, without control characters that a terminal would obey."""


class Answer(BaseModel):
    """What all parts of answers have in common."""

    model_config = ConfigDict(frozen=True)


class MaintenanceBody(BaseModel):
    """Maintenance to begin: on a claim or a check, for how long, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    subject: Annotated[str, StringConstraints(min_length=1)]
    lasts: Annotated[PositiveDuration, Field(alias="for")]
    why: Annotated[Words, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]


class MaintenanceAnswer(Answer):
    """Maintenance that is on: a window of the configuration, or begun by hand."""

    subject: str
    until: datetime
    why: str
    by_hand: bool

    @classmethod
    def of(cls, one: Maintenance, *, by_hand: bool) -> Self:
        """The answer about one."""
        return cls(subject=one.subject, until=_at(one.until), why=one.why, by_hand=by_hand)


class MaintenanceList(Answer):
    """All maintenance that is on."""

    maintenance: tuple[MaintenanceAnswer, ...]


class FrozenBy(Answer):
    """The maintenance for which a standing is left as it is."""

    subject: str
    until: datetime
    why: str


class FailureAnswer(Answer):
    """Why a check fails: its reason as in the metrics, and what was expected and found."""

    reason: str
    expectation: str
    detail: str


class ClaimCheck(Answer):
    """A check that speaks for a claim."""

    name: str
    standing: str
    failure: FailureAnswer | None


class ClaimAnswer(Answer):
    """A claim as it stands now."""

    id: str
    section: str
    title: str
    standing: str
    since: datetime | None
    last_verified: datetime | None
    contradicted: datetime | None
    basis: str
    blind: str | None
    maintenance: FrozenBy | None
    missing: tuple[str, ...]
    checks: tuple[ClaimCheck, ...]

    @classmethod
    def of(cls, claim: ClaimStatus, checks: Mapping[str, CheckStatus]) -> Self:
        """The answer about one."""
        return cls(
            id=claim.item.id,
            section=claim.item.section.value,
            title=claim.item.title,
            standing=claim.standing.value,
            since=_utc(claim.since),
            last_verified=_utc(claim.last_verified),
            contradicted=_utc(claim.contradicted),
            basis=claim.basis.value,
            blind=claim.blind.value if claim.blind else None,
            maintenance=_frozen(claim.maintenance),
            missing=claim.missing,
            checks=tuple(
                ClaimCheck(
                    name=name,
                    standing=checks[name].standing.value,
                    failure=_failure(checks[name].state.failure),
                )
                for name in claim.checks
            ),
        )


class ClaimList(Answer):
    """All claims, in the order of the ledger."""

    claims: tuple[ClaimAnswer, ...]


class CheckAnswer(Answer):
    """A check as it stands now."""

    name: str
    kind: str
    target: str
    location: str | None
    claims: tuple[str, ...]
    standing: str
    since: datetime | None
    last_run: datetime | None
    last_result: str | None
    last_verified: datetime | None
    contradicted: datetime | None
    blind: str | None
    maintenance: FrozenBy | None
    failure: FailureAnswer | None

    @classmethod
    def of(cls, status: CheckStatus) -> Self:
        """The answer about one."""
        check, state, last = status.check, status.state, status.last
        return cls(
            name=check.name,
            kind=check.kind,
            target=check.target,
            location=check.location,
            claims=check.claims,
            standing=status.standing.value,
            since=_utc(state.since),
            last_run=_utc(last.ended) if last else None,
            last_result=last.result.value if last else None,
            last_verified=_utc(state.last_verified),
            contradicted=_utc(state.contradicted),
            blind=status.blind.value if status.blind else None,
            maintenance=_frozen(status.maintenance),
            failure=_failure(state.failure),
        )


class CheckList(Answer):
    """All checks, in the order of the plan."""

    checks: tuple[CheckAnswer, ...]


def _failure(failure: Failure | None) -> FailureAnswer | None:
    if failure is None:
        return None
    return FailureAnswer(
        reason=failure.reason.value, expectation=failure.expectation, detail=failure.detail
    )


def _frozen(one: Maintenance | None) -> FrozenBy | None:
    if one is None:
        return None
    return FrozenBy(subject=one.subject, until=_at(one.until), why=one.why)


def _utc(seconds: float | None) -> datetime | None:
    return None if seconds is None else _at(seconds)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
