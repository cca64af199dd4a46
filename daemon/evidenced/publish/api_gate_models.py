"""What the gate and the status answer, as the API describes it; `workflow` makes these answers."""

from datetime import date, datetime

from pydantic import ConfigDict

from evidenced.publish.api_models import Answer


class Exact(Answer):
    """A part of an answer that has no other keys than these."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CitedRecord(Exact):
    """A record of evidence as the gate cites it."""

    id: int
    at: datetime
    claim: str
    check: str
    location: str | None
    standing: str
    excerpt: str
    hash: str


class MatchAnswer(Exact):
    """An item that a topic may mean, where it stands, how well it fits, and by what."""

    id: str
    title: str
    section: str
    at: str
    score: float
    by: tuple[str, ...]


class StepAnswer(Exact):
    """One question of the gate: the answer with its place or its evidence, and what to do."""

    question: str
    answer: str
    said: str
    at: str | None
    evidence: CitedRecord | None
    do: tuple[str, ...]
    done_when: tuple[str, ...]


class VerdictAnswer(Exact):
    """Whether work on a topic may begin: `go`, `refused` or `unreadable`, and why.

    `as_good` are items that the topic may mean as well, `near` those that it nearly means.
    """

    topic: str
    answer: str
    reason: str | None
    at: str | None
    matched: MatchAnswer | None
    as_good: tuple[MatchAnswer, ...]
    near: tuple[MatchAnswer, ...]
    words: tuple[str, ...]
    pull_requests: tuple[str, ...]
    threshold: float
    margin: float
    questions: tuple[StepAnswer, ...]


class GateAnswer(VerdictAnswer):
    """The same, and whether it rests on the ledger as the file has it now."""

    ledger_in_force: bool


class LedgerAnswer(Exact):
    """The ledger that the daemon goes by."""

    file: str
    line: int
    updated: datetime | None
    readable: bool
    believed: bool


class ItemAnswer(Exact):
    """An item of the ledger by its id and title, and where it stands."""

    id: str
    title: str
    at: str


class TaskAnswer(ItemAnswer):
    """An item that is in progress or next, and when it is done."""

    done_when: tuple[str, ...]


class FailingCheck(Exact):
    """A check that fails; `reason` is null where nothing is known of it any more."""

    name: str
    target: str
    reason: str | None
    detail: str


class ContradictedAnswer(ItemAnswer):
    """A claim that does not hold, since when, and the checks that say so."""

    closed: date | None = None
    section: str
    since: datetime | None
    checks: tuple[FailingCheck, ...]


class ReopenableAnswer(ItemAnswer):
    """A closed item with new evidence against it."""

    closed: date | None
    evidence: CitedRecord


class Standings(Exact):
    """How many there are of each standing."""

    verified: int
    contradicted: int
    stale: int
    unverified: int
    unknown: int


class FactsAnswer(Standings):
    """How the checks stand, and when the last one was taken.

    `unconfirmed` fail, but not often enough yet; `without_claim` are contradicted, and speak for
    no claim.
    """

    checks: int
    unconfirmed: tuple[FailingCheck, ...]
    without_claim: tuple[FailingCheck, ...]
    last: datetime | None


class LintAnswer(Exact):
    """How many rules of the ledger are broken."""

    errors: int
    warnings: int


class StatusAnswer(Exact):
    """What to read before any work: the ledger, what is in progress, and how production stands.

    `trouble` is why nothing is known of production, if it is so; `gate` is what the gate says of
    the first item of `next`.
    """

    made: datetime
    source: str
    as_of: datetime | None
    trouble: str | None
    ledger: LedgerAnswer
    in_progress: tuple[TaskAnswer, ...]
    in_progress_limit: int
    blocked: tuple[ItemAnswer, ...]
    claims: Standings
    contradicted: tuple[ContradictedAnswer, ...]
    facts: FactsAnswer
    view: bool
    maintenance: tuple[str, ...]
    drills: tuple[str, ...]
    reopenable: tuple[ReopenableAnswer, ...]
    next: tuple[TaskAnswer, ...]
    gate: VerdictAnswer | None
    lint: LintAnswer
