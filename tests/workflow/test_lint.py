from typing import get_args

from evidenced.config.ledger import LedgerLimits, LedgerSettings, LintRule
from evidenced.ledger.lint.model import Limits, Severity, Subject
from evidenced.ledger.lint.table import RULES
from evidenced.ledger.parse import parse
from evidenced.workflow.lint import lint_by, severities


def settings(**more: object) -> LedgerSettings:
    return LedgerSettings.model_validate({"path": "STATE.md", **more})


def test_the_configuration_knows_the_rules_of_the_table() -> None:
    assert get_args(LintRule) == tuple(rule.id for rule in RULES)


def test_the_limits_are_the_same_where_nothing_is_set() -> None:
    kept, limits = LedgerLimits(), Limits()
    assert (kept.in_progress, kept.next, kept.lines, kept.size) == (
        limits.in_progress,
        limits.next,
        limits.lines,
        limits.size,
    )


def test_severities_and_limits_of_a_configuration_hold() -> None:
    subject = Subject(parse("## IN PROGRESS\n- A\n- B\n- C\n## Ideas\n"))
    one = settings(
        lint={"wip-limit": "warning", "unknown-section": "off"}, limits={"in_progress": 2}
    )
    found = lint_by(one, subject)
    assert [(v.rule, v.severity, v.line) for v in found.violations] == [
        ("wip-limit", Severity.WARNING, 4)
    ]
    assert severities(one) == {"wip-limit": "warning", "unknown-section": "off"}
    assert len(lint_by(settings(), subject).violations) == 3
