"""The sections of the page: which claims and items they show of all that match."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidenced.ledger.model import CLAIMED, Item, Section
from evidenced.publish.page.question import Question
from evidenced.publish.page.recent import Recent
from evidenced.publish.page.rows import Histories, Row, row
from evidenced.publish.page.snapshot import Snapshot
from evidenced.watch.board import ClaimStatus

OVERVIEW = 30
"""Claims or items of each section on a page that shows all sections."""

PAGE = 60
"""Those on a page of one section."""

TITLES = {
    Section.CLOSED: ("CLOSED", "not to be reopened without new proof"),
    Section.STABLE: ("STABLE", "working, with evidence"),
    Section.IN_PROGRESS: ("IN PROGRESS", "what is being worked on"),
    Section.BLOCKED: ("BLOCKED", "what waits for something"),
    Section.NEXT: ("NEXT", "what comes after that"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a section shows: from the one numbered `first` (from 1) on, of `total` that match."""

    section: Section
    claims: tuple[ClaimStatus, ...]
    items: tuple[Item, ...]
    first: int
    total: int

    @property
    def last(self) -> int:
        """The number of the last one shown."""
        return self.first + len(self.claims) + len(self.items) - 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as the page shows it; `before` and `after` are addresses of other pages, or ""."""

    section: Section
    title: str
    note: str
    rows: tuple[Row, ...]
    items: tuple[Item, ...]
    first: int
    last: int
    total: int
    before: str
    after: str


def choose(snapshot: Snapshot, question: Question) -> tuple[Chosen, ...]:
    """What is shown; sections without a match are left out where less than all is asked for."""
    found = (_choose(snapshot, question, section) for section in Section)
    return tuple(one for one in found if one is not None)


def checks_of(chosen: Sequence[Chosen]) -> Iterator[str]:
    """The checks that speak for the claims that are shown."""
    return (name for one in chosen for claim in one.claims for name in claim.checks)


def show(
    chosen: Sequence[Chosen],
    snapshot: Snapshot,
    question: Question,
    histories: Histories,
    recent: Recent,
) -> tuple[Shown, ...]:
    """The sections with their rows."""
    return tuple(
        Shown(
            section=one.section,
            title=TITLES[one.section][0],
            note=TITLES[one.section][1],
            rows=tuple(row(claim, snapshot, histories, recent) for claim in one.claims),
            items=one.items,
            first=one.first,
            last=one.last,
            total=one.total,
            before=_page(question, one, -1) if one.first > 1 else "",
            after=_page(question, one, 1) if one.last < one.total else "",
        )
        for one in chosen
    )


def _choose(snapshot: Snapshot, question: Question, section: Section) -> Chosen | None:
    if question.section not in (None, section):
        return None
    size = PAGE if question.section else OVERVIEW
    if section in CLAIMED:
        matching = [
            claim
            for claim in snapshot.claims.values()
            if claim.item.section is section
            and question.standing in (None, claim.standing)
            and question.matches(claim.item)
        ]
        start = _start(question, size, len(matching))
        claims = tuple(matching[start : start + size])
        one = Chosen(section, claims, (), start + 1, len(matching))
    elif question.standing is not None:
        return None
    else:
        items = [
            item for item in snapshot.ledger.sections.get(section, ()) if question.matches(item)
        ]
        start = _start(question, size, len(items))
        one = Chosen(section, (), tuple(items[start : start + size]), start + 1, len(items))
    return None if question.asks and not one.total else one


def _start(question: Question, size: int, total: int) -> int:
    """Where the page begins; one beyond the last is the last."""
    page = question.page if question.section else 1
    return min(page - 1, max(total - 1, 0) // size) * size


def _page(question: Question, one: Chosen, step: int) -> str:
    if question.section is None:
        # From the overview it goes to the section itself, which has longer pages.
        return question.with_page(one.section, 1).href
    here = (one.first - 1) // PAGE + 1
    return question.with_page(one.section, here + step).href
