"""The rules of the ledger, held with what the configuration and the plan know beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from evidenced.config.check import CheckSettings
from evidenced.config.ledger import LedgerSettings
from evidenced.ledger.lint.model import Limits, Linted, Severity, Subject
from evidenced.ledger.lint.run import lint
from evidenced.watch.plan import Plan


def lint_by(settings: LedgerSettings, subject: Subject) -> Linted:
    """What breaks the rules, with the severities and the limits of a configuration."""
    kept = settings.limits
    limits = Limits(kept.in_progress, kept.next, kept.lines, kept.size)
    return lint(replace(subject, limits=limits), severities(settings))


def severities(settings: LedgerSettings) -> Mapping[str, Severity]:
    """The severities that a configuration sets, by the id of the rule."""
    return {rule: Severity(severity) for rule, severity in settings.lint.items()}


def silent_claims(plan: Plan, pending: Iterable[CheckSettings] = ()) -> frozenset[str]:
    """The ids of the claims that no check speaks for, nor one of those that are yet to come."""
    spoken_for = {claim for check in pending for claim in check.claims}
    return frozenset(item.id for item in plan.silent if item.id not in spoken_for)
