"""Which claims a page shows, and how large it is for many."""

import time
from dataclasses import replace

import pytest

from evidenced.ledger.model import Item, Ledger, Section
from evidenced.probes.attempt import Attempt
from evidenced.publish.page.answer import answer
from evidenced.publish.page.changes import changed, restood, seen
from evidenced.publish.page.headers import Static
from evidenced.publish.page.listing import OVERVIEW, PAGE, Shown, choose, show
from evidenced.publish.page.question import Question
from evidenced.publish.page.recent import Recent
from evidenced.publish.page.render import Moment, Pages
from evidenced.publish.page.snapshot import Snapshot
from evidenced.publish.page.strip import DAYS, History
from evidenced.watch.board import Board, CheckStatus, ClaimStatus
from evidenced.watch.drill import Drill
from evidenced.watch.observation import Observation
from evidenced.watch.verdict import CheckState, Standing

NOW = 1_800_000_000.0


def item(section: Section, number: int) -> Item:
    text = f"Sentence {number} about a page of the shop that is told at some length. " * 4
    return Item(f"{section}-{number}", section, f"Claim {number} <of> many", text, number)


@pytest.fixture
def large(board: Board) -> Snapshot:
    """A board of 10,000 claims, every third contradicted, each with a check of its own."""
    sections = {
        Section.CLOSED: tuple(item(Section.CLOSED, n) for n in range(5000)),
        Section.STABLE: tuple(item(Section.STABLE, n) for n in range(5000)),
        Section.NEXT: (item(Section.NEXT, 1),),
    }
    pattern = board.checks["bells"].check
    claims, checks = {}, {}
    for one in (*sections[Section.CLOSED], *sections[Section.STABLE]):
        standing = Standing.CONTRADICTED if one.line % 3 == 0 else Standing.VERIFIED
        check = replace(pattern, name=f"check-{one.id}", claims=(one.id,))
        checks[check.name] = CheckStatus(check, CheckState(confirmed=standing))
        claims[one.id] = replace(
            next(iter(board.claims.values())),
            item=one,
            checks=(check.name,),
            standing=standing,
            since=NOW - 60,
            last_verified=NOW,
        )
    ledger = Ledger(None, sections, frozenset(sections))
    return replace(Snapshot.of(board, NOW), claims=claims, checks=checks, ledger=ledger)


def shown(snapshot: Snapshot, question: Question) -> tuple[Shown, ...]:
    return show(choose(snapshot, question), snapshot, question, {}, Recent())


def test_pages_of_a_section(large: Snapshot) -> None:
    [first] = shown(large, Question(section=Section.STABLE))
    assert (first.first, first.last, first.total) == (1, PAGE, 5000)
    assert first.before == ""
    assert first.after == "/?section=stable&page=2"
    [last] = shown(large, Question(section=Section.STABLE, page=99_999))
    assert (last.first, last.last) == (4981, 5000)
    assert last.before == "/?section=stable&page=83"
    assert last.after == ""
    rows = [row.id for row in last.rows]
    assert rows == [f"stable-{number}" for number in range(4980, 5000)]


def test_an_overview_of_all_sections(large: Snapshot) -> None:
    found = shown(large, Question())
    assert [one.title for one in found] == ["CLOSED", "STABLE", "IN PROGRESS", "BLOCKED", "NEXT"]
    assert [len(one.rows) for one in found] == [OVERVIEW, OVERVIEW, 0, 0, 0]
    assert [one.total for one in found] == [5000, 5000, 0, 0, 1]
    assert found[0].after == "/?section=closed"
    assert found[4].items[0].id == "next-1"


def test_filters_keep_each_other(large: Snapshot) -> None:
    found = shown(large, Question("claim 30", standing=Standing.CONTRADICTED))
    assert [one.title for one in found] == ["CLOSED", "STABLE"]
    assert all(row.standing is Standing.CONTRADICTED for one in found for row in one.rows)
    assert found[0].after == "/?q=claim+30&section=closed&standing=contradicted"
    assert shown(large, Question("nothing like it")) == ()


@pytest.mark.parametrize("question", [Question(), Question(section=Section.CLOSED)], ids=str)
def test_ten_thousand_claims_are_a_small_page(
    large: Snapshot, question: Question, good: Attempt, bad: Attempt
) -> None:
    recent = Recent()
    for name, status in large.checks.items():
        if name.endswith(("0", "1", "2", "3")):
            for number in range(48):
                attempt = replace(bad if number % 2 else good, duration=number / 7)
                recent.seen(Observation(status.check, 0.0, 1.0, (attempt,)))
    worst = History(tuple(n % 4 for n in range(DAYS)), 5.0, 1.0)
    histories = dict.fromkeys(large.checks, worst)
    pages = Pages(Static())
    began = time.process_time()
    sections = show(choose(large, question), large, question, histories, recent)
    text = pages.listing(
        answer(large), sections, question, Moment(NOW, seen(large).mark), partial=False
    )
    took = time.process_time() - began
    assert "3,334 claims contradicted" in text
    assert "&lt;of&gt;" in text
    assert len(text.encode()) < 200_000
    assert took < 1.0


def restanding(snapshot: Snapshot, name: str, standing: Standing) -> Snapshot:
    claims: dict[str, ClaimStatus] = dict(snapshot.claims)
    claims[name] = replace(claims[name], standing=standing)
    return replace(snapshot, claims=claims)


def test_what_looks_different(board: Board) -> None:
    first = Snapshot.of(board, NOW)
    before = seen(first)
    assert changed(before, seen(Snapshot.of(board, NOW + 5))) == ()
    after = seen(restanding(first, "stable-2", Standing.CONTRADICTED))
    assert changed(before, after) == ("stable-2",)
    assert list(restood(before, after, changed(before, after))) == ["stable-2"]
    assert before.mark != after.mark
    drill = Drill(claim="stable-3", section="stable", began=NOW, until=NOW + 9, who="", why="")
    drilled = seen(replace(first, drills={"stable-3": drill}))
    assert changed(before, drilled) == ("stable-3",)
    assert list(restood(before, drilled, ("stable-3",))) == []
    fewer = {name: one for name, one in first.claims.items() if name != "stable-4"}
    assert changed(before, seen(replace(first, claims=fewer))) == ("stable-4",)


def test_every_run_changes_nothing_of_the_looks(board: Board) -> None:
    first = Snapshot.of(board, NOW)
    claims = {name: replace(one, last_verified=NOW) for name, one in first.claims.items()}
    assert seen(replace(first, claims=claims)).mark == seen(first).mark
