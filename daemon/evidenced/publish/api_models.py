"""What the API takes and gives: times are ISO 8601 in UTC, names are those of the metrics."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from evidenced.config.types import PositiveDuration
from evidenced.probes.attempt import Failure
from evidenced.watch.board import CheckStatus, ClaimStatus
from evidenced.watch.drill import Drill
from evidenced.watch.maintenance import Maintenance
from evidenced.watch.sharing import WHOLE, Share

ALL_HERE: Mapping[int, float] = MappingProxyType({})
"""When other shards were heard of, where there are none."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""One line for whoever reads it, without control characters that a terminal would obey."""


Said = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
]
"""The same, or nothing."""


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
        return cls(subject=one.subject, until=at_utc(one.until), why=one.why, by_hand=by_hand)


class PushAnswer(Answer):
    """A push that was taken, and when (seconds since the epoch)."""

    check: str
    received: float


class Accepted(Answer):
    """The reading that is in force now: its claims, and what it changed; ids, sorted."""

    claims: int
    gone: tuple[str, ...]
    new: tuple[str, ...]


class Described(Answer):
    """The description of an API, as OpenAPI 3.1 has it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    openapi: str
    info: dict[str, JsonValue]
    paths: dict[str, JsonValue]


class ProblemAnswer(Answer):
    """Why a request was refused or failed (RFC 9457), with a line for each of several mistakes."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[str, ...] = ()


class MaintenanceList(Answer):
    """All maintenance that is on."""

    maintenance: tuple[MaintenanceAnswer, ...]


class DrillBody(BaseModel):
    """A drill to begin: on which claim, for how long, why, and who asks for it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    claim: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    lasts: Annotated[PositiveDuration, Field(alias="for")]
    why: Said = ""
    who: Said = ""


class DrillAnswer(Answer):
    """A drill that is on, and the alert that it fires with the label `drill="true"`."""

    claim: str
    section: str
    alert: str
    began: datetime
    until: datetime
    who: str
    why: str

    @classmethod
    def of(cls, one: Drill, *, alert: str) -> Self:
        """The answer about one."""
        return cls(
            claim=one.claim,
            section=one.section,
            alert=alert,
            began=at_utc(one.began),
            until=at_utc(one.until),
            who=one.who,
            why=one.why,
        )


class DrillList(Answer):
    """All drills that are on."""

    drills: tuple[DrillAnswer, ...]


class InDrill(Answer):
    """The drill in which a claim looks failed, whatever its standing is."""

    until: datetime
    who: str
    why: str


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
    """A claim as it stands now; as `shard` told at `as_of` where that is another daemon."""

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
    drill: InDrill | None
    missing: tuple[str, ...]
    checks: tuple[ClaimCheck, ...]
    shard: int | None
    as_of: datetime | None

    @classmethod
    def of(
        cls,
        claim: ClaimStatus,
        checks: Mapping[str, CheckStatus],
        drill: Drill | None,
        heard: Mapping[int, float] = ALL_HERE,
    ) -> Self:
        """The answer about one, and about the drill that is on, if one is.

        `heard` is when other shards were last heard of, in seconds since the epoch.
        """
        return cls(
            id=claim.item.id,
            section=claim.item.section.value,
            title=claim.item.title,
            standing=claim.standing.value,
            since=utc(claim.since),
            last_verified=utc(claim.last_verified),
            contradicted=utc(claim.contradicted),
            basis=claim.basis.value,
            blind=claim.blind.value if claim.blind else None,
            maintenance=_frozen(claim.maintenance),
            drill=_in_drill(drill),
            missing=claim.missing,
            checks=tuple(
                ClaimCheck(
                    name=name,
                    standing=checks[name].standing.value,
                    failure=_failure(checks[name].state.failure),
                )
                for name in claim.checks
            ),
            shard=claim.shard,
            as_of=utc(None if claim.shard is None else heard.get(claim.shard)),
        )


class ClaimList(Answer):
    """Claims in the order of the ledger: those of one page, and how many there are on all.

    `next` is the cursor of the next page, null on the last one.
    """

    claims: tuple[ClaimAnswer, ...]
    total: int
    next: str | None


class CheckAnswer(Answer):
    """A check as it stands now; as `shard` has it where that is another daemon."""

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
    shard: int | None

    @classmethod
    def of(cls, status: CheckStatus, share: Share = WHOLE) -> Self:
        """The answer about one, of a daemon with this part in the work."""
        check, state, last = status.check, status.state, status.last
        return cls(
            name=check.name,
            kind=check.kind,
            target=check.target,
            location=check.location,
            claims=check.claims,
            standing=status.standing.value,
            since=utc(state.since),
            last_run=utc(last.ended) if last else None,
            last_result=last.result.value if last else None,
            last_verified=utc(state.last_verified),
            contradicted=utc(state.contradicted),
            blind=status.blind.value if status.blind else None,
            maintenance=_frozen(status.maintenance),
            failure=_failure(state.failure),
            shard=None if share.looks(check.name) else share.checks[check.name],
        )


class CheckList(Answer):
    """Checks in the order of the plan: those of one page, and how many there are on all.

    `next` is the cursor of the next page, null on the last one.
    """

    checks: tuple[CheckAnswer, ...]
    total: int
    next: str | None


def _failure(failure: Failure | None) -> FailureAnswer | None:
    if failure is None:
        return None
    return FailureAnswer(
        reason=failure.reason.value, expectation=failure.expectation, detail=failure.detail
    )


def _frozen(one: Maintenance | None) -> FrozenBy | None:
    if one is None:
        return None
    return FrozenBy(subject=one.subject, until=at_utc(one.until), why=one.why)


def _in_drill(one: Drill | None) -> InDrill | None:
    return InDrill(until=at_utc(one.until), who=one.who, why=one.why) if one else None


def utc(seconds: float | None) -> datetime | None:
    """Seconds since the epoch as a time in UTC, None where there is none."""
    return None if seconds is None else at_utc(seconds)


def at_utc(seconds: float) -> datetime:
    """Seconds since the epoch as a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
