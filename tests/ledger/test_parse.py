import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from evidenced.ledger.jsonform import reference_json
from evidenced.ledger.model import Item, Ledger, LedgerError, Section
from evidenced.ledger.parse import parse, read


@pytest.fixture(scope="module")
def ledger(saltmarsh: Path) -> Ledger:
    return read(saltmarsh)


def cites(item: Item) -> list[tuple[str, ...]]:
    """The references of an item: what they hold, without the names."""
    forms = [reference_json(reference) for reference in item.references]
    return [tuple(str(value) for value in form.values()) for form in forms]


def test_sections_hold_their_items_and_no_others(ledger: Ledger) -> None:
    titles = {
        section.value: [item.title for item in items] for section, items in ledger.sections.items()
    }
    assert titles == {
        "closed": [
            "Door/sshguard",
            "Order mails",
            "Shelf search",
            "Gift wrapping",
            "Έκδοση τιμολογίων",
            "Stock count",
            "Order mails",
            "Card terminal",
            "Till roll",
        ],
        "stable": [
            "Health",
            "Catalogue API",
            "Catalogue",
            "Book page",
            "Sign-in redirects",
            "Sign-in pages",
            "Sign-in pages",
            "Orders API",
            "Old shop",
        ],
        "in_progress": ["Second-hand returns - the whole way back"],
        "blocked": ["Click and collect"],
        "next": ["Round 12 — Carrier switch", "Newsletter", "Wish lists", "Opening hours page"],
    }
    assert ledger.headings == frozenset(Section)
    assert ledger.updated == datetime(2026, 3, 4, 18, 5, tzinfo=UTC)


def test_ids_are_slugs_unless_given(ledger: Ledger) -> None:
    assert [claim.id for claim in ledger.claims] == [
        "door-sshguard",
        "order-mails",
        "shelf-search",
        "gift-wrapping",
        "έκδοση-τιμολογίων",
        "stock-count",
        "order-mails-2",
        "terminal",
        "till-roll",
        "health",
        "catalogue-api",
        "catalogue",
        "book-page",
        "sign-in-redirects",
        "sign-in-pages",
        "sign-in-pages-2",
        "orders-api",
        "old-shop",
    ]


def test_lines_hold_the_titles(ledger: Ledger, saltmarsh: Path) -> None:
    source = saltmarsh.read_text("utf-8").split("\n")
    items = [item for items in ledger.sections.values() for item in items]
    assert all(item.title in source[item.line - 1] for item in items)


def test_closing_dates(ledger: Ledger) -> None:
    assert [item.closed for item in ledger.sections[Section.CLOSED]] == [
        date(2026, 1, 8),
        date(2026, 1, 11),
        date(2026, 1, 19),
        date(2026, 1, 20),
        date(2026, 1, 22),
        None,
        date(2026, 2, 3),
        date(2026, 2, 4),
        date(2026, 2, 10),
    ]


def test_references_of_closed_items(ledger: Ledger) -> None:
    assert [cites(item) for item in ledger.sections[Section.CLOSED]] == [
        [("document", "docs/ops/DOOR.md")],
        [
            ("test_run", "14"),
            ("pull_request", "41"),
            ("timestamp", "2026-01-11T09:30:05Z"),
            ("commit", "9f2c1ab"),
        ],
        [
            ("test_run", "61", "402"),
            ("pull_request", "52"),
            ("pull_request", "53"),
            ("commit", "0badc0de1"),
        ],
        [("document", "web/src/app/(shop)/cart/page.tsx"), ("http", "/gift", "200")],
        [("timestamp", "2026-01-22T06:00:00Z"), ("http", "/invoice/sample", "200")],
        [("document", ".github/workflows/stock.yml"), ("test_run", "7", "19")],
        [("document", "docs/ops/MAILS.md"), ("pull_request", "77")],
        [("test_run", "None", "28")],
        [],
    ]


def test_references_of_stable_items(ledger: Ledger) -> None:
    assert [cites(item) for item in ledger.sections[Section.STABLE]] == [
        [("http", "/api/health", "200")],
        [("http", "/api/books", "200")],
        [("http", "/books", "200", "['The Salt Path']")],
        [("http", "/books/1", "200")],
        [("http", "/signin", "307", "/auth/signin"), ("http", "/join", "307", "/auth/join")],
        [("http", "/auth/signin", "200"), ("http", "/auth/join", "200")],
        [("http", "/api/signin", "POST", "422")],
        [("http", "/api/orders", "401")],
        [("http", "/shop", "/books")],
    ]


def test_what_stable_sentences_leave_unread(ledger: Ledger) -> None:
    unread = {item.id: item.unread for item in ledger.sections[Section.STABLE] if item.unread}
    assert unread == {
        "catalogue-api": ("with data",),
        "book-page": ("renders the expected cover",),
        "sign-in-pages-2": ("field errors",),
    }


def test_points_that_say_when_work_is_done(ledger: Ledger) -> None:
    work = [*ledger.sections[Section.IN_PROGRESS], *ledger.sections[Section.NEXT]]
    assert [item.done_when for item in work] == [
        ("A return can be asked for at /returns", "The refund reaches the card"),
        ("Contract signed", "Labels of the new carrier print"),
        ("a sign-up form stands on /", "the first issue is out"),
        ("can be shared", "can be emptied"),
        ("Hours are right on holidays",),
    ]


