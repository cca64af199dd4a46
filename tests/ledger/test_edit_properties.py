"""What holds for the edit of any file at all."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

from hypothesis import example, given, settings
from hypothesis import strategies as st

from evidenced.ledger import edit
from evidenced.ledger.edit import Files
from evidenced.ledger.edit_archive import archive
from evidenced.ledger.edit_document import Document, EditError
from evidenced.ledger.edit_places import find_places
from evidenced.ledger.model import Item, Section
from evidenced.ledger.parse import parse_data

TODAY = date(2026, 11, 25)

HEADINGS = ["## CLOSED ✅", "## STABLE", "## IN PROGRESS (WIP=1)", "## BLOCKED", "## NEXT", "# X"]
LINES = [
    *HEADINGS,
    "- **Alpha**: text",
    "* Beta: /a returns 200 ✅",
    "+ **Gamma:** PR #7, `docs/a.md` (Closed: 2026-02-20)",
    "1. **Delta** (Closed: 2026-11-01)",
    "10) [ ] **Epsilon**",
    "   continued",
    "  - **DoD**:",
    "    - [ ] point",
    "\t- tab",
    "- - **Zeta**: twice",
    "### 1) Eta",
    "### Theta",
    "Iota",
    "----",
    "- (none)",
    "None at present.",
    "- **WIP**: Kappa",
    "**Evidence**: `x.md`",
    "**Last Updated**: 2026-11-20 08:15 UTC",
    "```",
    "> quote",
    "| a | b |",
    "|---|---|",
    "<!-- id: x -->",
    "<details>",
    "‚úÖ ‚Üí",
    "caf\udce9",
    "",
    "",
    "  ",
]
ANY_LINE = st.one_of(st.sampled_from(LINES), st.text(max_size=12))
TEXTS = st.lists(ANY_LINE, max_size=24).flatmap(
    lambda lines: st.tuples(
        st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\ufeff"]), st.booleans()
    ).map(lambda how: how[1] + how[0].join(lines) + (how[0] if how[2] else ""))
)


def surrogates_survive(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


DATA = (
    TEXTS.filter(surrogates_survive)
    .map(lambda text: text.encode("utf-8", "surrogateescape"))
    .filter(lambda data: not data.startswith((b"\xff\xfe", b"\xfe\xff")))
)


def lines_outside(before: Document, moved: Item | None, target: Section) -> list[str]:
    """The lines that an edit has no business with, without the break that the last may lack."""
    places = find_places(before)
    touched: set[int] = set()
    if moved is not None:
        there = places.ledger.sections[moved.section]
        place = places.place(next(item for item in there if item.line == moved.line))
        touched |= set(range(place.begin, place.end))
    for part in places.of(target):
        touched |= set(range(*part.nothing)) if part.nothing else set()
    return [
        line for index, line in enumerate(before.lines) if index not in touched and line.strip()
    ]


def is_subsequence(wanted: list[str], found: Document) -> bool:
    """Whether the lines are all there, byte for byte and in their order."""
    there = iter(found.lines)
    *most, last = wanted or [""]
    ends = tuple(last.rstrip("\r\n") + end for end in ("", "\n", "\r\n", "\r"))
    # The file's last line may get or lose its break, so that the file ends as it did.
    return all(line in there for line in most) and (not last or any(one in ends for one in there))


def others(data: bytes, but: Item | None) -> list[tuple[str, str, str]]:
    ledger = parse_data(data)
    title = but.title if but else None
    return sorted(
        (item.section.value, item.title, item.text)
        for section in Section
        for item in ledger.sections[section]
        if item.title != title
    )


def started(document: Document, title: str) -> Document:
    return edit.start(Files(document), title).ledger


def holds(
    data: bytes, moved: Item | None, target: Section, act: Callable[[Document], Document]
) -> None:
    before = Document.of(data)
    try:
        after = act(before)
    except EditError:
        return
    assert is_subsequence(lines_outside(before, moved, target), after)
    ended = not before.lines or data.endswith((b"\n", b"\r"))
    assert after.data.endswith((b"\n", b"\r")) == ended
    assert Document.of(after.data) == after
    stamp = datetime(2026, 12, 1, tzinfo=UTC)
    assert len(edit.stamped(after, stamp).lines) == len(after.lines)


@settings(deadline=None, max_examples=80)
@given(DATA)
@example(b"\n0\r")
@example(b"## CLOSED\n- **Alpha**: text\n\n- **Alpha**: text")
def test_nothing_but_what_is_meant_changes(data: bytes) -> None:
    document = Document.of(data)
    ledger = find_places(document).ledger
    for item in ledger.sections[Section.CLOSED][:2]:
        reopened = partial(edit.reopen, claim=item.id, evidence="Reopened.")
        holds(data, item, Section.IN_PROGRESS, reopened)
    for item in ledger.sections[Section.STABLE][:2]:
        closed = partial(edit.close, claim=item.id, evidence="Proof.", today=TODAY)
        holds(data, item, Section.CLOSED, closed)
    for item in ledger.sections[Section.IN_PROGRESS][:1]:
        promoted = partial(edit.promote, claim=item.id, checks=["check"])
        holds(data, item, Section.STABLE, promoted)
    planned = ledger.sections[Section.NEXT]
    # Of two that are called the same, the first one is meant.
    for item in [one for one in planned[:2] if edit.named(planned, one.title) is one]:
        holds(data, item, Section.IN_PROGRESS, partial(started, title=item.title))
    holds(data, None, Section.IN_PROGRESS, partial(started, title="Quite new"))
    holds(data, None, Section.NEXT, lambda d: edit.add_next(d, "Quite new", ["p"], limits=None))


@settings(deadline=None, max_examples=60)
@given(DATA)
@example(b"## NEXT\n   continued")
@example(b"## NEXT\n    - [ ] point")
def test_an_edit_that_is_made_adds_what_it_should(data: bytes) -> None:
    before = others(data, None)
    try:
        after = edit.add_next(Document.of(data), "Quite new", ["a point"], limits=None)
    except EditError:
        return
    found = parse_data(after.data).sections[Section.NEXT]
    (new,) = [item for item in found if item.title == "Quite new"]
    assert new.done_when == ("a point",)
    assert others(after.data, new) == before


@settings(deadline=None, max_examples=60)
@given(DATA)
def test_an_archive_and_its_ledger_have_all_items(data: bytes) -> None:
    document = Document.of(data)
    try:
        made = archive(
            document, before=date(2026, 6, 1), today=TODAY, source="STATE.md", name="old one.md"
        )
    except EditError:
        return
    moved = parse_data(made.archive.data).sections[Section.CLOSED]
    left = parse_data(made.ledger.data).sections[Section.CLOSED]
    all_of_it = parse_data(data).sections[Section.CLOSED]
    assert sorted(item.text for item in (*moved, *left)) == sorted(i.text for i in all_of_it)
    assert all(item.closed and item.closed < date(2026, 6, 1) for item in moved)
