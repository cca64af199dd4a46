"""The dashboard "Evidence ledger": what the team claims, and whether production bears it out."""

from grafana.build import links, looks, variables
from grafana.build.board import Section, board, fill
from grafana.build.panels import Column, Text, grid, lines, number, stacked, timeline
from grafana.build.promql import at, each, or_zero
from grafana.build.source import now, over_time, rows
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

UID = "evidence-ledger"
DAEMON = "job, instance, location"
OF_CLAIM = f"{DAEMON}, claim"


def make() -> models.Dashboard:
    """The dashboard."""
    made = board(
        UID,
        "Evidence ledger",
        "What the operations ledger claims, and whether production bears it out now.",
        [variables.location(), variables.address()],
    )
    return fill(made, (_now(), _claims(), _contradictions(), _ledger()))


def _now() -> Section:
    by_status = each(at("evidenced_claim_status"), "job, claim, status")
    standings = number(
        Text(
            "Claims by standing",
            "How many claims have each standing now. One of which several daemons disagree counts "
            "for each standing that one of them gives it.",
            (12, 5),
        ),
        now(f"sum by (status) ({by_status})", "{{status}}"),
    )
    for name, properties in looks.by_name(looks.STANDINGS):
        standings.override_by_name(name, properties)
    checks = each(at("evidenced_claim_checks"), "job, claim")
    unchecked = number(
        Text(
            "Claims without a check",
            "Claims that nothing verifies, since no check speaks for them.",
            (4, 5),
        ),
        now(or_zero(f"count({checks} == 0)"), "claims"),
    ).thresholds(looks.steps(looks.GREEN, (1, looks.ORANGE)))
    drills = number(
        Text("Drills", "Claims that look failed on purpose now, to try the alerts.", (4, 5)),
        now(or_zero(_drills()), "drills"),
    ).thresholds(looks.steps(looks.GREEN, (1, looks.PURPLE)))
    seeing = number(
        Text(
            "View of the network",
            "Whether the daemons trust what they see. One that does not contradicts nothing.",
            (4, 5),
        ),
        now(f"min({at('evidenced_vantage_up')})", "view"),
        mappings=looks.yes_no("good", "gone"),
    )
    return Section("Now", (standings, unchecked, drills, seeing))


def _drills() -> str:
    # The one place that asks for drills: all else leaves them out.
    true = 'status="contradicted", drill="true"'
    chosen = 'job=~"$job", instance=~"$instance", location=~"$location"'
    return f"sum({each(f'evidenced_claim_status{{{chosen}, {true}}}', 'job, claim')})"


def _claims() -> Section:
    stable = _table(
        "stable",
        Text(
            "STABLE claims",
            "What the ledger holds as working. The age of the evidence is the time since all "
            "checks of the claim last held.",
            (24, 11),
        ),
    )
    closed = _table(
        "closed",
        Text(
            "CLOSED claims",
            "What the ledger holds as done. One that is contradicted has new proof against it and "
            "may be reopened.",
            (24, 9),
        ),
    )
    return Section("Claims", (stable, closed))


def _table(section: str, text: Text) -> table.Panel:
    of_section = f'section="{section}"'
    status = at("evidenced_claim_status", of_section)
    verified = at("evidenced_claim_last_verified_timestamp_seconds", of_section)
    basis = at("evidenced_claim_basis", of_section)
    columns = {
        "status": Column(
            "Standing",
            130,
            (
                DynamicConfigValue("mappings", looks.standing_words()),
                looks.coloured_background(),
            ),
        ),
        "claim": Column("Claim", 260, (links.proof_of_row(),)),
        "title": Column("Title"),
        "Value #C": Column("Age of evidence", 150, (DynamicConfigValue("unit", "s"),)),
        "basis": Column("Rests on", 100),
        "Value #D": Column("Checks", 90),
        "Value #E": Column("References", 110),
        "closed_on": Column("Closed on", 120),
        "instance": Column("Daemon", 170),
        "location": Column("Location", 110),
    }
    if section == "stable":
        del columns["closed_on"]
    info = at("evidenced_claim_info", of_section)
    labels = "title, closed_on" if section == "closed" else "title"
    return grid(
        text,
        rows(f"max by ({OF_CLAIM}, {labels}) ({info})"),
        rows(f"max by ({OF_CLAIM}, status) ({status} == 1)"),
        rows(f"time() - max by ({OF_CLAIM}) ({verified})"),
        rows(f"max by ({OF_CLAIM}) ({at('evidenced_claim_checks', of_section)})"),
        rows(f"sum by ({OF_CLAIM}) ({at('evidenced_claim_references', of_section)})"),
        rows(f"max by ({OF_CLAIM}, basis) ({basis} == 1)"),
        columns=columns,
    )


