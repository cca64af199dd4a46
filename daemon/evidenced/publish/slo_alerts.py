"""The alert on an error budget: one name for all tiers, told apart by `tier` and `severity`."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from evidenced.config.types import shown_duration
from evidenced.publish.rules_model import Alert, Severity
from evidenced.publish.slo_samples import matcher
from evidenced.publish.slo_series import GOOD, LEFT, errors
from evidenced.publish.slo_tiers import Burn

NAME = "EvidencedErrorBudgetBurn"
TIER = "tier"
"""The label by which a slower tier is inhibited while a faster one fires."""

_LEFT = f"""
{{{{- with printf `{LEFT}{{job=%q, KIND=%q}}` $labels.job $labels.KIND | query }}}} \
{{{{ first . | value | humanizePercentage }}}} of the budget is left.{{{{ end }}}}"""
_OF_CHECK = """
{{- range printf `max by (target, location, reason, detail) (
    probe_failure_info{job=%q, check=%q})` $labels.job $labels.check
  | query | sortByLabel "location" }}
Now {{ .Labels.target }}\
{{ with .Labels.location }} from {{ . }}{{ end }}: {{ .Labels.detail }} ({{ .Labels.reason }}).
{{- end }}"""
_OF_CLAIM = """
{{- range printf `max by (check, target, location, reason, detail) (
    probe_failure_info{job=%q} and on (job, instance, check) evidenced_claim_check_info{claim=%q})`
    $labels.job $labels.claim
  | query | sortByLabel "location" | sortByLabel "check" }}
Now check {{ .Labels.check }} of {{ .Labels.target }}\
{{ with .Labels.location }} from {{ . }}{{ end }}: {{ .Labels.detail }} ({{ .Labels.reason }}).
{{- end }}"""


KEPT = 300.0
"""Seconds for which a page goes on when its budget no longer burns too fast. In the shortest window
there are five samples, so one more or less ends a page or begins it, and its error ratio may go to
and fro about the limit."""


def budget_alert(kind: str, name: str, window: float, budget: Fraction, burn: Burn) -> Alert:
    """The alert of one tier for the check or claim of this name.

    It is in the form of the workbook, with one more condition: that enough minutes were bad, so
    that where there are few samples a single bad one is no large share of them.
    """
    series = f"{{{matcher(kind, name)}}}"
    long, short = shown_duration(burn.tier.long), shown_duration(burn.tier.short)
    limit = f"{number(burn.factor)} * {number(budget)}"
    over = f"{GOOD}{series}[{long}]"
    objective = number(100 - 100 * budget)
    return replace(
        plain_alert(burn.tier.severity),
        expr=f"{errors(burn.tier.long)}{series} > {limit}\n"
        f"and\n"
        f"{errors(burn.tier.short)}{series} > {limit}\n"
        f"and\n"
        f"count_over_time({over}) - sum_over_time({over}) >= {number(burn.minutes)}",
        description=f"In the last {long} the {kind} {{{{ $labels.{kind} }}}} was bad for "
        f"{{{{ $value | humanizePercentage }}}} of the time, in the last {short} as well. Of its "
        f"SLO ({objective} % over {shown_duration(window)}) the error budget burns at a rate above "
        f"{number(burn.factor)}; at 1 it lasts for all of that."
        + _LEFT.replace("KIND", kind)
        + (_OF_CHECK if kind == "check" else _OF_CLAIM),
        labels={kind: _literally(name), "slo": _literally(name), TIER: burn.tier.name},
    )


def plain_alert(severity: Severity) -> Alert:
    """What the alerts of this severity have in common, whichever budget burns and how fast."""
    keep = KEPT if severity is Severity.CRITICAL else 0.0
    return Alert(NAME, "", severity, "The error budget of an SLO burns too fast.", "", keep=keep)


def _literally(name: str) -> str:
    """The name as a label's value in an alert, which Prometheus expands as a template."""
    return f"{{{{ {json.dumps(name, ensure_ascii=False)} }}}}" if "{{" in name else name


def number(value: Fraction) -> str:
    """A number as PromQL reads it and a person would write it, to at most 9 digits that count."""
    return f"{Decimal(f'{float(value):.9g}'):f}"
