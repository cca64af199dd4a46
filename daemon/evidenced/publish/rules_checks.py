"""The alerts on single checks: certificates, slow answers, failures, flapping, silence.

What a claim's own alert says already, they do not say again: that a check fails, that it did not
look for too long, or that nothing was pushed, is told of checks alone that speak for no claim.
"""

from evidenced.config.types import format_duration
from evidenced.publish.rules_model import Alert, Group, Record, Severity
from evidenced.publish.rules_promql import CHECK_LABELS, head_of_check, latest, recorded, select
from evidenced.publish.rules_settings import RuleSettings

SEEN = "instance_check:certificate_expiry_timestamp_seconds:min"
"""The same as one daemon sees it now: recorded on its own, for what is remembered must be what was
seen last, be it the chain that was verified or, where none is, what is shown."""
EXPIRY = "check:certificate_expiry_timestamp_seconds:min"
"""When the first certificate of a check expires that its trust rests on; of all daemons."""
_REMEMBERED = "1h"
"""How long a certificate counts that is not seen any more, as when nothing answers."""

_CHECK = "{{ $labels.kind }} check {{ $labels.check }} of {{ $labels.target }}"


def check_group(settings: RuleSettings) -> Group:
    """The alerts whose subject is a check."""
    limits = settings.file.certificate
    return Group(
        "evidenced-checks",
        (
            Record(SEEN, _seen(settings)),
            Record(EXPIRY, _expiry(settings)),
            _expires(settings, limits.warning, Severity.WARNING),
            _expires(settings, limits.critical, Severity.CRITICAL),
            _expired(settings),
            _stale(settings),
            _failing(settings),
            _flapping(settings),
            _slow(settings),
            _silent(settings),
        ),
    )


def _seen(settings: RuleSettings) -> str:
    """The chain that is verified, or what is shown where none is: a server may show, beside a good
    chain, an old certificate that nobody needs."""
    chain = select(settings, "probe_ssl_last_chain_expiry_timestamp_seconds")
    shown = select(settings, "probe_ssl_earliest_cert_expiry")
    return f"min by (job, instance, check, kind, target) (\n  {chain}\n  or\n  {shown}\n)"


def _expiry(settings: RuleSettings) -> str:
    seen = recorded(settings, SEEN)
    return f"min by ({CHECK_LABELS}) (\n  last_over_time({seen}[{_REMEMBERED}])\n)"


def _expires(settings: RuleSettings, limit: float, severity: Severity) -> Alert:
    left = f"{recorded(settings, EXPIRY)} - time()"
    return Alert(
        "EvidencedCertificateExpires",
        f"{left} < {limit:.0f}\nand\n{left} > 0",
        severity,
        "A certificate is about to expire.",
        f"The certificate that the {_CHECK} is shown expires in "
        "{{ $value | humanizeDuration }}.",
    )


def _expired(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedCertificateExpired",
        f"time() - {recorded(settings, EXPIRY)} >= 0",
        Severity.CRITICAL,
        "A certificate has expired.",
        f"The certificate that the {_CHECK} is shown expired "
        "{{ $value | humanizeDuration }} ago: it has expired, and stays so until it is replaced.",
    )


def _stale(settings: RuleSettings) -> Alert:
    """By the daemon's clock alone: it may be any time ahead of Prometheus', or behind it."""
    now = latest(settings, "evidenced_time_seconds")
    last_run = latest(settings, "probe_last_run_timestamp_seconds")
    max_age = latest(settings, "probe_max_age_seconds")
    return Alert(
        "EvidencedCheckStale",
        f"max by ({CHECK_LABELS}) (\n"
        f"  {now}\n"
        "  - on (job, instance) group_right ()\n"
        f"  {last_run}\n"
        "  >\n"
        f"  {max_age}\n"
        f"{_without_claim(settings)}\n"
        ")",
        Severity.WARNING,
        "A check has not looked for longer than its evidence may be old.",
        f"The {_CHECK} last looked {{{{ $value | humanizeDuration }}}} ago: what it says is stale.",
        # A daemon that is gone must not look like this while its last samples are remembered.
        settings.file.bridge,
    )


def _failing(settings: RuleSettings) -> Alert:
    """What has another alert is not told again, nor is what cannot be seen, or may be so."""
    told = (
        latest(settings, "evidenced_claim_check_info"),
        latest(settings, "evidenced_vantage_sentinel_info"),
        f"{latest(settings, 'probe_maintenance')} == 1",
        f"{latest(settings, 'probe_flapping')} == 1",
        latest(settings, "probe_failure_info", 'reason="dependency"'),
        f"{_arrival(settings)} == 0",
    )
    without = "".join(f"  unless on (job, instance, check)\n  {one}\n" for one in told)
    return Alert(
        "EvidencedCheckFailing",
        f"max by ({CHECK_LABELS}) (\n"
        f"  {latest(settings, 'probe_contradicted')}\n"
        f"{without}"
        "  unless on (job, instance)\n"
        f"  {latest(settings, 'evidenced_vantage_up')} == 0\n"
        ") == 1",
        Severity.WARNING,
        "A check that speaks for no claim fails.",
        f"{head_of_check(settings)}The {_CHECK} is contradicted; no claim of the ledger rests on "
        f"it.{_FOUND}",
        settings.file.failing,
    )


def _flapping(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedCheckFlapping",
        f"max by ({CHECK_LABELS}) (\n  {latest(settings, 'probe_flapping')}\n) == 1",
        Severity.WARNING,
        "A check holds and fails by turns.",
        f"{head_of_check(settings)}The {_CHECK} changes to and fro so often that it is held as "
        f"contradicted until it is calm.{_FOUND}",
    )


def _slow(settings: RuleSettings) -> Alert:
    window = format_duration(settings.file.slow)
    took = select(settings, "probe_duration_seconds")
    good = select(settings, "probe_success")
    timeout = latest(settings, "probe_timeout_seconds")
    return Alert(
        "EvidencedCheckSlow",
        f"max by ({CHECK_LABELS}) (\n"
        f"  avg_over_time({took}[{window}])\n"
        "  >\n"
        f"  {settings.file.slow_share:g} * {timeout}\n"
        "  and\n"
        f"  min_over_time({good}[{window}]) == 1\n"
        ")",
        Severity.WARNING,
        "A check gets good answers, but nearly too late.",
        f"The answers to the {_CHECK} take {{{{ $value | humanizeDuration }}}} on average, close "
        "to the timeout; beyond it they are failures.",
        settings.file.bridge,
    )


def _silent(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedPushSilent",
        f"min by ({CHECK_LABELS}) (\n  {_arrival(settings)}\n{_without_claim(settings)}\n) == 0",
        Severity.WARNING,
        "What should have been pushed was not.",
        f"{head_of_check(settings)}Nothing was pushed to {{{{ $labels.check }}}} in time.{_FOUND}",
    )


def _arrival(settings: RuleSettings) -> str:
    return latest(settings, "probe_expectation_met", 'kind="push"', 'expectation="arrival"')


def _without_claim(settings: RuleSettings) -> str:
    speaks = latest(settings, "evidenced_claim_check_info")
    return f"  unless on (job, instance, check)\n  {speaks}"


_FOUND = """
{{- range printf `max by (location, reason, detail) (probe_failure_info{%s})` $check
  | query | sortByLabel "location" }}
Found{{ with .Labels.location }} from {{ . }}{{ end }}: {{ .Labels.detail }} ({{ .Labels.reason }}).
{{- end }}"""
