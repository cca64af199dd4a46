"""Whether the ledger can be read and believed, keeps its rules, and is spoken for by checks."""

from collections.abc import Iterator

from evidenced.app.doctor.finding import Finding, ok, problem, some, warning
from evidenced.app.doctor.subject import Subject
from evidenced.app.loading import Loaded
from evidenced.config.words import counted
from evidenced.workflow.lint import silent_claims


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """How the ledger is, as it is read now."""
    if subject.loaded is None:
        return (
            problem(
                subject.ledger_error,
                "correct `ledger.path` or put the ledger back; `evidenced ledger show` reads it",
            ),
        )
    return tuple(_read(subject.loaded))


def _read(loaded: Loaded) -> Iterator[Finding]:
    path, ledger = loaded.config.ledger.path, loaded.ledger
    yield ok(f"{path} is readable and believed: {counted(len(ledger.claims), 'claim')}")
    errors, warnings = loaded.linted.errors, loaded.linted.warnings
    if errors or warnings:
        yield warning(
            f"its rules are broken: {counted(errors, 'error')}, {counted(warnings, 'warning')}",
            "`evidenced ledger lint` names each place and how to mend it",
        )
    else:
        yield ok("it keeps its rules")
    silent = sorted(silent_claims(loaded.plan, [one.settings for one in loaded.templates]))
    if silent:
        yield warning(
            f"no check speaks for {counted(len(silent), 'claim')}: {some(silent)}",
            "name them in `claims` of a check, or set `ledger.derive`; `evidenced plan` lists them",
        )
    elif ledger.claims:
        yield ok("checks speak for all claims")
