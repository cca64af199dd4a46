"""The dashboard "Check detail": one check, and every fact that is known of it."""

from grafana.build import links, looks, variables
from grafana.build.board import Section, board, fill
from grafana.build.endpoints import PHASES
from grafana.build.panels import Column, Text, grid, lines, number, stacked, timeline
from grafana.build.promql import at, average, rate
from grafana.build.source import now, over_time, rows
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

THIS = 'check="$check"'
PROBES = '__name__=~"probe_.+"'
NOT_FACTS = (
    '__name__!~"probe_(success|verified|contradicted|retried|maintenance|flapping|expectation_met)"',
    '__name__!~"probe_(duration|timeout|max_age|last_run_timestamp)_seconds"',
    '__name__!~".+_(info|total|created)"',
)
"""What is said of every check, and stands in panels of its own; the rest is what it saw."""

SECONDS = (
    ("Took", "How long the last attempt took.", "probe_duration_seconds"),
    ("Timeout", "How long one attempt may take.", "probe_timeout_seconds"),
    ("Max age", "How old the last verification may be.", "probe_max_age_seconds"),
)
"""Numbers of seconds: title, description, metric."""

STATES = (
    ("Contradicted", "Whether several runs confirm the failure.", "probe_contradicted", looks.RED),
    (
        "Flapping",
        "Whether it is contradicted for its changes.",
        "probe_flapping",
        looks.ORANGE,
    ),
    ("Maintenance", "Whether its failures count for nothing.", "probe_maintenance", looks.PURPLE),
)
"""What may be on or off: title, description, metric, the colour of on."""


def make() -> models.Dashboard:
    """The dashboard."""
    checks = variables.one("check", "Check", f"label_values({at('probe_info')}, check)")
    made = board(
        links.CHECK,
        "Check detail",
        "One check: what it claims, what it sees, how long it takes and why it fails.",
        [variables.location(), checks, variables.address()],
        since="now-6h",
    )
    return fill(made, (_now(), _outcomes(), _times(), _facts()))


def of_it(metric: str, *matchers: str) -> str:
    """The series of the chosen check."""
    return at(metric, THIS, *matchers)


def _now() -> Section:
    numbers = (
        number(
            Text("Last run", "Whether the last run succeeded, for all daemons.", (3, 4)),
            now(f"min({of_it('probe_success')})", "result"),
            mappings=looks.yes_no("succeeded", "failed"),
        ),
        number(
            Text("Ended", "How long ago the last run ended.", (3, 4)),
            now(f"time() - max({of_it('probe_last_run_timestamp_seconds')})", "age"),
            unit="s",
        ),
        *(
            number(Text(title, description, (3, 4)), now(f"max({of_it(metric)})", "time"), unit="s")
            for title, description, metric in SECONDS
        ),
        *(
            number(
                Text(title, description, (3, 4)),
                now(f"max({of_it(metric)})", "state"),
                mappings=looks.yes_no("yes", "no", colour, looks.GREEN),
            )
            for title, description, metric, colour in STATES
        ),
    )
    return Section("Now", (*numbers, _claims(), _failure()))


def _claims() -> table.Panel:
    status = f"{at('evidenced_claim_status')} == 1"
    its = at("evidenced_claim_check_info", THIS)
    standing = f"{status} and on (job, instance, claim) {its}"
    return grid(
        Text("Claims that it speaks for", "Their standing now, with the proof.", (12, 6)),
        rows(f"max by (instance, claim, section, status) ({standing})"),
        columns={
            "status": Column(
                "Standing",
                130,
                (
                    DynamicConfigValue("mappings", looks.standing_words()),
                    looks.coloured_background(),
                ),
            ),
            "claim": Column("Claim", None, (links.proof_of_row(),)),
            "section": Column("Section", 100),
            "instance": Column("Daemon", 170),
        },
        empty="It speaks for no claim.",
    )


def _failure() -> table.Panel:
    return grid(
        Text("Why it fails", "What was expected and found when the failure began.", (12, 6)),
        rows(f"max by (instance, reason, expectation, detail) ({of_it('probe_failure_info')})"),
        columns={
            "reason": Column("Reason", 110),
            "expectation": Column("Expectation", 160),
            "detail": Column("Expected and found"),
            "instance": Column("Daemon", 170),
        },
        empty="It does not fail.",
    )


def _outcomes() -> Section:
    success = timeline(
        Text("Success", "Whether the last run succeeded, by daemon.", (24, 5)),
        over_time(f"min by (instance) ({of_it('probe_success')})", "{{instance}}"),
        mappings=looks.yes_no("succeeds", "fails"),
    )
    met = timeline(
        Text("Expectations", "Which expectations the last attempt met, for all daemons.", (24, 6)),
        over_time(f"min by (expectation) ({of_it('probe_expectation_met')})", "{{expectation}}"),
        mappings=looks.yes_no("met", "not met"),
    )
    ratio = lines(
        Text("Success ratio", "Share of the time in which it succeeded, by daemon.", (8, 7)),
        over_time(f"avg by (instance) ({average(of_it('probe_success'))})", "{{instance}}"),
        unit="percentunit",
    ).max(1)
    runs = stacked(
        Text("Runs", "Runs by how they ended.", (8, 7)),
        over_time(f"sum by (result) ({rate(of_it('probe_runs_total'))})", "{{result}}"),
        unit="ops",
    )
    attempts = stacked(
        Text("Attempts", "Attempts by how they ended; a retried run has more than one.", (8, 7)),
        over_time(f"sum by (outcome) ({rate(of_it('probe_attempts_total'))})", "{{outcome}}"),
        unit="ops",
    )
    return Section("Outcomes", (success, met, ratio, runs, attempts))


def _times() -> Section:
    latency = lines(
        Text("Latency", "How long the last attempt took, by daemon, and how long it may take."),
        over_time(f"max by (instance) ({of_it('probe_duration_seconds')})", "{{instance}}"),
        over_time(f"max({of_it('probe_timeout_seconds')})", "timeout"),
        unit="s",
    )
    phases = stacked(
        Text("Phases", "Where the time goes: the mean of the daemons, phase by phase."),
        over_time(f"avg by (phase) ({at('', PHASES, THIS)})", "{{phase}}"),
        unit="s",
    )
    return Section("Times", (latency, phases))


def _facts() -> Section:
    every = at("", PROBES, THIS)
    told = grid(
        Text(
            "Every fact",
            "All that is known of the check now, as its metrics say it.",
            (24, 14),
        ),
        rows(every),
        columns={
            "__name__": Column("Metric", 420),
            "Value": Column("Value", 180),
            "instance": Column("Daemon", 170),
        },
    )
    numbers = lines(
        Text("What it saw, over time", "The numbers that attempts of its kind see.", (24, 9)),
        over_time(f"max by (__name__) ({at('', PROBES, *NOT_FACTS, THIS)})", "{{__name__}}"),
        unit="short",
    )
    return Section("Facts", (told, numbers))
