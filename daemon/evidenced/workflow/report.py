"""The report: the facts of production as of one moment, and what changed since the last one.

All that it says stays as it is while production does, so that a diff shows only what changed: the
times in it are those of changes, and durations are steps of a scale.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType

from evidenced.probes.attempt import Attempt, Fact, Outcome, Reason
from evidenced.watch.board import Board, CheckStatus, ClaimStatus
from evidenced.watch.verdict import Standing

STEPS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds to which the duration of a look is rounded up."""

CALM = 4.0
"""By how many times a look may be faster than the step of the last report says, and that step
stays: it would else come and go with every report."""

UNSEEN = "not looked at"
"""What is said of a check before its first run."""

_LAST_YEAR = 253_370_764_800.0
"""The beginning of the year 9999: later times cannot be written down."""

_NAMED: Mapping[str, str] = {
    "status_code": "status",
    "location": "location",
    "version": "HTTP",
    "tls_version": "TLS",
    "rcode": "answer",
    "active_state": "unit",
    "sub_state": "sub-state",
    "file_state": "unit file",
    "state": "state",
    "conclusion": "conclusion",
    "serving_status": "health",
    "exit_status": "exit status",
}
"""The facts that are told of a look, with their names for people: those that last."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation; `found` is "" where it was met, for that may differ with every run."""

    name: str
    met: bool
    expected: str
    found: str = ""


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What the last look of a check saw.

    `result` is how it ended, or UNSEEN. `within` and `every` are in seconds. `failure` is why it
    fails, in one line. `maintenance` is the work because of which a failure does not count, or "".
    """

    name: str
    kind: str
    target: str
    result: str
    every: float
    within: float | None = None
    failure: str = ""
    details: tuple[tuple[str, str], ...] = ()
    judged: tuple[Judged, ...] = ()
    maintenance: str = ""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """How a claim stands, since when (seconds since the epoch), and on what that rests.

    `why` are the failures of its checks by their names, where it is contradicted.
    """

    id: str
    title: str
    section: str
    standing: str
    since: float | None
    basis: str
    checks: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    why: tuple[tuple[str, str], ...] = ()
    blind: str = ""
    maintenance: str = ""
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A claim or a check (`what`) that came ("" before), went ("" after) or differs."""

    what: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of the last report; times are in seconds since the epoch.

    `standings` are by claim, each with since when; `results` by check, `within` likewise.
    """

    made: float
    standings: Mapping[str, tuple[str, float | None]]
    results: Mapping[str, str]
    within: Mapping[str, float] = field(default_factory=dict)
    moved: tuple[Moved, ...] = ()
    between: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The facts as of `made`; times are in seconds since the epoch.

    `compared` is when the last report was made, `fresh` how much differs from it, and `moved` what
    last differed from one report to the next, which were made at the two times `between`.
    """

    made: float
    claims: tuple[ClaimFacts, ...]
    checks: tuple[CheckFacts, ...]
    location: str = ""
    updated: float | None = None
    troubles: tuple[str, ...] = ()
    compared: float | None = None
    fresh: int = 0
    moved: tuple[Moved, ...] = ()
    between: tuple[float, float] | None = None
    next_check: float | None = None
    next_report: float | None = None

    @property
    def failing(self) -> bool:
        """Whether a fact fails: a look that did not succeed, or a claim that is contradicted.

        What is in maintenance does not count, and neither does a claim that nothing speaks for.
        """
        looks = any(c.result != Outcome.SUCCESS.value and not c.maintenance for c in self.checks)
        contradicted = Standing.CONTRADICTED.value
        return looks or any(c.standing == contradicted and not c.maintenance for c in self.claims)


@dataclass(frozen=True, slots=True)
class Ahead:
    """When the next look and the next report by schedule are due, where somebody knows."""

    check: float | None = None
    report: float | None = None


NOBODY: Mapping[str, CheckFacts] = MappingProxyType({})


def make_report(
    board: Board,
    earlier: Earlier | None,
    now: float,
    ahead: Ahead,
    location: str = "",
    others: Mapping[str, CheckFacts] = NOBODY,
) -> Report:
    """The report on a board, held against the last one. Pure; it reads only what is frozen.

    `others` are the facts of checks that another daemon looks at.
    """
    drills = board.drills.active(now)
    within = earlier.within if earlier else {}
    checks = [
        others.get(one.check.name) or facts_of(one, within.get(one.check.name))
        for one in list(board.checks.values())
    ]
    statuses = dict(board.checks)
    claims = [_claim(one, statuses, one.item.id in drills) for one in list(board.claims.values())]
    updated = board.plan.ledger.updated
    report = Report(
        made=now,
        claims=tuple(sorted(claims, key=lambda one: one.id)),
        checks=tuple(sorted(checks, key=lambda one: one.name)),
        location=location,
        updated=_instant(updated) if updated else None,
        troubles=tuple(_troubles(board)),
        next_check=ahead.check,
        next_report=ahead.report,
    )
    return _compared(report, earlier)


