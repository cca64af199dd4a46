"""The dashboard "Daemon": whether evidenced itself keeps its beat."""

from grafana.build import looks
from grafana.build.board import Section, board, fill
from grafana.build.panels import Column, Text, grid, lines, number, stacked
from grafana.build.promql import of, rate
from grafana.build.source import now, over_time, rows
from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

UID = "evidence-daemon"
QUANTILES = (("0.5", "median"), ("0.95", "95th percentile"), ("0.99", "99th percentile"))


def make() -> models.Dashboard:
    """The dashboard."""
    made = board(
        UID,
        "Daemon",
        "Whether the daemons keep their beat, and what they need for it.",
        since="now-6h",
    )
    return fill(made, (_now(), _beat(), _keeping(), _needs()))


def _now() -> Section:
    daemons = grid(
        Text("Daemons", "Each daemon, its version, and whether all is well with it.", (24, 6)),
        rows(f"max by (instance) ({of('up')})"),
        rows(f"max by (instance, version) ({of('evidenced_build_info')})"),
        rows(f"time() - max by (instance) ({of('process_start_time_seconds')})"),
        rows(f"min by (instance) ({of('evidenced_vantage_up')})"),
        rows(f"min by (instance) ({of('evidenced_config_last_reload_successful')})"),
        rows(f"time() - max by (instance) ({_reloaded()})"),
        rows(f"count by (instance) ({of('probe_info')})"),
        columns={
            "instance": Column("Daemon"),
            "Value #A": Column("Scraped", 110, _cell(("yes", "no"))),
            "version": Column("Version", 120),
            "Value #C": Column("Up for", 130, (DynamicConfigValue("unit", "s"),)),
            "Value #D": Column("View", 110, _cell(("good", "gone"))),
            "Value #E": Column("Last reload", 120, _cell(("good", "refused"))),
            "Value #F": Column("Configured", 140, (DynamicConfigValue("unit", "s"),)),
            "Value #G": Column("Checks", 100),
        },
    )
    return Section("Now", (daemons,))


def _cell(said: tuple[str, str]) -> tuple[DynamicConfigValue, ...]:
    return (
        DynamicConfigValue("mappings", looks.yes_no(*said)),
        looks.coloured_background(),
    )


def _reloaded() -> str:
    return of("evidenced_config_last_reload_success_timestamp_seconds")


def _beat() -> Section:
    buckets = f"sum by (le) ({rate(of('evidenced_schedule_lateness_seconds_bucket'))})"
    lateness = lines(
        Text("Lateness", "How much later than due runs began, over the chosen daemons."),
        *(over_time(f"histogram_quantile({share}, {buckets})", name) for share, name in QUANTILES),
        unit="s",
    )
    runs = stacked(
        Text("Runs", "Runs of all checks, by how they ended."),
        over_time(f"sum by (result) ({rate(of('probe_runs_total'))})", "{{result}}"),
        unit="ops",
    )
    flying = lines(
        Text("In flight", "Runs that are looking at the same time.", (8, 7)),
        over_time(f"max by (instance) ({of('evidenced_probes_in_flight')})", "{{instance}}"),
        unit="none",
    )
    skipped = lines(
        Text(
            "Skipped runs",
            "Runs that were due and not begun, since the one before was still under way.",
            (8, 7),
        ),
        over_time(
            f"sum by (instance) ({rate(of('evidenced_schedule_skipped_runs_total'))})",
            "{{instance}}",
        ),
        unit="ops",
    )
    attempts = lines(
        Text("Attempts", "Attempts of all checks, by how they ended.", (8, 7)),
        over_time(f"sum by (outcome) ({rate(of('probe_attempts_total'))})", "{{outcome}}"),
        unit="ops",
    )
    return Section("Beat", (lateness, runs, flying, skipped, attempts))


def _keeping() -> Section:
    store = lines(
        Text("Store", "Writes to the store that failed: what they held is in memory only.", (8, 7)),
        over_time(
            f"sum by (instance) ({rate(of('evidenced_store_write_failures_total'))})",
            "{{instance}}",
        ),
        unit="ops",
    )
    beats = number(
        Text(
            "Last heartbeat",
            "How long ago the dead man's switch answered well, where one is configured.",
            (8, 7),
        ),
        now(f"time() - max by (instance) ({_heartbeat()})", "{{instance}}"),
        unit="s",
    ).no_value("none configured")
    told = lines(
        Text(
            "Alertmanager",
            "Alerts that each Alertmanager took, and requests to it that failed, where the daemon "
            "itself sends alerts.",
            (8, 7),
        ),
        over_time(
            f"sum by (alertmanager) ({rate(of('evidenced_alerts_sent_total'))})",
            "{{alertmanager}} took",
        ),
        over_time(
            f"sum by (alertmanager) ({rate(of('evidenced_alerts_failures_total'))})",
            "{{alertmanager}} failed",
        ),
        unit="ops",
    ).no_value("none configured")
    return Section("Evidence, alerts, issues, targets", (store, beats, told, _issues(), _found()))


def _issues() -> timeseries.Panel:
    return lines(
        Text(
            "Issue tracker",
            "Outages that have no issue yet, and how often the tracker was not to be had, where "
            "one is configured.",
            (8, 7),
        ),
        over_time(
            f"max by (instance) ({of('evidenced_tracker_outages_waiting')})", "{{instance}} waiting"
        ),
        over_time(
            f"sum by (instance) ({rate(of('evidenced_tracker_failures_total'))})",
            "{{instance}} failures a second",
        ),
        unit="short",
    ).no_value("none configured")


def _found() -> table.Panel:
    return grid(
        Text("Discovery", "The lists in which targets are found.", (16, 7)),
        rows(f"max by (instance, check, source) ({of('evidenced_discovery_targets')})"),
        rows(f"min by (instance, check, source) ({of('evidenced_discovery_successful')})"),
        columns={
            "check": Column("Check", 240),
            "source": Column("List"),
            "Value #A": Column("Targets", 100),
            "Value #B": Column("Last reading", 130, _cell(("good", "failed"))),
            "instance": Column("Daemon", 170),
        },
        empty="No target is discovered.",
    )


def _heartbeat() -> str:
    return of("evidenced_heartbeat_last_success_timestamp_seconds")


def _needs() -> Section:
    memory = lines(
        Text("Memory", "Resident memory.", (8, 7)),
        over_time(f"max by (instance) ({of('process_resident_memory_bytes')})", "{{instance}}"),
        unit="bytes",
    )
    processor = lines(
        Text("Processor", "Processors in use: 1 is one of them all the time.", (8, 7)),
        over_time(f"sum by (instance) ({rate(of('process_cpu_seconds_total'))})", "{{instance}}"),
        unit="none",
        places=3,
    )
    share = f"{of('process_open_fds')} / {of('process_max_fds')}"
    files = lines(
        Text("File descriptors", "Share of the allowed descriptors that is in use.", (8, 7)),
        over_time(f"max by (instance) ({share})", "{{instance}}"),
        unit="percentunit",
    )
    scrape = lines(
        Text("Scrape", "How long Prometheus waits for the metrics."),
        over_time(f"max by (instance) ({of('scrape_duration_seconds')})", "{{instance}}"),
        unit="s",
    )
    samples = lines(
        Text("Samples", "Samples in a scrape."),
        over_time(f"max by (instance) ({of('scrape_samples_scraped')})", "{{instance}}"),
        unit="short",
    )
    return Section("What it needs", (memory, processor, files, scrape, samples))
