"""The board: the one place that says what is known now. Only this room writes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from evidenced.ledger.lint.model import Linted
from evidenced.ledger.model import Item
from evidenced.probes.attempt import Outcome
from evidenced.watch.ages import Ages
from evidenced.watch.drill import Drills
from evidenced.watch.lists import TargetList
from evidenced.watch.maintenance import Maintenance, in_maintenance, under_way
from evidenced.watch.observation import Observation
from evidenced.watch.plan import Plan
from evidenced.watch.sharing import WHOLE, Share
from evidenced.watch.status import Change, CheckStatus, ClaimStatus
from evidenced.watch.stood import Basis, Blind, Reading, Stood
from evidenced.watch.vantage import View, look_around, over_since
from evidenced.watch.verdict import CheckState, Standing, aged_by, at_age, combine, step

__all__ = ["Basis", "Blind", "Board", "Change", "CheckStatus", "ClaimStatus", "Reading", "Stood"]

T = TypeVar("T")


@dataclass(slots=True)
class Board:
    """What is known of every check and every claim.

    Statuses are frozen and replaced, so a reader may keep what it was given. Where daemons share
    the work, what this one has no share in is here as the others tell it (see `hearing`).
    """

    plan: Plan
    reading: Reading
    checks: dict[str, CheckStatus] = field(default_factory=dict)
    claims: dict[str, ClaimStatus] = field(default_factory=dict)
    lists: tuple[TargetList, ...] = ()
    view: View = field(default_factory=View)
    linted: Linted = field(default_factory=Linted)
    """What breaks the rules of the ledger in the file as it was last read."""
    begun: tuple[Maintenance, ...] = ()
    """Maintenance that was begun by hand."""
    drills: Drills = field(default_factory=Drills)
    share: Share = WHOLE
    heard: Mapping[int, float] = field(default_factory=dict)
    """When each other shard was last heard of, in seconds since the epoch."""
    _here: tuple[str, ...] = ()
    """The checks that this daemon looks at."""
    _ages: Ages = field(default_factory=Ages)
    _worked: Mapping[str, Maintenance] | None = None
    """The subjects that were in maintenance when it was last considered, for these checks."""

    @classmethod
    def of(
        cls,
        plan: Plan,
        missing: Mapping[str, tuple[str, ...]],
        reading: Reading,
        share: Share = WHOLE,
    ) -> "Board":
        """A board on which nothing has been seen yet."""
        board = cls(plan, reading)
        board.adopt(plan, missing, share)
        return board

    @property
    def own_checks(self) -> Mapping[str, CheckStatus]:
        """The checks that this daemon tells of and keeps."""
        return self._own(self.checks, self.share.has_check)

    @property
    def own_claims(self) -> Mapping[str, ClaimStatus]:
        """The claims of which this daemon says how they stand."""
        return self._own(self.claims, self.share.has_claim)

    def adopt(
        self, plan: Plan, missing: Mapping[str, tuple[str, ...]], share: Share = WHOLE
    ) -> tuple[Change, ...]:
        """Take over a new plan: what did not change in it keeps all that is known of it."""
        self.plan, self.share = plan, share
        kept, before = self.checks, frozenset(self._here)
        self.checks = {
            check.name: old
            if (old := kept.get(check.name)) and (old.check is check or old.check == check)
            else CheckStatus(check)
            for check in plan.checks
        }
        self._here = tuple(self.checks)
        if share is not WHOLE:
            self._here = tuple(filter(share.looks, self.checks))
            self._let_go()
        self._worked = None
        # What stays has its moment.
        self._age(n for n in self._here if n not in before or self.checks[n] is not kept.get(n))
        self._cloud(self._here)
        known = self.claims
        self.claims = {
            item.id: self._planned(item, missing.get(item.id, ())) for item in plan.ledger.claims
        }
        touched = {name for name, one in self.checks.items() if one is not kept.get(name)}
        others = {name for name, one in self.claims.items() if one is not known.get(name)}
        return self._restand_all(touched, "", None, others)

    def _planned(self, item: Item, missing: tuple[str, ...]) -> ClaimStatus:
        """What is known of a claim, as the plan has it now: the same object where that is equal."""
        known = self.claims.get(item.id) or ClaimStatus(item, (), Basis.NONE)
        names = self.plan.speakers.get(item.id, ())
        basis = Basis.LIVE if names else Basis.CITED if item.references else Basis.NONE
        shard = self.share.other(item.id)
        now = (names, basis, missing, shard)
        if known.item is item and (known.checks, known.basis, known.missing, known.shard) == now:
            return known
        return replace(known, item=item, checks=names, basis=basis, missing=missing, shard=shard)

    def _let_go(self) -> None:
        """The last run of a check that another daemon looks at by now is no news any more."""
        for name, status in self.checks.items():
            if status.last is not None and not self.share.looks(name):
                self.checks[name] = CheckStatus(status.check, status.state)

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
        here = {one.subject for one in self.begun}
        self.begun += tuple(one for one in begun if one.subject not in here)
        for name, state in states.items():
            self.checks[name] = replace(self.checks[name], state=state)
        self._age(states)
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
        self._cloud(self._here)
        return tuple(change for claim in self.claims for change in self._restand(claim, "", None))

    def begin(self, one: Maintenance, now: float) -> tuple[Change, ...]:
        """Begin maintenance by hand, in place of what was begun on the same subject before."""
        others = (other for other in self.begun if other.subject != one.subject)
        return self.work_on((*others, one), now)

    def end(self, subject: str, now: float) -> tuple[Change, ...]:
        """End the maintenance that was begun by hand on a subject; windows stay open."""
        return self.work_on((one for one in self.begun if one.subject != subject), now)

    def work_on(self, begun: Iterable[Maintenance], now: float) -> tuple[Change, ...]:
        """Let this be all maintenance that was begun by hand."""
        self.begun = tuple(begun)
        return self._restand_all(self._maintain(now), "", now)

    def record(self, observation: Observation) -> tuple[Change, ...]:
        """Take in one observation; the claims whose standing it changed.

        An observation of a check that is no longer planned, or no longer the same, is dropped. One
        that failed while nothing could be seen is counted, but says nothing of its target.
        """
        name = observation.check.name
        status = self.checks.get(name)
        if status is None or status.check is not observation.check or not self.share.looks(name):
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
        self._ages.by(name, aged_by(state, timing.max_age, timing.flapping))
        touched = {name, *self.plan.children.get(name, ())}
        if name in self.plan.sentinels and self._look_around(observation.ended):
            touched = set(self._here)
        self._cloud(touched)
        return self._restand_all(touched, name, observation.ended)

    def sweep(self, now: float) -> tuple[Change, ...]:
        """Consider what time alone changes: the age of what is known, flapping, maintenance."""
        touched = self._maintain(now)
        due = [n for n in self._ages.due(now) if n in self.checks and self.share.looks(n)]
        for name in due:
            status = self.checks[name]
            timing = status.check.timing
            if status.maintenance is None:
                state = at_age(status.state, now, timing.max_age, timing.flapping)
                if state is not status.state:
                    self.checks[name] = replace(status, state=state)
                    touched.add(name)
        self._age(due)
        return self._restand_all(touched, "", now)

    def _maintain(self, now: float) -> set[str]:
        """Begin and end maintenance; the checks for which it began or ended."""
        self.begun = tuple(one for one in self.begun if one.until > now)
        subjects = under_way(self.plan.windows, self.begun, now)
        if subjects == self._worked:
            return set()
        self._worked = subjects
        claims = ((name, self.checks[name].check.claims) for name in self._here)
        now_in = in_maintenance(claims, subjects)
        changed = {n for n in self._here if self.checks[n].maintenance != now_in.get(n)}
        for name in changed:
            status, one = self.checks[name], now_in.get(name)
            held = (status.held or status.standing) if one else None
            self.checks[name] = replace(status, maintenance=one, held=held)
        return changed

    def _age(self, names: Iterable[str]) -> None:
        """Have the age of these checks considered when it may matter."""
        for name in names:
            status = self.checks[name]
            timing = status.check.timing
            self._ages.by(name, aged_by(status.state, timing.max_age, timing.flapping))

    def _counts(self, status: CheckStatus, observation: Observation) -> bool:
        """Whether a run says something of its target: it held, or nothing was in its way."""
        if observation.result is Outcome.SUCCESS:
            return True
        if observation.beside:
            return False
        if status.check.name in self.plan.sentinels:
            return True
        # A run takes an interval at most, and then waits for its witnesses another one at most.
        started, reach = observation.started, 2 * observation.check.timing.interval
        if self.view.clouded(started, reach):
            return False
        parents = [self.checks[name] for name in status.check.depends_on if name in self.checks]
        return not any(
            parent.failing or over_since(started, parent.recovered, reach) for parent in parents
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
            if self.view.up and status.blind is None and not status.check.depends_on:
                continue
            if not self.share.looks(name):
                continue
            blind = None
            if any(p in self.checks and self.checks[p].failing for p in status.check.depends_on):
                blind = Blind.DEPENDENCY
            if not self.view.up and name not in self.plan.sentinels:
                blind = Blind.VANTAGE
            if blind is not status.blind:
                self.checks[name] = replace(status, blind=blind)

    def _restand_all(
        self, checks: Iterable[str], check: str, at: float | None, others: Iterable[str] = ()
    ) -> tuple[Change, ...]:
        """Weigh the claims of these checks again, and other claims."""
        claims = {claim for name in checks for claim in self._claims_of(name)}.union(others)
        return tuple(
            change for claim in sorted(claims) for change in self._restand(claim, check, at)
        )

    def _own(self, found: dict[str, T], has: Callable[[str], bool]) -> Mapping[str, T]:
        return found if self.share is WHOLE else {n: one for n, one in found.items() if has(n)}

    def _claims_of(self, check: str) -> Iterable[str]:
        status = self.checks.get(check)
        return [c for c in status.check.claims if c in self.claims] if status else ()

    def _restand(self, claim: str, check: str, at: float | None) -> tuple[Change, ...]:
        """Weigh a claim's checks again; at None (a new plan) the checks' own times hold."""
        before = self.claims[claim]
        if before.shard is not None:
            return ()
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


def _counted(counts: Mapping[Outcome, int], outcomes: Iterable[Outcome]) -> Mapping[Outcome, int]:
    new = dict(counts)
    for outcome in outcomes:
        new[outcome] += 1
    return new
