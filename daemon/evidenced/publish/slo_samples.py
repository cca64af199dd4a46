"""What a good sample of an SLO is, in PromQL: 1 is good, 0 is bad, none where nobody can tell.

What says nothing about the target is left out, not counted as good or bad: maintenance, a daemon
that lost its view of the network, a check that fails because what it depends on does, a standing
that is unknown, stale or unverified, and all of a drill.
"""

import json

from evidenced.publish.rules_promql import select
from evidenced.publish.rules_settings import RuleSettings

REAL = 'drill=""'


def matcher(label: str, value: str) -> str:
    """A matcher for exactly this value; PromQL quotes as Go does, of which JSON is a part here."""
    return f"{label}={json.dumps(value, ensure_ascii=False)}"


def of_check(settings: RuleSettings, check: str, latency: float | None) -> str:
    """How good a check is now: the share of the daemons that look at it and see it good."""
    one = matcher("check", check)
    good = select(settings, "probe_success", one, REAL)
    if latency is not None:
        took = select(settings, "probe_duration_seconds", one, REAL)
        good = f"({good} * ({took} <= bool {_seconds(latency)}))"
    frozen = select(settings, "probe_maintenance", one)
    parent = select(settings, "probe_failure_info", one, 'reason="dependency"')
    return (
        "avg by (job, check) (\n"
        f"  {good}\n"
        f"  unless {frozen} == 1\n"
        f"  unless on (job, instance, check) {parent}\n"
        f"  unless on (job, instance) {_view_is_gone(settings)}\n"
        ")"
    )


def of_claim(settings: RuleSettings, claim: str, latency: float | None) -> str:
    """How good a claim is now: the share of the daemons that see it, for which it is verified.

    With a latency, none of its checks may take longer.
    """
    one = matcher("claim", claim)
    checks = select(settings, "evidenced_claim_check_info", one)
    good = select(settings, "evidenced_claim_verified", one, REAL)
    if latency is not None:
        took = select(settings, "probe_duration_seconds", REAL)
        good = (
            f"({good}\n"
            "  * on (job, instance) group_left () (max by (job, instance) (\n"
            f"    {took}\n"
            f"    and on (job, instance, check) {checks}\n"
            f"  ) <= bool {_seconds(latency)}))"
        )
    known = select(settings, "evidenced_claim_status", one, REAL, 'status=~"verified|contradicted"')
    frozen = select(settings, "probe_maintenance")
    return (
        "avg by (job, claim) (\n"
        f"  {good}\n"
        f"  and on (job, instance, claim) {known} == 1\n"
        "  unless on (job, instance) (\n"
        f"    {checks}\n"
        f"    and on (job, instance, check) {frozen} == 1\n"
        "  )\n"
        f"  unless on (job, instance) {_view_is_gone(settings)}\n"
        ")"
    )


def _view_is_gone(settings: RuleSettings) -> str:
    return f"{select(settings, 'evidenced_vantage_up')} == 0"


def _seconds(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".")
