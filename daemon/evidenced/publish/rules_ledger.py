"""The alerts on the ledger: on its readings, and on what is written in it."""

from evidenced.publish.rules_model import Alert, Group, Severity
from evidenced.publish.rules_promql import latest
from evidenced.publish.rules_settings import RuleSettings


def ledger_group(settings: RuleSettings) -> Group:
    """The alerts whose subject is the ledger."""
    return Group(
        "evidenced-ledger",
        (
            _unreadable(settings),
            _disbelieved(settings),
            _broken(settings),
            _unchecked(settings),
        ),
    )


def _unreadable(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedLedgerUnreadable",
        f"{latest(settings, 'evidenced_ledger_readable')} == 0",
        Severity.WARNING,
        "The ledger cannot be read.",
        "{{ $labels.instance }} could not read the ledger the last time. The claims of the "
        "last good reading stay in force; the daemon's log names the file and the line.",
        settings.file.bad_file,
    )


def _disbelieved(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedLedgerDisbelieved",
        f"{latest(settings, 'evidenced_ledger_believed')} == 0",
        Severity.WARNING,
        "Too much of the ledger is gone to believe the last reading.",
        "In the last reading of {{ $labels.instance }} a section or most of the claims are "
        "gone. The claims of the last good reading stay in force; if the ledger is right as "
        "it is, restart the daemon.",
        settings.file.bad_file,
    )


def _broken(settings: RuleSettings) -> Alert:
    """One alert a rule: daemons that read the same ledger find the same."""
    return Alert(
        "EvidencedLedgerRuleBroken",
        f"max by (job, rule) (\n  {latest(settings, 'evidenced_ledger_violations')}\n) > 0",
        Severity.WARNING,
        "The ledger breaks a rule of its own.",
        "The ledger breaks the rule {{ $labels.rule }}, in {{ $value }} of its places; "
        "`evidenced ledger lint` names them.",
        settings.file.ledger,
    )


def _unchecked(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedClaimsWithoutCheck",
        "count without (claim, section) (\n"
        f"  {latest(settings, 'evidenced_claim_checks')} == 0\n"
        ") > 0",
        Severity.INFO,
        "No check speaks for some of the ledger's claims.",
        "For {{ $value }} of the claims that {{ $labels.instance }} reads no check speaks, so "
        "nothing verifies them; `evidenced plan` lists them.",
        settings.file.ledger,
    )
