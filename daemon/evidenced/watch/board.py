"""The board: the one place that says what is known now. Only this room writes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from evidenced.ledger.model import Item
from evidenced.probes.attempt import Outcome
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check, Plan
from evidenced.watch.verdict import CheckState, Standing, at_age, combine, step

NOTHING_SEEN = CheckState()
ZERO: Mapping[Outcome, int] = MappingProxyType(dict.fromkeys(Outcome, 0))


class Basis(StrEnum):
    """What a claim's standing can rest on."""

    LIVE = "live"
    """A check speaks for it."""
    CITED = "cited"
    """It only cites something, which proves that this exists, not that it works."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """A check as it stands now; the counts are since the daemon began with it."""

    check: Check
    state: CheckState = NOTHING_SEEN
    last: Observation | None = None
    runs: Mapping[Outcome, int] = field(default_factory=lambda: ZERO)
    attempts: Mapping[Outcome, int] = field(default_factory=lambda: ZERO)


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """A claim as it stands now; times are in seconds since the epoch.

    `since` is when the standing became what it is, `last_verified` when the least recently verified
    of its checks last held, `contradicted` when a check of it was last contradicted, and `missing`
    are the documents that it cites and the repository does not have.
    """

    item: Item
    checks: tuple[str, ...]
    basis: Basis
    missing: tuple[str, ...] = ()
    standing: Standing = Standing.UNVERIFIED
    since: float | None = None
    last_verified: float | None = None
    contradicted: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A claim whose standing changed at `at`, and the check that brought it about (or "")."""

    claim: ClaimStatus
    before: Standing
    check: str
    at: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How the last readings of the configuration and the ledger went.

    `ledger_believed` is false while a reading is set aside because too much of it is gone.
    """

    config_loaded: bool
    config_loaded_at: float
    ledger_readable: bool = True
    ledger_believed: bool = True


@dataclass(slots=True)
class Board:
    """What is known of every check and every claim.

    Statuses are frozen and replaced, so a reader may keep what it was given.
    """

    plan: Plan
    reading: Reading
    checks: dict[str, CheckStatus] = field(default_factory=dict)
    claims: dict[str, ClaimStatus] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, missing: Mapping[str, tuple[str, ...]], reading: Reading) -> "Board":
        """A board on which nothing has been seen yet."""
        board = cls(plan, reading)
        board.adopt(plan, missing)
        return board

    def adopt(self, plan: Plan, missing: Mapping[str, tuple[str, ...]]) -> tuple[Change, ...]:
        """Take over a new plan: what did not change in it keeps all that is known of it."""
        self.plan = plan
        kept = self.checks
        self.checks = {
            check.name: old
            if (old := kept.get(check.name)) is not None and old.check == check
            else CheckStatus(check)
            for check in plan.checks
        }
        speakers: dict[str, list[str]] = {}
        for check in plan.checks:
            for claim in check.claims:
                speakers.setdefault(claim, []).append(check.name)
        before = self.claims
        self.claims = {
            item.id: _claim(item, speakers.get(item.id, ()), missing, before.get(item.id))
            for item in plan.ledger.claims
        }
        return tuple(change for claim in self.claims for change in self._restand(claim, "", None))

    def record(self, observation: Observation) -> tuple[Change, ...]:
        """Take in one observation; the claims whose standing it changed.

        An observation of a check that is no longer planned, or no longer the same, is dropped.
        """
        name = observation.check.name
        status = self.checks.get(name)
        if status is None or status.check is not observation.check:
            return ()
        outcomes = [attempt.outcome for attempt in observation.attempts]
        self.checks[name] = CheckStatus(
            check=status.check,
            state=step(status.state, observation, status.check.timing.confirm),
            last=observation,
            runs=_counted(status.runs, [observation.result]),
            attempts=_counted(status.attempts, outcomes),
        )
        return self._restand_all(status.check.claims, name, observation.ended)

    def sweep(self, now: float) -> tuple[Change, ...]:
        """Consider the age of what is known; the claims that turned stale by it."""
        changes: tuple[Change, ...] = ()
        for name, status in self.checks.items():
            state = at_age(status.state, now, status.check.timing.max_age)
            if state is not status.state:
                self.checks[name] = replace(status, state=state)
                changes += self._restand_all(status.check.claims, name, now)
        return changes

    def _restand_all(self, claims: Iterable[str], check: str, at: float) -> tuple[Change, ...]:
        return tuple(
            change
            for claim in claims
            if claim in self.claims
            for change in self._restand(claim, check, at)
        )

    def _restand(self, claim: str, check: str, at: float | None) -> tuple[Change, ...]:
        """Weigh a claim's checks again; at None (a new plan) the checks' own times hold."""
        before = self.claims[claim]
        states = [self.checks[name].state for name in before.checks]
        standing = combine(state.standing for state in states)
        verified = [state.last_verified for state in states]
        seen = [when for when in verified if when is not None]
        contradicted = [state.contradicted for state in states if state.contradicted is not None]
        changed = standing is not before.standing
        since = [s.since for s in states if s.standing is standing and s.since is not None]
        when = at if at is not None else max(since, default=self.reading.config_loaded_at)
        after = replace(
            before,
            standing=standing,
            since=when if changed else before.since,
            last_verified=min(seen) if seen and len(seen) == len(verified) else None,
            contradicted=max(contradicted, default=before.contradicted),
        )
        self.claims[claim] = after
        return (Change(after, before.standing, check, when),) if changed else ()


def _claim(
    item: Item,
    checks: Iterable[str],
    missing: Mapping[str, tuple[str, ...]],
    before: ClaimStatus | None,
) -> ClaimStatus:
    names = tuple(checks)
    basis = Basis.LIVE if names else Basis.CITED if item.references else Basis.NONE
    status = before or ClaimStatus(item, names, basis)
    return replace(status, item=item, checks=names, basis=basis, missing=missing.get(item.id, ()))


def _counted(counts: Mapping[Outcome, int], outcomes: Iterable[Outcome]) -> Mapping[Outcome, int]:
    new = dict(counts)
    for outcome in outcomes:
        new[outcome] += 1
    return new
