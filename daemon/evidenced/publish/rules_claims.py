"""The alerts on claims: one page for a claim, however many daemons look at it.

Only what says which claim it is becomes a label; what may change during an outage (a title, what
was found, the daemon that found it) is only in descriptions, for as a label it would make another
alert of the same one.
"""

from evidenced.config.types import format_duration
from evidenced.ledger.model import Section
from evidenced.publish.rules_model import Alert, Group, Severity
from evidenced.publish.rules_promql import (
    CLAIM_LABELS,
    at_enough_locations,
    head_of_claim,
    latest,
    select,
)
from evidenced.publish.rules_settings import Patience, RuleSettings

_DRILL = "{{ with $labels.drill }}This is a drill. {{ end -}}\n"
_CLAIM = """\
The {{ $labels.section | toUpper }} claim {{ $labels.claim }}
{{- with printf `evidenced_claim_info{%s}` $claim | query | sortByLabel "instance" }} \
("{{ first . | label "title" }}"
  {{- with first . | label "closed_on" }}, closed on {{ . }}{{ end }}){{ end }} is"""
_CONTRADICTED = """ contradicted by production
{{- with printf `min(evidenced_claim_contradicted_timestamp_seconds{%s} and on (job, instance)
    evidenced_claim_status{%s, status="contradicted", drill=""} == 1)` $claim $claim | query }} \
since
  {{- (first . | value | toTime).Format " 2006-01-02 15:04:05 UTC" }}{{ end }}."""
_NOT_VERIFIED = """
{{- with printf `max by (status) (
    evidenced_claim_status{%s, status=~"stale|unknown|unverified"}) == 1`
  $claim | query | sortByLabel "status" }} {{ first . | label "status" }}
{{- else }} not verified{{ end }}: nothing contradicts it, but not all of its checks verify it.
{{- with printf `max(evidenced_claim_last_verified_timestamp_seconds{%s})` $claim | query }} \
It last was
  {{- (first . | value | toTime).Format " 2006-01-02 15:04:05 UTC" }}.
{{- else }} It never was since this daemon began with it.{{ end }}"""


def _failures(statuses: str) -> str:
    """What the checks of the claim found, as told by the daemons for which it stands so."""
    return f"""
{{{{- range printf `max by (check, target, location, reason, detail) (probe_failure_info
    and on (job, instance, check) evidenced_claim_check_info{{%s}}
    and on (job, instance) evidenced_claim_status{{%s, {statuses}, drill=""}} == 1)`
  $claim $claim | query | sortByLabel "location" | sortByLabel "check" }}}}
Check {{{{ .Labels.check }}}} of {{{{ .Labels.target }}}}\
{{{{ with .Labels.location }}}} from {{{{ . }}}}{{{{ end }}}}: \
{{{{ .Labels.detail }}}} ({{{{ .Labels.reason }}}}).
{{{{- end }}}}"""


_STANDINGS = """ verified at some locations and not at others.
{{- range printf `evidenced_claim_status{%s, drill=""} == 1` $claim
  | query | sortByLabel "instance" | sortByLabel "location" }}
{{ with .Labels.location }}{{ . }}{{ else }}{{ .Labels.instance }}{{ end }}: \
{{ .Labels.status }}.
{{- end }}"""
_NEW_PROOF = "\nThis is NEW proof: the item may be reopened."


def claim_group(settings: RuleSettings, patience: Patience) -> Group:
    """The alerts whose subject is a claim."""
    return Group(
        "evidenced-claims",
        (
            _contradiction(settings, Section.STABLE),
            _contradiction(settings, Section.CLOSED, _NEW_PROOF),
            _unverified(settings, patience),
            _disagreement(settings),
        ),
    )


def _contradiction(settings: RuleSettings, section: Section, end: str = "") -> Alert:
    return Alert(
        f"Evidenced{section.value.title()}ClaimContradicted",
        _contradicted(settings, section),
        Severity.CRITICAL,
        f"Production contradicts a claim that the ledger holds as {section.value.upper()}.",
        head_of_claim(settings)
        + _DRILL
        + _CLAIM
        + _CONTRADICTED
        + _failures('status="contradicted"')
        + end,
        keep=settings.file.keep,
    )


