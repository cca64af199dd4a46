from datetime import UTC, date, datetime

import pytest

from evidenced.ledger.dates import closing_date, moments
from evidenced.ledger.parse import parse


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("done (Closed: 2026-01-08)", date(2026, 1, 8)),
        ("done (closed 2026-01-08)", date(2026, 1, 8)),
        ("done. Closed on 2026-01-08.", date(2026, 1, 8)),
        ("done — CLOSED: 2026/1/8", date(2026, 1, 8)),
        ("done (**Closed**: 2026-01-08)".replace("*", ""), date(2026, 1, 8)),
        ("done (Closed: 8 January 2026)", date(2026, 1, 8)),
        ("done (Closed: Jan 8, 2026)", date(2026, 1, 8)),
        ("done (Closed: 2026-01-08 14:00 UTC)", date(2026, 1, 8)),
        ("issue closed 2025-12-01, all done (Closed: 2026-01-08)", date(2026, 1, 8)),
        ("done (Closed: 2026-02-30)", None),
        ("done (Closed: 2026-13-01)", None),
        ("done (Closed: 0000-00-00)", None),
        ("done (Closed: soon)", None),
    ],
)
def test_closing_date(text: str, day: date | None) -> None:
    found = closing_date(text)
    assert found is not None
    assert found[0] == day


@pytest.mark.parametrize(
    "text",
    ["done", "done 2026-01-08", "disclosed 2026-01-08", "closed source", "Closed:", "closed ()"],
)
def test_no_closing_date(text: str) -> None:
    assert closing_date(text) is None


def test_impossible_closing_date_is_a_finding_and_no_date() -> None:
    ledger = parse("## CLOSED\n- A\n- **B**: b (Closed: 2026-02-30)\n")
    assert [claim.closed for claim in ledger.claims] == [None, None]
    (finding,) = ledger.findings
    assert (finding.rule, finding.line) == ("closed-date-invalid", 3)
    assert "'2026-02-30'" in finding.message


def utc(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("merged 2026-01-08T00:24:04Z", [utc(2026, 1, 8, 0, 24, 4)]),
        ("at 2026-01-08 20:29:13 UTC (ok)", [utc(2026, 1, 8, 20, 29, 13)]),
        ("(2026-01-08 22:40 UTC):", [utc(2026, 1, 8, 22, 40)]),
        ("2026-01-08T22:40 UTC", [utc(2026, 1, 8, 22, 40)]),
        ("2026-01-08T11:50Z.", [utc(2026, 1, 8, 11, 50)]),
        ("2026-01-08 22:40 (UTC)", [utc(2026, 1, 8, 22, 40)]),
        ("2026-01-08 22:40", [utc(2026, 1, 8, 22, 40)]),
        ("2026-01-08T22:40:00.123456Z", [utc(2026, 1, 8, 22, 40)]),
        ("2026-01-08T22:40:00+02:00", [utc(2026, 1, 8, 20, 40)]),
        ("2026-01-08 00:30:39 -07:00", [utc(2026, 1, 8, 7, 30, 39)]),
        ("2026-01-08 07:20-09:45 UTC", [utc(2026, 1, 8, 7, 20)]),
        ("8 January 2026, 22:40 UTC", [utc(2026, 1, 8, 22, 40)]),
        ("2026-01-08 22:40 EET", []),
        ("2026-01-08 22:40 (PST)", []),
        ("merged 2026-01-08", []),
        ("2026-02-30T10:00Z", []),
        ("2026-01-08T25:00Z", []),
        ("0001-01-01T00:00:00+10:00", []),
        ("2026-01-08T22:40:00+99:99", []),
        ("(Closed: 2026-01-08 22:40 UTC)", []),
        ("12026-01-08T22:40Z", []),
        (
            "from 2026-01-08T01:00Z to 2026-01-08T02:00Z",
            [utc(2026, 1, 8, 1, 0), utc(2026, 1, 8, 2, 0)],
        ),
    ],
)
def test_moments(text: str, found: list[datetime]) -> None:
    assert [moment for _, moment in moments(text)] == found
