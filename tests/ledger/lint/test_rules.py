"""Each rule on a ledger that breaks it and on one that keeps it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidenced.ledger.lint.model import Limits, Severity, Subject
from evidenced.ledger.lint.run import lint
from evidenced.ledger.lint.table import RULES
from evidenced.ledger.model import Layout
from evidenced.ledger.parse import parse, read

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def broken(
    text: str,
    rule: str,
    *,
    silent: frozenset[str] | None = None,
    missing: Mapping[str, tuple[str, ...]] | None = None,
) -> list[int]:
    """The lines at which a text breaks a rule."""
    subject = Subject(parse(text), now=NOW, silent=silent, missing=missing)
    return [one.line for one in lint(subject).violations if one.rule == rule]


@pytest.mark.parametrize(
    ("rule", "text", "lines"),
    [
        ("wip-limit", "## IN PROGRESS\n- A\n", []),
        ("wip-limit", "## IN PROGRESS\n- A\n- B\n- C\n", [3, 4]),
        ("next-limit", "## NEXT\n- A\n- B\n- C\n", []),
        ("next-limit", "## NEXT\n- A\n- B\n- C\n- D\n", [5]),
        ("next-without-done-when", "## NEXT\n- A\n  - **DoD**: tea is hot\n", []),
        ("next-without-done-when", "## NEXT\n- A\n- B. Done when: tea is hot\n", [2]),
        ("closed-without-date", "## CLOSED\n- **A**: x (Closed: 2026-03-01)\n", []),
        ("closed-without-date", "## CLOSED\n- **A**: x\n- **B**: x (Closed: 2026-02-31)\n", [2]),
        ("closed-date-invalid", "## CLOSED\n- **A**: x\n- **B**: x (Closed: 2026-02-31)\n", [3]),
        ("closed-without-evidence", "## CLOSED\n- **A**: x PR #7\n- **B**: `docs/a.md`\n", []),
        ("closed-without-evidence", "## CLOSED\n- **A**: on 2026-03-01 10:00 UTC\n", [2]),
        ("closed-without-evidence", "## STABLE\n- **A**: x\n", []),
        ("duplicate-section", "## CLOSED\n## STABLE\n", []),
        ("duplicate-section", "## CLOSED\n## STABLE\n## CLOSED\n", [3]),
        ("unknown-section", "# Ops\n## CLOSED\n", []),
        ("unknown-section", "## CLOSED\n## Ideas\n", [2]),
        ("misplaced-section", "## CLOSED\n### STABLE\n", [2]),
        ("date-in-future", "Last updated: 2026-03-10 12:04 UTC\n## CLOSED\n- A\n", []),
        ("date-in-future", "# Ops\nLast updated: 2026-03-10 12:06 UTC\n## CLOSED\n", [2]),
        ("date-in-future", "## CLOSED\n- **A**: x (Closed: 2026-03-10)\n", []),
        ("date-in-future", "## CLOSED\n- **A**: x (Closed: 2026-03-11)\n", [2]),
        ("date-in-future", "## STABLE\n- **A**: merged 2026-03-11T00:00:00Z\n", [2]),
        ("updated-invalid", "Last updated: 2026-02-31\n## CLOSED\n", [1]),
        (
            "updated-older-than-items",
            "Last updated: 2026-03-02 08:00 UTC\n## CLOSED\n- **A**: x (Closed: 2026-03-02)\n",
            [],
        ),
        (
            "updated-older-than-items",
            "# Ops\nLast updated: 2026-03-01\n## CLOSED\n- **A**: x (Closed: 2026-03-02)\n",
            [2],
        ),
        (
            "updated-older-than-items",
            "Last updated: 2026-03-01\n## STABLE\n- **A**: seen 2026-03-02 10:00 UTC\n",
            [1],
        ),
        ("updated-older-than-items", "## CLOSED\n- **A**: x (Closed: 2026-03-02)\n", []),
        ("duplicate-id", "## STABLE\n- A <!-- id: a -->\n- B <!-- id: a -->\n", [3]),
        ("misplaced-id", "## STABLE\n- A\n\n<!-- id: a -->\n", [4]),
        ("layout-drift", "## CLOSED\n- A\n## 2026-03-01 — Notes\n", []),
        ("layout-drift", "## CLOSED\n- A\n## 2026-03-02 — B\n## 2026-03-01 — A\n", [3]),
        ("layout-drift", "# Ops\n## 2026-03-02 — B\n", [2]),
        ("mojibake", "## CLOSED\n- A → b ✅\n", []),
        ("mojibake", "## CLOSED\n- A\n- A → b ✅\n".encode().decode("mac_roman"), [3]),
    ],
)  # fmt: skip
def test_what_breaks_a_rule(rule: str, text: str, lines: list[int]) -> None:
    assert broken(text, rule) == lines


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    file = tmp_path / "STATE.md"
    file.write_bytes(b"## CLOSED\n- caf\xe9 PR #7 (Closed: 2026-03-01)\n")
    (one,) = lint(Subject(read(file), now=NOW)).violations
    assert (one.rule, one.line) == ("not-utf8", 2)


CLAIMS = "## STABLE\n- **Tea**: x `docs/tea.md`\n- **Milk**: x\n"


def test_what_the_plan_and_the_repository_know() -> None:
    assert broken(CLAIMS, "stable-without-check", silent=frozenset({"milk"})) == [3]
    assert broken(CLAIMS, "document-missing", missing={"tea": ("docs/tea.md", "a.md")}) == [2, 2]
    assert broken(CLAIMS, "document-missing", missing={}) == []


def test_what_is_not_known_is_not_judged() -> None:
    judged = lint(Subject(parse(CLAIMS), now=NOW)).judged
    unknown = {"stable-without-check", "document-missing", "claim-renamed"}
    assert {rule.id for rule in RULES} - set(judged) == unknown


@pytest.mark.parametrize(
    ("now", "line", "said"),
    [
        (CLAIMS, None, ""),
        (CLAIMS.replace("Milk", "Milk jug"), 3, "is it 'milk-jug' now?"),
        ("## STABLE\n- **Tea**: x\n", 1, "the claim 'milk' is gone"),
        ("## STABLE\n- **Tea**: x\n## IN PROGRESS\n- **Milk**: again\n", None, ""),
        (CLAIMS.replace("**Milk**", "**Cream** <!-- id: milk -->"), None, ""),
    ],
    ids=["same", "renamed", "gone", "reopened", "kept by its id"],
)
def test_claims_that_vanish(now: str, line: int | None, said: str) -> None:
    found = lint(Subject(parse(now), now=NOW, previous=parse(CLAIMS))).violations
    renamed = [one for one in found if one.rule == "claim-renamed"]
    assert [one.line for one in renamed] == ([] if line is None else [line])
    assert all(said in one.message for one in renamed)


def test_a_ledger_that_loses_all_of_many_claims_is_linted_in_no_time() -> None:
    before, after = (
        "## CLOSED\n" + "".join(f"- **{name} {number}**: x\n" for number in range(2000))
        for name in ("Old", "New")
    )
    found = lint(Subject(parse(after), now=NOW, previous=parse(before))).violations
    gone = [one for one in found if one.rule == "claim-renamed"]
    assert len(gone) == 2000
    assert not any("is it" in one.message for one in gone)


def test_limits() -> None:
    text = "## IN PROGRESS\n- A\n- B\n## NEXT\n- C\n"
    limits = Limits(in_progress=2, next=0, lines=4, size=20)
    found = lint(Subject(parse(text), now=NOW, limits=limits)).violations
    lines = [
        (one.rule, one.line) for one in found if one.rule in {"wip-limit", "next-limit", "size"}
    ]
    assert lines == [("size", 1), ("next-limit", 5), ("size", 5)]
    assert broken("## CLOSED\n" + "\n" * 500 + "- A", "size") == [401]
    assert broken("## CLOSED\n- A" + "\n" * 500, "size") == []


def test_a_severity_is_set_or_the_rule_is_off() -> None:
    subject = Subject(parse("## IN PROGRESS\n- A\n- B\n## Ideas\n"), now=NOW)
    assert [one.severity for one in lint(subject).violations] == ["error", "warning"]
    chosen = {"wip-limit": Severity.OFF, "unknown-section": Severity.ERROR}
    found = lint(subject, chosen)
    assert [(one.rule, one.severity) for one in found.violations] == [("unknown-section", "error")]
    assert "wip-limit" not in found.judged
    assert (found.errors, found.warnings) == (1, 0)


def test_a_journal_is_linted_like_any_ledger() -> None:
    text = "## 2026-03-12 — Tea\n**Status**: DONE\n\n## 2026-03-01 — Milk\n## 2026-02-28 — Jam\n"
    found = lint(Subject(parse(text, Layout.JOURNAL), now=NOW)).violations
    assert [(one.rule, one.line) for one in found] == [
        ("closed-without-evidence", 1),
        ("date-in-future", 1),
        ("wip-limit", 5),
    ]


def test_the_table_is_sound() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    for rule in RULES:
        assert rule.summary.endswith(".")
        assert rule.severity is not Severity.OFF
        assert not rule.hint.endswith(".")
    assert [rule.id for rule in RULES if rule.fixable] == ["mojibake"]


def test_every_finding_of_the_parser_has_a_rule(saltmarsh: Path) -> None:
    ledger = read(saltmarsh)
    assert ledger.findings
    assert {finding.rule for finding in ledger.findings} <= {rule.id for rule in RULES}
