"""Holding a ledger against the rules."""

from collections.abc import Mapping

from evidenced.ledger.lint.model import Linted, Severity, Subject, Violation
from evidenced.ledger.lint.table import RULES


def lint(subject: Subject, severities: Mapping[str, Severity] | None = None) -> Linted:
    """What breaks the rules, by line; `severities` are those set, by the id of the rule.

    A rule that is off, or that the subject does not have enough for, is not judged.
    """
    chosen = severities or {}
    judged: dict[str, Severity] = {}
    broken: list[Violation] = []
    for rule in RULES:
        severity = chosen.get(rule.id, rule.severity)
        if severity is Severity.OFF or not rule.known(subject):
            continue
        judged[rule.id] = severity
        broken += (
            Violation(rule.id, severity, line, message, rule.hint)
            for line, message in rule.find(subject)
        )
    return Linted(judged, tuple(sorted(broken, key=lambda one: one.line)))
