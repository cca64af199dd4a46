"""The dashboard "Error budgets": how fast they burn, and what is left of them."""

from grafana.build import links, looks, variables
from grafana.build.board import Section, board, fill
from grafana.build.panels import Column, Text, bars, grid, lines
from grafana.build.promql import of
from grafana.build.source import now, over_time, rows
from grafana_foundation_sdk.builders import common
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

UID = "evidence-budgets"
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
"""The windows for which the rules record the share that was bad."""

OF_SLO = "job, slo, check, claim"


def make() -> models.Dashboard:
    """The dashboard."""
    query = f"label_values({recorded('objective:ratio', '')}, slo)"
    slos = variables.several("slo", "SLO", query)
    made = board(
        UID,
        "Error budgets",
        "Service level objectives: how fast their error budgets burn, and what is left.",
        [slos, variables.address()],
        since="now-3d",
    )
    return fill(made, (_now(), _budget(), _burning(), _causes()))


def recorded(series: str, matcher: str = 'slo=~"$slo"') -> str:
    """A series that the rules record for each SLO.

    It is about all daemons together and has no label `instance` to select by.
    """
    matchers = ", ".join(filter(None, ('job=~"$job"', matcher)))
    return f"evidenced:slo_{series}{{{matchers}}}"


def burn_rate(window: str) -> str:
    """How fast the budget burnt in the window before each moment: at 1 it lasts for the SLO's."""
    return f"{recorded(f'errors:ratio_rate{window}')} / (1 - {recorded('objective:ratio')})"


def _now() -> Section:
    percent = DynamicConfigValue("unit", "percentunit")
    left = looks.step_property(looks.RED, (0, looks.ORANGE), (0.25, looks.GREEN))
    fast = looks.step_property(looks.GREEN, (1, looks.ORANGE), (6, looks.RED))
    seconds = DynamicConfigValue("unit", "s")
    slos = grid(
        Text(
            "Objectives",
            "Each objective with the budget that is left of its whole window (below 0 it is "
            "overspent), and how fast it burnt in the last hour.",
            (24, 9),
        ),
        rows(f"max by ({OF_SLO}) ({recorded('budget_left:ratio')})"),
        rows(f"max by ({OF_SLO}) ({recorded('burn_rate:ratio_rate1h')})"),
        rows(f"max by ({OF_SLO}) ({recorded('objective:ratio')})"),
        rows(f"max by ({OF_SLO}) ({recorded('errors:ratio_window')})"),
        rows(f"max by ({OF_SLO}) ({recorded('window:seconds')})"),
        columns={
            "Value #A": Column("Budget left", 140, (percent, looks.coloured_background(), left)),
            "slo": Column("SLO"),
            "Value #B": Column("Burn rate, 1h", 140, (looks.coloured_background(), fast)),
            "Value #C": Column("Objective", 110, (percent, DynamicConfigValue("decimals", 2))),
            "Value #D": Column("Bad in the window", 160, (percent,)),
            "Value #E": Column("Window", 110, (seconds,)),
            "check": Column("Check", 240, (links.check_of_row(),)),
            "claim": Column("Claim", 240, (links.proof_of_row(),)),
        },
    )
    alerting = grid(
        Text("Alerts", "The error budget alerts that are pending or fire now.", (24, 6)),
        rows(f"max by ({OF_SLO}, tier, severity, alertstate) ({_alerts()})"),
        columns={
            "slo": Column("SLO"),
            "tier": Column("Tier", 140),
            "severity": Column("Severity", 110),
            "alertstate": Column("State", 110),
        },
        empty="No budget burns too fast.",
    )
    return Section("Now", (slos, alerting))


def _alerts() -> str:
    matchers = 'job=~"$job", alertname="EvidencedErrorBudgetBurn", slo=~"$slo"'
    return f"ALERTS{{{matchers}}}"


def _budget() -> Section:
    left = recorded("budget_left:ratio")
    over = lines(
        Text("Budget left", "Share of the error budget of the whole window that is left."),
        over_time(f"min by (slo) ({left})", "{{slo}}"),
        unit="percentunit",
    )
    over.max(1).thresholds(looks.steps(looks.RED, (0, "transparent")))
    over.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.AREA))
    good = lines(
        Text("Good", "How good each minute was: the share of the daemons that saw it good."),
        over_time(f"min by (slo) ({recorded('good:ratio')})", "{{slo}}"),
        unit="percentunit",
    )
    return Section("Budget", (over, good.max(1)))


def _burning() -> Section:
    panels = [
        lines(
            Text(
                f"Burn rate, {window}",
                "At 1 the budget lasts for the window of the objective. The lines are those of the "
                "alerts at 30d: 1, 3, 6 and 14.4.",
                (6, 7),
            ),
            over_time(f"max by (slo) ({burn_rate(window)})", "{{slo}}"),
            unit="none",
            places=2,
        )
        .thresholds(
            looks.steps(
                "transparent",
                (1, looks.YELLOW),
                (3, looks.ORANGE),
                (6, looks.RED),
                (14.4, looks.PURPLE),
            )
        )
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
        for window in WINDOWS
    ]
    fastest = bars(
        Text("Bad in the last hour", "Share of the last hour that was bad.", (6, 7)),
        now(f"max by (slo) ({recorded('errors:ratio_rate1h')})", "{{slo}}"),
        unit="percentunit",
    ).max(1)
    return Section("Burn rates", (*panels, fastest))


def _causes() -> Section:
    failing = f"max by (instance, check, target, reason, detail) ({of('probe_failure_info')})"
    causes = grid(
        Text("Failing checks", "What may burn the budgets now.", (24, 7)),
        rows(failing),
        columns={
            "check": Column("Check", 240, (links.check_of_row(),)),
            "reason": Column("Reason", 110),
            "detail": Column("Expected and found"),
            "target": Column("Target", 300),
            "instance": Column("Daemon", 170),
        },
        empty="No check fails.",
    )
    return Section("Causes", (causes,))