def test_text_is_plain_and_holds_what_is_nested(ledger: Ledger) -> None:
    items = {item.id: item for item in ledger.sections[Section.CLOSED]}
    assert items["gift-wrapping"].text == (
        "The box shows up in web/src/app/(shop)/cart/page.tsx. /gift was 404, see PR: #TBD. "
        "PROD after: /gift → 200 ✅ (Closed: 2026-01-20)"
    )
    assert items["stock-count"].text == (
        "Nightly, see below. Job file: .github/workflows/stock.yml Tests: 7 PASS (19 assertions) "
        "# the count, by hand ./scripts/count.sh --dry-run shelf books A–F 1200 "
        "Done on a quiet day. (Closed: 2026-02-30)"
    )


def test_findings_are_in_the_order_of_the_lines(ledger: Ledger) -> None:
    assert [(finding.rule, finding.line) for finding in ledger.findings] == [
        ("unknown-section", 7),
        ("closed-date-invalid", 22),
        ("unknown-section", 97),
        ("duplicate-section", 104),
    ]
    assert "'How we work'" in ledger.findings[2].message


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("**Last Updated**: 2026-03-04 18:05 UTC", datetime(2026, 3, 4, 18, 5, tzinfo=UTC)),
        ("**Last Updated:** 2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("Last updated: 2026-03-04T18:05:09Z", datetime(2026, 3, 4, 18, 5, 9, tzinfo=UTC)),
        ("Last updated 2026-03-04 18:05", datetime(2026, 3, 4, 18, 5, tzinfo=UTC)),
        ("> _Last update_: 4 March 2026", datetime(2026, 3, 4, tzinfo=UTC)),
        ("- Updated: 2026-03-04T18:05+02:00", datetime(2026, 3, 4, 16, 5, tzinfo=UTC)),
        (
            "**Owner**: Ann\n**Last Updated**: 2026-03-04 (round 9)",
            datetime(2026, 3, 4, tzinfo=UTC),
        ),
        ("Nothing about it, but 2026-03-04.", None),
        ("We last updated the shop 2026-03-04.", None),
    ],
)
def test_time_of_the_last_update(text: str, moment: datetime | None) -> None:
    assert parse(f"# Ops\n\n{text}\n\n## CLOSED\n").updated == moment


def test_time_of_the_last_update_in_a_section_is_of_something_else() -> None:
    assert parse("## STABLE\n**Evidence**: last updated 2026-03-04\n").updated is None


def test_impossible_time_of_the_last_update_is_a_finding() -> None:
    ledger = parse("# Ops\n\nLast updated: 2026-02-31\n\n## CLOSED\n")
    assert ledger.updated is None
    assert [(finding.rule, finding.line) for finding in ledger.findings] == [("updated-invalid", 3)]


def test_ids_in_comments() -> None:
    ledger = parse(
        "## CLOSED\n"
        "- **A**: at the end <!-- id: first -->\n"
        "- **B**: on the next line\n"
        "  <!-- id: second -->\n"
        "- <!-- id: third --> **C**: at the start\n"
        "- **D**: not that of a nested bullet\n"
        "  - nested <!-- id: nested -->\n"
        "- **E**: the name is taken <!-- id: first -->\n"
        "- **First**: and so is its slug\n"
        "\n"
        "<!-- id: stray -->\n"
    )
    assert [claim.id for claim in ledger.claims] == [
        "first",
        "second",
        "third",
        "d",
        "first-2",
        "first-3",
    ]
    assert [(finding.rule, finding.line) for finding in ledger.findings] == [
        ("duplicate-id", 8),
        ("misplaced-id", 11),
    ]


def test_ids_of_claims_and_of_work_do_not_compete() -> None:
    ledger = parse("## NEXT\n- **Search**: better\n## CLOSED\n- **Search**: done\n")
    assert ledger.sections[Section.NEXT][0].id == "search"
    assert ledger.sections[Section.CLOSED][0].id == "search"


def test_lines_end_where_markdown_ends_them() -> None:
    text = "## CLOSED\r\n- **A**: a\u2028b\x0cc\x85d\x0b\r- **B**: b\n\n- **C**: c"
    assert [(claim.title, claim.line) for claim in parse(text).claims] == [
        ("A", 2),
        ("B", 3),
        ("C", 5),
    ]


def test_title_on_the_line_below_its_bullet() -> None:
    (claim,) = parse("## CLOSED\n-\n  **A**: a\n").claims
    assert (claim.title, claim.line) == ("A", 3)


def test_byte_order_mark_and_missing_final_newline(tmp_path: Path) -> None:
    path = tmp_path / "STATE.md"
    path.write_bytes(b"\xef\xbb\xbf## CLOSED\r\n- **A**: a")
    assert [claim.title for claim in read(path).claims] == ["A"]


def test_file_in_windows_1252_is_read(tmp_path: Path) -> None:
    path = tmp_path / "STATE.md"
    path.write_bytes("## CLOSED\n- **Café “Süd”**: 5 € – ok\n".encode("cp1252"))
    ledger = read(path)
    assert ledger.claims[0].title == "Café “Süd”"
    assert [(finding.rule, finding.line) for finding in ledger.findings] == [("not-utf8", 2)]


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf\n"], ids=repr)
def test_empty_file_is_an_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "STATE.md"
    path.write_bytes(data)
    with pytest.raises(LedgerError) as raised:
        read(path)
    assert str(raised.value) == f"{path}: is empty"


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "none.md"
    with pytest.raises(LedgerError) as raised:
        read(path)
    assert str(raised.value) == f"{path}: cannot be read: No such file or directory"


def test_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as raised:
        read(tmp_path)
    assert str(raised.value) == f"{tmp_path}: is a directory, not a ledger"


def test_pipe_is_an_error_and_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(LedgerError, match="is no regular file"):
        read(path)


def test_path_that_cannot_be_a_file_is_an_error() -> None:
    with pytest.raises(LedgerError, match="cannot be read") as raised:
        read(Path("a\0b"))
    assert "\n" not in str(raised.value)