def _contradictions() -> Section:
    contradicted = each(at("evidenced_claim_status", _is("contradicted")), "job, claim, section")
    bad = at("evidenced_claim_status", 'status=~"contradicted|stale|unknown"')
    weighed = " or ".join(
        f"{at('evidenced_claim_status', _is(name))} * {weight}"
        for name, weight in looks.WEIGHTS.items()
    )
    ever = f"max by (claim) (max_over_time({bad}[$__range] @ end())) == 1"
    counted = stacked(
        Text("Contradicted claims", "How many claims production contradicted, by section."),
        over_time(f"sum by (section) ({contradicted})", "{{section}}"),
        unit="none",
    )
    share = lines(
        Text("Verified claims", "Share of the claims that were verified, by section."),
        over_time(f"avg by (section) ({at('evidenced_claim_verified')})", "{{section}}"),
        unit="percentunit",
    ).max(1)
    standing = timeline(
        Text(
            "Claims that did not hold",
            "The standing over time of each claim that was contradicted, stale or unknown at any "
            "time shown; the worst of those that the daemons see.",
            (24, 9),
        ),
        over_time(f"max by (claim) ({weighed}) and on (claim) ({ever})", "{{claim}}"),
        mappings=looks.standing_numbers(),
    )
    return Section("Contradictions", (counted, share, standing))


def _is(standing: str) -> str:
    return f'status="{standing}"'


def _ledger() -> Section:
    items = at("evidenced_ledger_items")
    begun = at("evidenced_ledger_items", 'section="in_progress"')
    in_progress = number(
        Text("In progress", "Items in progress. The ledger allows one.", (6, 4)),
        now(f"max({begun})", "items"),
    ).thresholds(looks.steps(looks.GREEN, (2, looks.RED)))
    reading = number(
        Text(
            "Last reading",
            "Whether the last reading of the ledger is in force. While it is not, the claims are "
            "those of the last good one.",
            (6, 4),
        ),
        now(
            f"min({at('evidenced_ledger_readable')} * {at('evidenced_ledger_believed')})", "reading"
        ),
        mappings=looks.yes_no("in force", "refused"),
    )
    updated = number(
        Text("Last updated", "How long ago the ledger was updated, as it says itself.", (6, 4)),
        now(f"time() - max({at('evidenced_ledger_updated_timestamp_seconds')})", "age"),
        unit="s",
    )
    missed = each(at("evidenced_claim_references_missing"), "job, claim")
    missing = number(
        Text(
            "Missing documents",
            "Documents that claims cite and the repository does not have.",
            (6, 4),
        ),
        now(f"sum({missed})", "documents"),
    ).thresholds(looks.steps(looks.GREEN, (1, looks.ORANGE)))
    broken = grid(
        Text("Ledger rules", "The rules that the ledger breaks, and at how many places.", (8, 8)),
        rows(f"max by (rule, severity) ({at('evidenced_ledger_violations')} > 0)"),
        columns={
            "rule": Column("Rule"),
            "severity": Column("Severity", 100),
            "Value": Column("Places", 90),
        },
        empty="No rule is broken.",
    )
    sections = lines(
        Text("Items by section", "How many items each section of the ledger has.", (16, 8)),
        over_time(f"max by (section) ({items})", "{{section}}"),
        unit="none",
    )
    return Section("Ledger", (in_progress, reading, updated, missing, sections, broken))
