"""The dashboard "Endpoints": what the checks see, side by side."""

from grafana.build import links, looks, variables
from grafana.build.board import Section, board, fill
from grafana.build.looks import GREEN, ORANGE, PURPLE, RED, YELLOW
from grafana.build.panels import Column, Text, bars, grid, lines, number, stacked, timeline
from grafana.build.promql import PLACE, at, average, each, of, or_zero, rate
from grafana.build.source import now, over_time, rows
from grafana_foundation_sdk.builders import stat, table
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

UID = "evidence-endpoints"
CHOSEN = ('kind=~"$kind"', 'check=~"$check"')
ONE = "job, check"
OF_CHECK = "job, instance, location, check, target"
PHASES = '__name__=~"probe_(http|dns|icmp|websocket|grpc)_duration_seconds"'
"""The phases of every kind: each has a metric of its own, for their phases differ."""

DAY = 86_400


def make() -> models.Dashboard:
    """The dashboard."""
    info = of("probe_info", PLACE)
    kinds = variables.several("kind", "Kind", f"label_values({info}, kind)")
    of_kind = of("probe_info", PLACE, 'kind=~"$kind"')
    checks = variables.several("check", "Check", f"label_values({of_kind}, check)")
    made = board(
        UID,
        "Endpoints",
        "What the checks see: which fail and why, how long each takes and where the time goes.",
        [variables.location(), kinds, checks],
        since="now-6h",
    )
    return fill(made, (_now(), _outcomes(), _times(), _trust(), _retries()))


def seen(metric: str, *matchers: str) -> str:
    """The series of the chosen checks."""
    return at(metric, *CHOSEN, *matchers)


def _now() -> Section:
    return Section("Now", (*_counts(), _failing()))


def _counts() -> list[stat.Panel]:
    success = each(seen("probe_success"), ONE, worst="min")
    blind = f"{seen('probe_info')} unless on (job, instance, check) {seen('probe_success')}"
    retried = f"{seen('probe_retried')} == 1 and {seen('probe_success')} == 1"
    flapping, frozen = seen("probe_flapping"), seen("probe_maintenance")
    counted = (
        ("Succeed", "Checks whose last run succeeded, for all daemons.", f"{success} == 1", GREEN),
        ("Fail", "Checks whose last run failed, for one daemon at least.", f"{success} == 0", RED),
        ("Could not look", "Checks without a result: the daemon could not look.", blind, PURPLE),
        ("Passed on a retry", "Checks whose last pass was not a plain one.", retried, YELLOW),
        ("Flap", "Checks that hold and fail by turns.", f"{flapping} == 1", ORANGE),
        ("In maintenance", "Checks whose failures count for nothing.", f"{frozen} == 1", PURPLE),
    )
    return [
        number(
            Text(title, description, (4, 4)),
            now(or_zero(f"count({each(expression, ONE)})"), "checks"),
        ).thresholds(looks.steps(GREEN, (1, colour)))
        for title, description, expression, colour in counted
    ]


def _failing() -> table.Panel:
    return grid(
        Text(
            "Failing checks",
            "Why checks fail, with what was expected and found when the failure began.",
            (24, 7),
        ),
        rows(f"max by ({OF_CHECK}, reason, detail) ({seen('probe_failure_info')})"),
        columns={
            "check": Column("Check", 240, (links.check_of_row(),)),
            "reason": Column("Reason", 110),
            "detail": Column("Expected and found"),
            "target": Column("Target", 300),
            "instance": Column("Daemon", 170),
            "location": Column("Location", 110),
        },
        empty="No check fails.",
    )


