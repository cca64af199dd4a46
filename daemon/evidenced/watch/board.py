"""The board: the one place that says what is known now. Only this room writes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from evidenced.ledger.model import Item
from evidenced.probes.attempt import Outcome
from evidenced.watch.lists import TargetList
from evidenced.watch.maintenance import Maintenance, in_maintenance
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Check, Plan
from evidenced.watch.vantage import View, look_around
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


class Blind(StrEnum):
    """Why what a check fails to see says nothing of its target."""

    VANTAGE = "vantage"
    """The daemon's own view is gone."""
    DEPENDENCY = "dependency"
    """A check that this one depends on fails."""


@dataclass(frozen=True, slots=True)
class CheckStatus:
    """A check as it stands now; the counts are since the daemon began with it.

    `recovered` is when it last held again after a failed run; `held` is the standing that it keeps
    while it is in maintenance. Times are in seconds since the epoch.
    """

    check: Check
    state: CheckState = NOTHING_SEEN
    last: Observation | None = None
    runs: Mapping[Outcome, int] = field(default_factory=lambda: ZERO)
    attempts: Mapping[Outcome, int] = field(default_factory=lambda: ZERO)
    recovered: float | None = None
    blind: Blind | None = None
    maintenance: Maintenance | None = None
    held: Standing | None = None

    @property
    def standing(self) -> Standing:
        """How the check stands, with all that clouds it considered.

        What is contradicted stays so while nothing can be seen: that is no news of its target.
        """
        if self.held is not None:
            return self.held
        if self.blind is not None and self.state.standing is not Standing.CONTRADICTED:
            return Standing.UNKNOWN
        return self.state.standing

    @property
    def failing(self) -> bool:
        """Whether its last run failed, be it before a restart."""
        if self.last is None:
            return self.state.failures > 0
        return self.last.result is Outcome.FAILURE

    @property
    def seen(self) -> Outcome:
        """What its last run saw; before the first one it is believed, unless it failed before."""
        if self.last is None:
            return Outcome.FAILURE if self.failing else Outcome.SUCCESS
        return self.last.result

    @property
    def holding(self) -> bool:
        """Whether its last run is the one that last verified it."""
        return self.last is not None and self.last.ended == self.state.last_verified


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """A claim as it stands now; times are in seconds since the epoch.

    `since` is when the standing became what it is, `last_verified` when the least recently verified
    of its checks last held, `contradicted` when a check of it was last contradicted, and `missing`
    are the documents that it cites and the repository does not have. `blind` says why it is unknown
    where the daemon knows, and `maintenance` is the work for which its standing is left as it is.
    """

    item: Item
    checks: tuple[str, ...]
    basis: Basis
    missing: tuple[str, ...] = ()
    standing: Standing = Standing.UNVERIFIED
    since: float | None = None
    last_verified: float | None = None
    contradicted: float | None = None
    blind: Blind | None = None
    maintenance: Maintenance | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A claim whose standing changed at `at`, and the check that brought it about (or "")."""

    claim: ClaimStatus
    before: Standing
    check: str
    at: float


@dataclass(frozen=True, slots=True)
class Stood:
    """How a claim stood before a restart, and since when (seconds since the epoch)."""

    standing: Standing
    since: float | None
    contradicted: float | None


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
    lists: tuple[TargetList, ...] = ()
    view: View = field(default_factory=View)
    begun: tuple[Maintenance, ...] = ()
    """Maintenance that was begun by hand."""
    _children: dict[str, list[str]] = field(default_factory=dict)

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
        self._children = {}
        for check in plan.checks:
            for claim in check.claims:
                speakers.setdefault(claim, []).append(check.name)
            for parent in check.depends_on:
                self._children.setdefault(parent, []).append(check.name)
        before = self.claims
        self.claims = {
            item.id: _claim(item, speakers.get(item.id, ()), missing, before.get(item.id))
            for item in plan.ledger.claims
        }
        self._cloud(self.checks)
        return tuple(change for claim in self.claims for change in self._restand(claim, "", None))

    def restore(
        self,
        states: Mapping[str, CheckState],
        stood: Mapping[str, Stood],
        begun: tuple[Maintenance, ...],
        now: float,
    ) -> tuple[Change, ...]:
        """Begin with what was known before a restart; the claims that do not stand as they did.

        There are such claims only where something else changed in the meantime: the ledger or a
        check that speaks for them.
        """
        self.begun = begun
        for name, state in states.items():
            self.checks[name] = replace(self.checks[name], state=state)
        for claim, one in stood.items():
            if claim in self.claims:
                self.claims[claim] = replace(
                    self.claims[claim],
                    standing=one.standing,
                    since=one.since,
                    contradicted=one.contradicted,
                )
        # Maintenance first: what it holds is how a check stood, not that it is blind just now.
        self._maintain(now)
        self._look_around(now)
        self._cloud(self.checks)
        return tuple(change for claim in self.claims for change in self._restand(claim, "", None))

    def begin(self, one: Maintenance, now: float) -> tuple[Change, ...]:
        """Begin maintenance by hand, in place of what was begun on the same subject before."""
        self.begun = (*(other for other in self.begun if other.subject != one.subject), one)
        return self._restand_all(self._maintain(now), "", now)

    def end(self, subject: str, now: float) -> tuple[Change, ...]:
        """End the maintenance that was begun by hand on a subject; windows stay open."""
        self.begun = tuple(other for other in self.begun if other.subject != subject)
        return self._restand_all(self._maintain(now), "", now)

    def record(self, observation: Observation) -> tuple[Change, ...]:
        """Take in one observation; the claims whose standing it changed.

        An observation of a check that is no longer planned, or no longer the same, is dropped. One
        that failed while nothing could be seen is counted, but says nothing of its target.
        """
        name = observation.check.name
        status = self.checks.get(name)
        if status is None or status.check is not observation.check:
            return ()
        timing, state = status.check.timing, status.state
        if status.maintenance is None and self._counts(status, observation):
            state = step(state, observation, timing.confirm, timing.flapping)
        elif observation.result is Outcome.SUCCESS and state.confirmed is Standing.VERIFIED:
            # The standing is left as it is, but it must not be stale once the maintenance is over.
            state = replace(state, last_verified=observation.ended)
        recovers = status.failing and observation.result is Outcome.SUCCESS
        self.checks[name] = replace(
            status,
            state=state,
            last=observation,
            runs=_counted(status.runs, [observation.result]),
            attempts=_counted(status.attempts, [a.outcome for a in observation.attempts]),
            recovered=observation.ended if recovers else status.recovered,
        )
        touched = {name, *self._children.get(name, ())}
        if name in self.plan.sentinels and self._look_around(observation.ended):
            touched = set(self.checks)
        self._cloud(touched)
        return self._restand_all(touched, name, observation.ended)

    def sweep(self, now: float) -> tuple[Change, ...]:
        """Consider what time alone changes: the age of what is known, flapping, maintenance."""
        touched = self._maintain(now)
        for name, status in self.checks.items():
            timing = status.check.timing
            if status.maintenance is None:
                state = at_age(status.state, now, timing.max_age, timing.flapping)
                if state is not status.state:
                    self.checks[name] = replace(status, state=state)
                    touched.add(name)
        return self._restand_all(touched, "", now)

    def _maintain(self, now: float) -> set[str]:
        """Begin and end maintenance; the checks for which it began or ended."""
        self.begun = tuple(one for one in self.begun if one.until > now)
        claims = {name: status.check.claims for name, status in self.checks.items()}
        now_in = in_maintenance(claims, self.plan.windows, self.begun, now)
        changed = {
            name for name, status in self.checks.items() if status.maintenance != now_in.get(name)
        }
        for name in changed:
            status, one = self.checks[name], now_in.get(name)
            held = (status.held or status.standing) if one else None
            self.checks[name] = replace(status, maintenance=one, held=held)
        return changed

    def _counts(self, status: CheckStatus, observation: Observation) -> bool:
        """Whether a run says something of its target: it held, or nothing was in its way."""
        if observation.result is Outcome.SUCCESS or status.check.name in self.plan.sentinels:
            return True
        if self.view.clouded(observation.started):
            return False
        parents = [self.checks[name] for name in status.check.depends_on if name in self.checks]
        return not any(
            parent.failing
            or (parent.recovered is not None and observation.started < parent.recovered)
            for parent in parents
        )

    def _look_around(self, now: float) -> bool:
        """Take in what the sentinels last saw; whether the view came or went by it."""
        names = [name for name in self.plan.sentinels if name in self.checks]
        seen = {name: self.checks[name].seen for name in names}
        before = self.view.up
        self.view = look_around(self.view, seen, min(self.plan.sentinels_needed, len(seen)), now)
        return before is not self.view.up

    def _cloud(self, names: Iterable[str]) -> None:
        """Say of these checks why they are blind, if they are."""
        for name in names:
            status = self.checks.get(name)
            if status is None:
                continue
            blind = None
            if any(p in self.checks and self.checks[p].failing for p in status.check.depends_on):
                blind = Blind.DEPENDENCY
            if not self.view.up and name not in self.plan.sentinels:
                blind = Blind.VANTAGE
            if blind is not status.blind:
                self.checks[name] = replace(status, blind=blind)

    def _restand_all(self, checks: Iterable[str], check: str, at: float) -> tuple[Change, ...]:
        claims = {claim for name in checks for claim in self._claims_of(name)}
        return tuple(
            change for claim in sorted(claims) for change in self._restand(claim, check, at)
        )

    def _claims_of(self, check: str) -> Iterable[str]:
        status = self.checks.get(check)
        return [c for c in status.check.claims if c in self.claims] if status else ()

    def _restand(self, claim: str, check: str, at: float | None) -> tuple[Change, ...]:
        """Weigh a claim's checks again; at None (a new plan) the checks' own times hold."""
        before = self.claims[claim]
        statuses = [self.checks[name] for name in before.checks]
        standing = combine(status.standing for status in statuses)
        states = [status.state for status in statuses]
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
            blind=_blind(statuses) if standing is Standing.UNKNOWN else None,
            maintenance=next((s.maintenance for s in statuses if s.maintenance), None),
        )
        self.claims[claim] = after
        return (Change(after, before.standing, check, when),) if changed else ()


def _blind(statuses: Iterable[CheckStatus]) -> Blind | None:
    return next((status.blind for status in statuses if status.blind), None)


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
