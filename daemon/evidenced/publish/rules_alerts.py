"""The alerts: what each one asks of the metrics, and what it tells whom it wakes.

A summary is static, so that alerts of one name group; a description is a template. What may change
during an outage (a title, what was found) is only in descriptions: as a label it would make another
alert of the same one.
"""

from dataclasses import dataclass
from enum import StrEnum

from evidenced.config.types import format_duration
from evidenced.ledger.model import Section
from evidenced.publish.rules_settings import Patience, RuleSettings


class Severity(StrEnum):
    """Whom an alert is for: wake someone, file a ticket, or just know."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alerting rule; `hold` is how long the expression must hold, in seconds."""

    name: str
    expr: str
    severity: Severity
    summary: str
    description: str
    hold: float = 0.0


# Templates ask Prometheus for the rest of the story: about the claim of the alert, as told by the
# same daemon (job and instance). %q quotes as PromQL does.
_CLAIM = """\
{{- $claim := printf `job=%q,instance=%q,claim=%q` $labels.job $labels.instance $labels.claim -}}
The {{ $labels.section | toUpper }} claim {{ $labels.claim }}
{{- with printf `evidenced_claim_info{%s}` $claim | query }} ("{{ first . | label "title" }}"
  {{- with first . | label "closed_on" }}, closed on {{ . }}{{ end }}){{ end }} is"""
_CONTRADICTED = """ contradicted by production
{{- with printf `evidenced_claim_contradicted_timestamp_seconds{%s}` $claim | query }} since
  {{- (first . | value | toTime).Format " 2006-01-02 15:04:05 UTC" }}{{ end }}."""
_NOT_VERIFIED = """
{{- with printf `evidenced_claim_status{%s} == 1` $claim | query }} {{ first . | label "status" }}
{{- else }} not verified{{ end }}: nothing contradicts it, but not all of its checks verify it.
{{- with printf `evidenced_claim_last_verified_timestamp_seconds{%s}` $claim | query }} It last was
  {{- (first . | value | toTime).Format " 2006-01-02 15:04:05 UTC" }}.
{{- else }} It never was since this daemon began with it.{{ end }}"""
_FAILURES = """
{{- range printf `probe_failure_info and on (job, instance, check) evidenced_claim_check_info{%s}`
  $claim | query | sortByLabel "check" }}
Check {{ .Labels.check }} of {{ .Labels.target }}: {{ .Labels.detail }} ({{ .Labels.reason }}).
{{- end }}"""
_NEW_PROOF = "\nThis is NEW proof: the item may be reopened."


def claim_alerts(settings: RuleSettings, patience: Patience) -> tuple[Alert, ...]:
    """The alerts on claims."""
    return (
        Alert(
            "EvidencedStableClaimContradicted",
            _contradicted(settings, Section.STABLE),
            Severity.CRITICAL,
            "Production contradicts a claim that the ledger holds as STABLE.",
            _CLAIM + _CONTRADICTED + _FAILURES,
        ),
        Alert(
            "EvidencedClosedClaimContradicted",
            _contradicted(settings, Section.CLOSED),
            Severity.CRITICAL,
            "Production contradicts a claim that the ledger holds as CLOSED.",
            _CLAIM + _CONTRADICTED + _FAILURES + _NEW_PROOF,
        ),
        Alert(
            "EvidencedClaimNotVerified",
            _not_verified(settings, patience),
            Severity.WARNING,
            "The checks of a claim give no fresh verification.",
            _CLAIM + _NOT_VERIFIED + _FAILURES,
            patience.usual,
        ),
        Alert(
            "EvidencedClaimsWithoutCheck",
            "count without (claim, section) (\n"
            f"  {_select(settings, 'evidenced_claim_checks')} == 0\n"
            ") > 0",
            Severity.INFO,
            "No check speaks for some of the ledger's claims.",
            "For {{ $value }} of the claims that {{ $labels.instance }} reads no check speaks, so "
            "nothing verifies them; `evidenced plan` lists them.",
            settings.silent,
        ),
    )