def settled(report: Report, earlier: Earlier | None) -> Report:
    """The report of a single look: what stands as it did in the last one does so since then."""
    if earlier is None:
        return report

    def since(claim: ClaimFacts) -> float | None:
        standing, before = earlier.standings.get(claim.id, ("", None))
        return before if standing == claim.standing else claim.since

    return replace(report, claims=tuple(replace(one, since=since(one)) for one in report.claims))


def as_earlier(report: Report) -> Earlier:
    """What the next report is held against."""
    return Earlier(
        made=report.made,
        standings={one.id: (one.standing, one.since) for one in report.claims},
        results={one.name: one.result for one in report.checks},
        within={one.name: one.within for one in report.checks if one.within is not None},
        moved=report.moved,
        between=report.between,
    )


def _compared(report: Report, earlier: Earlier | None) -> Report:
    if earlier is None:
        return report
    now = as_earlier(report)
    standings = {name: standing for name, (standing, _) in earlier.standings.items()}
    moved = (
        *_moved(
            "claim", standings, {name: standing for name, (standing, _) in now.standings.items()}
        ),
        *_moved("check", earlier.results, now.results),
    )
    if not moved:
        return replace(report, compared=earlier.made, moved=earlier.moved, between=earlier.between)
    return replace(
        report,
        compared=earlier.made,
        fresh=len(moved),
        moved=moved,
        between=(earlier.made, report.made),
    )


def _moved(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Moved]:
    for name in sorted({*before, *after}):
        was, now = before.get(name, ""), after.get(name, "")
        if was != now:
            yield Moved(what, name, was, now)


def _instant(when: datetime) -> float:
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _troubles(board: Board) -> Iterator[str]:
    reading = board.reading
    if not reading.config_loaded:
        yield "The configuration cannot be read: the last good one is in force."
    if not reading.ledger_readable:
        yield "The ledger cannot be read: the last good reading is in force."
    if not reading.ledger_believed:
        yield "Too much of the ledger is gone: the last good reading is in force."
    if not board.view.up:
        yield "The daemon itself cannot see: what it looks at is unknown."
    for one in board.lists:
        if not one.good:
            yield f"The targets of {one.check} cannot be listed: {one.source}"


def facts_of(status: CheckStatus, before: float | None) -> CheckFacts:
    """What the last look of a check saw; `before` is its `within` in the last report."""
    check, last = status.check, status.last
    return CheckFacts(
        name=check.name,
        kind=check.kind,
        target=check.target,
        result=last.result.value if last else UNSEEN,
        every=check.timing.interval,
        within=_step(last.last.duration, before) if last else None,
        failure=_failure(status) if status.failing else "",
        details=tuple(_details(last.last.facts)) if last else (),
        judged=tuple(_judged(last.last)) if last else (),
        maintenance=status.maintenance.why if status.maintenance else "",
    )


def _failure(status: CheckStatus) -> str:
    """Why it fails: as the outage began, for what each run says may differ a little."""
    failure = status.state.failure or (status.last.failure if status.last else None)
    return f"{failure.reason.value}: {failure.detail}" if failure else ""


def _step(duration: float, before: float | None) -> float:
    if before is not None and before / CALM < duration <= before:
        return before
    return next((step for step in STEPS if duration <= step), STEPS[-1])


def _details(facts: Mapping[str, Fact]) -> Iterator[tuple[str, str]]:
    for fact, name in _NAMED.items():
        if fact in facts:
            yield name, str(facts[fact])
    expiry = facts.get("cert_expiry")
    if isinstance(expiry, float) and 0 < expiry < _LAST_YEAR:
        yield "certificate until", f"{datetime.fromtimestamp(expiry, UTC):%Y-%m-%d}"


def _judged(attempt: Attempt) -> Iterator[Judged]:
    for one in attempt.judgements:
        # How long it took is another number with every run, and is told by its step.
        tells = not one.met and one.reason is not Reason.LATENCY
        yield Judged(one.name, one.met, one.expected, one.found if tells else "")


def _claim(claim: ClaimStatus, checks: Mapping[str, CheckStatus], drill: bool) -> ClaimFacts:
    return ClaimFacts(
        id=claim.item.id,
        title=claim.item.title,
        section=claim.item.section.value,
        standing=claim.standing.value,
        since=claim.since,
        basis=claim.basis.value,
        checks=tuple(sorted(claim.checks)),
        missing=claim.missing,
        why=tuple(_why(claim, checks)),
        blind=claim.blind.value if claim.blind else "",
        maintenance=claim.maintenance.why if claim.maintenance else "",
        drill=drill,
    )


def _why(claim: ClaimStatus, checks: Mapping[str, CheckStatus]) -> Iterable[tuple[str, str]]:
    if claim.standing is not Standing.CONTRADICTED:
        return
    for name in sorted(claim.checks):
        status = checks.get(name)
        if status and status.standing is Standing.CONTRADICTED and (why := _failure(status)):
            yield name, why
