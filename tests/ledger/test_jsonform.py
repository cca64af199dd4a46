import json
from pathlib import Path

from evidenced.ledger.jsonform import to_json
from evidenced.ledger.parse import parse, read


def test_shape() -> None:
    text = (
        "**Last Updated**: 2026-03-04 18:05 UTC\n"
        "## NEXT\n- **N**: n\n  - point\n"
        "## STABLE\n"
        '- **S**: /a → /b (307), POST /c returns 201, shows "One"\n'
        "## CLOSED\n"
        "- **C**: PR #7 merged 2026-01-08T09:00:00Z, `docs/c.md`, 12 tests pass (42 assertions),"
        " commit 9f2c1ab, https://a.example (Closed: 2026-01-08)\n"
        "- **D**: d\n"
        "## IN PROGRESS\n- **WIP**: W\n"
        "## BLOCKED\n- **B**: b\n"
        "## Rest\n"
    )
    form = to_json(parse(text))
    assert list(form["sections"]) == ["closed", "stable", "in_progress", "blocked", "next"]
    assert form == {
        "updated": "2026-03-04T18:05:00Z",
        "sections": {
            "closed": [
                {
                    "id": "c",
                    "title": "C",
                    "text": "PR #7 merged 2026-01-08T09:00:00Z, docs/c.md, 12 tests pass"
                    " (42 assertions), commit 9f2c1ab, https://a.example (Closed: 2026-01-08)",
                    "closed": "2026-01-08",
                    "line": 8,
                    "references": [
                        {"kind": "pull_request", "ref": "7"},
                        {"kind": "timestamp", "at": "2026-01-08T09:00:00Z"},
                        {"kind": "document", "ref": "docs/c.md"},
                        {"kind": "test_run", "tests": 12, "assertions": 42},
                        {"kind": "commit", "ref": "9f2c1ab"},
                        {"kind": "url", "ref": "https://a.example"},
                    ],
                },
                {"id": "d", "title": "D", "text": "d", "closed": None, "line": 9, "references": []},
            ],
            "stable": [
                {
                    "id": "s",
                    "title": "S",
                    "text": '/a → /b (307), POST /c returns 201, shows "One"',
                    "line": 6,
                    "references": [
                        {"kind": "http", "path": "/a", "status": 307, "location": "/b"},
                        {
                            "kind": "http",
                            "path": "/c",
                            "method": "POST",
                            "status": 201,
                            "contains": ["One"],
                        },
                    ],
                }
            ],
            "in_progress": [
                {"id": "w", "title": "W", "text": "", "line": 11, "references": [], "done_when": []}
            ],
            "blocked": [{"id": "b", "title": "B", "text": "b", "line": 13, "references": []}],
            "next": [
                {
                    "id": "n",
                    "title": "N",
                    "text": "n point",
                    "line": 3,
                    "references": [],
                    "done_when": ["point"],
                }
            ],
        },
        "findings": [
            {
                "rule": "unknown-section",
                "line": 14,
                "message": "section 'Rest' is none of the ledger's: what stands in it are no items",
            }
        ],
    }


def test_nothing_said_is_null_and_empty() -> None:
    form = to_json(parse(""))
    assert form["updated"] is None
    assert set(map(tuple, form["sections"].values())) == {()}
    assert form["findings"] == []


def test_number_of_tests_that_is_not_said_is_null() -> None:
    form = to_json(parse("## CLOSED\n- **A**: All tests pass (42 assertions)\n"))
    assert form["sections"]["closed"][0]["references"] == [
        {"kind": "test_run", "tests": None, "assertions": 42}
    ]


def test_encoding_of_the_file_is_not_part_of_it() -> None:
    text = "## CLOSED ✅\n- **A → B**: a\n"
    damaged = parse(text.encode().decode("mac_roman"))
    assert [finding.rule for finding in damaged.findings] == ["mojibake"]
    assert to_json(damaged) == to_json(parse(text))


def test_it_is_json(saltmarsh: Path) -> None:
    form = to_json(read(saltmarsh))
    assert json.loads(json.dumps(form)) == form
