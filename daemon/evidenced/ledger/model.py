"""The parsed ledger: sections of items, each item with the references that it cites."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar


class Layout(StrEnum):
    """How a ledger is laid out: by sections, or as a journal of dated passes."""

    SECTIONS = "sections"
    JOURNAL = "journal"


class Section(StrEnum):
    """The five sections that a ledger has."""

    CLOSED = "closed"
    STABLE = "stable"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    NEXT = "next"


CLAIMED = (Section.CLOSED, Section.STABLE)
"""The sections whose items are claims: said to hold in production."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request by its number, as written after `PR #`."""

    kind: ClassVar[str] = "pull_request"
    ref: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file that the item names in code marks or as a relative link."""

    kind: ClassVar[str] = "document"
    ref: str


@dataclass(frozen=True, slots=True)
class TestRun:
    """A count of tests that passed, with the assertions in them where the item gives these.

    `tests` is None where the item says only how many assertions held: a count is not invented.
    """

    __test__: ClassVar[bool] = False
    kind: ClassVar[str] = "test_run"
    tests: int | None
    assertions: int | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit by its abbreviated or whole hash."""

    kind: ClassVar[str] = "commit"
    ref: str


@dataclass(frozen=True, slots=True)
class Url:
    """An absolute http or https address."""

    kind: ClassVar[str] = "url"
    ref: str


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment that the item names, such as when something was merged; always in UTC."""

    kind: ClassVar[str] = "timestamp"
    at: datetime


@dataclass(frozen=True, slots=True)
class Http:
    """A path and the answer that the item says it gives."""

    kind: ClassVar[str] = "http"
    path: str
    status: int | None = None
    location: str | None = None
    method: str = "GET"
    contains: tuple[str, ...] = ()


Reference = PullRequest | Document | TestRun | Commit | Url | Timestamp | Http


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a section.

    `line` is the 1-based line of the source on which the entry begins. `unread` holds the phrases
    of a STABLE sentence that say something of an answer, but which no reference could be made of.
    """

    id: str
    section: Section
    title: str
    text: str
    line: int
    closed: date | None = None
    references: tuple[Reference, ...] = ()
    done_when: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the ledger that breaks one of its rules; `rule` is a stable identifier."""

    rule: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """One reading of a ledger file.

    `lines` and `size` (bytes in UTF-8) are those of the text, and `updated_line` is the 1-based
    line that states the last update.
    """

    updated: datetime | None
    sections: Mapping[Section, tuple[Item, ...]]
    headings: frozenset[Section]
    """The sections that have a heading in the file, be they empty or not."""
    findings: tuple[Finding, ...] = ()
    layout: Layout = Layout.SECTIONS
    updated_line: int = 1
    lines: int = 0
    size: int = 0

    @property
    def claims(self) -> tuple[Item, ...]:
        """The items of CLOSED and STABLE, in that order."""
        return tuple(item for section in CLAIMED for item in self.sections.get(section, ()))


class LedgerError(Exception):
    """The ledger cannot be read at all; the message is one line that begins with `file: `."""