def ledger_alerts(settings: RuleSettings) -> tuple[Alert, ...]:
    """The alerts on the ledger's readings."""
    return (
        Alert(
            "EvidencedLedgerUnreadable",
            f"{_select(settings, 'evidenced_ledger_readable')} == 0",
            Severity.WARNING,
            "The ledger cannot be read.",
            "{{ $labels.instance }} could not read the ledger the last time. The claims of the "
            "last good reading stay in force; the daemon's log names the file and the line.",
            settings.bad_file,
        ),
        Alert(
            "EvidencedLedgerDisbelieved",
            f"{_select(settings, 'evidenced_ledger_believed')} == 0",
            Severity.WARNING,
            "Too much of the ledger is gone to believe the last reading.",
            "In the last reading of {{ $labels.instance }} a section or most of the claims are "
            "gone. The claims of the last good reading stay in force; if the ledger is right as "
            "it is, restart the daemon.",
            settings.bad_file,
        ),
    )


def daemon_alerts(settings: RuleSettings) -> tuple[Alert, ...]:
    """The alerts on the daemon itself."""
    return (
        Alert(
            "EvidencedReloadFailed",
            f"{_select(settings, 'evidenced_config_last_reload_successful')} == 0",
            Severity.WARNING,
            "The configuration could not be reloaded.",
            "{{ $labels.instance }} could not take over its configuration. The last good one "
            "stays in force; the daemon's log names the file, the line and the key.",
            settings.bad_file,
        ),
        Alert(
            "EvidencedVantageDown",
            f"{_select(settings, 'evidenced_vantage_up')} == 0",
            Severity.CRITICAL,
            "The daemon has lost its view of the network.",
            "Too many sentinels of {{ $labels.instance }} fail, so it cannot tell whether the "
            "claims of the ledger hold: they are unknown, and what was contradicted stays so.",
            settings.down,
        ),
        Alert(
            "EvidencedDown",
            f"{_select(settings, 'up')} == 0\nor\nabsent({_select(settings, 'up')})",
            Severity.CRITICAL,
            "The daemon that verifies the ledger is gone.",
            "Prometheus cannot scrape evidenced{{ with $labels.instance }} at {{ . }}{{ end }}: "
            "nobody looks whether the claims of the ledger hold.",
            settings.down,
        ),
        Alert(
            "EvidencedWatchdog",
            "vector(1)",
            Severity.NONE,
            "Alerting works.",
            "This alert always fires. Route it to a receiver that notices when it no longer comes.",
        ),
    )


def _select(settings: RuleSettings, metric: str, *matchers: str) -> str:
    return f"{metric}{{{', '.join((settings.selector, *matchers))}}}"


def _latest(settings: RuleSettings, metric: str, *matchers: str) -> str:
    """The last sample even when the last scrapes were missed."""
    window = format_duration(settings.bridge)
    return f"last_over_time({_select(settings, metric, *matchers)}[{window}])"


def _contradicted(settings: RuleSettings, section: Section) -> str:
    status = _latest(
        settings, "evidenced_claim_status", f'section="{section}"', 'status="contradicted"'
    )
    return f"max without (status) (\n  {status}\n) == 1"


def _not_verified(settings: RuleSettings, patience: Patience) -> str:
    name = "evidenced_claim_status"
    live = _latest(settings, "evidenced_claim_basis", 'basis="live"')
    if patience.slowest == patience.usual:
        status = _latest(settings, name, 'status=~"stale|unknown|unverified"')
        standing = f"max without (status) (\n  {status}\n) == 1\n"
    else:
        # Only a start leaves a claim unverified, so only this must wait for the slowest check.
        wait = format_duration(patience.slowest)
        status = _latest(settings, name, 'status=~"stale|unknown"')
        unverified = _select(settings, name, 'status="unverified"')
        standing = (
            "max without (status) (\n"
            f"    {status} == 1\n"
            f"  or\n"
            f"    min_over_time({unverified}[{wait}]) == 1\n"
            f"      and\n"
            f"    {unverified} offset {wait} == 1\n"
            ")\n"
        )
    # What is blind has an alert elsewhere: that of the view, or of the check that it depends on.
    blind = _select(settings, "evidenced_claim_blind_info")
    return (
        f"{standing}and ignoring (basis)\n{live} == 1\n"
        f"unless on (job, instance, claim, section)\n{blind}"
    )