def _outcomes() -> Section:
    state = timeline(
        Text(
            "Success over time",
            "Whether each check succeeded; with several daemons, whether it did for all of them.",
            (24, 10),
        ),
        over_time(f"min by (check) ({seen('probe_success')})", "{{check}}"),
        mappings=looks.yes_no("succeeds", "fails"),
    ).data_links(links.check_of_series())
    ratio = lines(
        Text("Success ratio", "Share of the time in which each check succeeded."),
        over_time(f"avg by (check) ({average(seen('probe_success'))})", "{{check}}"),
        unit="percentunit",
    ).max(1)
    failing = seen("probe_failure_info")
    reasons = stacked(
        Text("Failure reasons", "How many checks fail for each reason."),
        over_time(f"count by (reason) ({each(failing, f'{ONE}, reason')})", "{{reason}}"),
        unit="none",
    )
    return Section("Outcomes", (state, ratio.data_links(links.check_of_series()), reasons))


def _times() -> Section:
    took, limit = seen("probe_duration_seconds"), seen("probe_timeout_seconds")
    latency = lines(
        Text("Latency", "How long the last attempt of each check took."),
        over_time(f"max by (check) ({took})", "{{check}}"),
        unit="s",
    ).data_links(links.check_of_series())
    phases = stacked(
        Text(
            "Phases",
            "Where the time goes: the mean over the chosen checks, phase by phase. Choose one "
            "check to see its own.",
        ),
        over_time(f"avg by (phase) ({at('', PHASES, *CHOSEN)})", "{{phase}}"),
        unit="s",
    )
    lookups = lines(
        Text("Name resolution", "How long the last attempt waited for a name."),
        over_time(f"max by (check) ({seen('probe_dns_lookup_time_seconds')})", "{{check}}"),
        unit="s",
    )
    close = bars(
        Text(
            "Share of the timeout", "How much of its timeout each check takes: at 100 % it fails."
        ),
        now(f"topk(15, max by (check) ({took} / {limit}))", "{{check}}"),
        unit="percentunit",
    )
    close.max(1).thresholds(looks.steps(GREEN, (0.5, YELLOW), (0.8, RED)))
    return Section("Times", (latency, phases, lookups, close.data_links(links.check_of_series())))


def _trust() -> Section:
    expiry = seen("probe_ssl_earliest_cert_expiry")
    chain = seen("probe_ssl_last_chain_info")
    version = seen("probe_tls_version_info")
    left = (DynamicConfigValue("unit", "s"), looks.coloured_background())
    marks = looks.step_property(RED, (3 * DAY, ORANGE), (21 * DAY, GREEN))
    certificates = grid(
        Text(
            "Certificates",
            "When the first of the certificates shown expires, trusted or not. Below 0 it has.",
            (24, 8),
        ),
        rows(f"min by ({OF_CHECK}) ({expiry}) - time()"),
        rows(f"max by ({OF_CHECK}, subject, issuer) ({chain})"),
        rows(f"max by ({OF_CHECK}, version) ({version})"),
        columns={
            "Value #A": Column("Expires in", 130, (*left, marks)),
            "check": Column("Check", 240, (links.check_of_row(),)),
            "subject": Column("Subject"),
            "issuer": Column("Issuer"),
            "version": Column("TLS", 90),
            "target": Column("Target", 300),
            "instance": Column("Daemon", 170),
            "location": Column("Location", 110),
        },
        empty="No check sees a certificate.",
    )
    return Section("Certificates", (certificates,))


def _retries() -> Section:
    attempts, runs = seen("probe_attempts_total"), seen("probe_runs_total")
    per_run = lines(
        Text("Attempts per run", "How many attempts a run needs: above 1 there were retries."),
        over_time(
            f"sum by (check) ({rate(attempts)}) / sum by (check) ({rate(runs)})", "{{check}}"
        ),
        unit="none",
        places=2,
    ).data_links(links.check_of_series())
    outcomes = stacked(
        Text("Attempts", "Attempts of the chosen checks, by how they ended."),
        over_time(f"sum by (outcome) ({rate(attempts)})", "{{outcome}}"),
        unit="ops",
    )
    return Section("Retries", (per_run, outcomes))
