"""What a rule is, what it looks at, and what it finds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from evidenced.ledger.model import Ledger


class Severity(StrEnum):
    """How much it matters that a rule is broken."""

    OFF = "off"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a ledger may hold: items of IN PROGRESS and NEXT, lines, and bytes."""

    in_progress: int = 1
    next: int = 3
    lines: int = 400
    size: int = 128 * 1024


@dataclass(frozen=True, slots=True)
class Subject:
    """A reading of a ledger, with what a rule has to know beside it.

    What is None is not known, so that the rules that need it are not judged: `missing`, the
    documents that each claim cites and the repository lacks, by the claim's id; `silent`, the ids
    of the claims that no check speaks for; `previous`, the reading before this one.
    """

    ledger: Ledger
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    limits: Limits = field(default_factory=Limits)
    missing: Mapping[str, tuple[str, ...]] | None = None
    silent: frozenset[str] | None = None
    previous: Ledger | None = None


Broken = tuple[int, str]
"""The 1-based line at which a rule is broken, and how, as a message of one line."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `summary` says what it asks for, `hint` how to mend what breaks it.

    `find` gives the places that break it, and is called where `known` says that the subject has
    what it needs. `fixable` are rules whose breach can be mended without judgement.
    """

    id: str
    severity: Severity
    summary: str
    hint: str
    find: Callable[[Subject], Iterable[Broken]]
    known: Callable[[Subject], bool] = lambda subject: True
    fixable: bool = False


@dataclass(frozen=True, slots=True)
class Violation:
    """One place at which a rule is broken."""

    rule: str
    severity: Severity
    line: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Linted:
    """What came of a lint: the severity of each rule that was judged, and what breaks them."""

    judged: Mapping[str, Severity] = field(default_factory=dict)
    violations: tuple[Violation, ...] = ()

    @property
    def errors(self) -> int:
        """How many places break a rule of severity error."""
        return sum(one.severity is Severity.ERROR for one in self.violations)

    @property
    def warnings(self) -> int:
        """How many places break a rule of severity warning."""
        return len(self.violations) - self.errors