def _unverified(settings: RuleSettings, patience: Patience) -> Alert:
    return Alert(
        "EvidencedClaimNotVerified",
        at_enough_locations(settings, _not_verified(settings, patience)),
        Severity.WARNING,
        "The checks of a claim give no fresh verification.",
        head_of_claim(settings)
        + _DRILL
        + _CLAIM
        + _NOT_VERIFIED
        + _failures('status=~"stale|unknown|unverified"'),
        patience.usual,
    )


def _disagreement(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedLocationsDisagree",
        _divided(settings),
        Severity.INFO,
        "Locations disagree about a claim.",
        head_of_claim(settings) + _CLAIM + _STANDINGS,
        settings.file.disagree,
    )


def _contradicted(settings: RuleSettings, section: Section) -> str:
    metric, standing = "evidenced_claim_status", (f'section="{section}"', 'status="contradicted"')
    if settings.file.quorum == 1:
        return at_enough_locations(settings, latest(settings, metric, *standing))
    seen = at_enough_locations(settings, latest(settings, metric, *standing, 'drill=""'))
    # A drill is held at one place, and must come through all the same.
    drill = latest(settings, metric, *standing, 'drill="true"')
    return f"{seen}\nor\nmax by ({CLAIM_LABELS}) (\n  {drill}\n) == 1"


def _not_verified(settings: RuleSettings, patience: Patience) -> str:
    """1 for each daemon that does not verify a claim, though it could."""
    live = latest(settings, "evidenced_claim_basis", 'basis="live"')
    blind = latest(settings, "evidenced_claim_blind_info")
    speaks = latest(settings, "evidenced_claim_check_info")
    waits = latest(settings, "probe_failure_info", 'kind="push"', 'reason="dependency"')
    unsure = f"{latest(settings, 'probe_verified')} == 0"
    # What is blind has an alert elsewhere: that of the view, or of the check that it depends on.
    # What only waits for its first push is contradicted once that is overdue.
    return (
        f"{_standing(settings, patience)}"
        f"and on (job, instance, claim, section)\n  {live} == 1\n"
        f"unless on (job, instance, claim, section)\n  {blind}\n"
        "unless on (job, instance, claim, section) (\n"
        f"  {speaks}\n  and on (job, instance, check)\n  {waits}\n"
        "  unless on (job, instance, claim, section) (\n"
        f"    {speaks}\n    and on (job, instance, check)\n    {unsure}\n"
        f"    unless on (job, instance, check)\n    {waits}\n"
        "  )\n)"
    )


def _standing(settings: RuleSettings, patience: Patience) -> str:
    name = "evidenced_claim_status"
    if patience.slowest == patience.usual:
        status = latest(settings, name, 'status=~"stale|unknown|unverified"')
        return f"  {status} == 1\n"
    # Only a start leaves a claim unverified, so only this must wait for the slowest check.
    wait = format_duration(patience.slowest)
    status = latest(settings, name, 'status=~"stale|unknown"')
    unverified = select(settings, name, 'status="unverified"')
    return (
        "(\n"
        f"    {status} == 1\n"
        "  or\n"
        f"    min_over_time({unverified}[{wait}]) == 1\n"
        "      and\n"
        f"    {unverified} offset {wait} == 1\n"
        ")\n"
    )


def _divided(settings: RuleSettings) -> str:
    """The claims that are verified at one location and not at another; the blind ones are silent.

    A subtraction, for its value says it all: 1 is yes.
    """
    verified = latest(settings, "evidenced_claim_verified", 'drill=""')
    blind = latest(settings, "evidenced_claim_blind_info")
    sides = [
        f"{side} by (job, claim, section) (\n"
        f"  {verified}\n"
        "  unless on (job, instance, claim, section)\n"
        f"  {blind}\n"
        ")"
        for side in ("max", "min")
    ]
    return f"{sides[0]}\n>\n{sides[1]}"
