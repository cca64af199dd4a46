"""The alerts on the daemon itself: whether it lives, sees, keeps the beat and its records."""

from evidenced.config.types import format_duration
from evidenced.publish.rules_model import Alert, Group, Severity
from evidenced.publish.rules_promql import latest, select
from evidenced.publish.rules_settings import RuleSettings

WATCHDOG = "EvidencedWatchdog"
"""The alert that always fires."""


def daemon_group(settings: RuleSettings) -> Group:
    """The alerts whose subject is a daemon."""
    return Group(
        "evidenced-daemon",
        (
            _not_reloaded(settings),
            _blind(settings),
            _late(settings),
            _skipping(settings),
            _not_stored(settings),
            _down(settings),
            _shard_missing(settings),
            _watchdog(),
        ),
    )


def _not_reloaded(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedReloadFailed",
        f"{latest(settings, 'evidenced_config_last_reload_successful')} == 0",
        Severity.WARNING,
        "The configuration could not be reloaded.",
        "{{ $labels.instance }} could not take over its configuration. The last good one "
        "stays in force; the daemon's log names the file, the line and the key.",
        settings.file.bad_file,
    )


def _blind(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedVantageDown",
        f"{latest(settings, 'evidenced_vantage_up')} == 0",
        Severity.CRITICAL,
        "The daemon has lost its view of the network.",
        "Too many sentinels of {{ $labels.instance }} fail, so it cannot tell whether the "
        "claims of the ledger hold: they are unknown, and what was contradicted stays so.",
        settings.file.down,
    )


def _late(settings: RuleSettings) -> Alert:
    window = format_duration(settings.file.held_up)
    buckets = select(settings, "evidenced_schedule_lateness_seconds_bucket")
    return Alert(
        "EvidencedScheduleLate",
        "histogram_quantile(0.95,\n"
        f"  sum by (job, instance, location, le) (rate({buckets}[{window}]))\n"
        f") > {settings.file.late:g}",
        Severity.WARNING,
        "Checks begin later than they are due.",
        "At {{ $labels.instance }} one run in twenty begins {{ $value | humanizeDuration }} late "
        "or more: the host is short of processor time, or `concurrency` is too low.",
        settings.file.held_up,
    )


def _skipping(settings: RuleSettings) -> Alert:
    """The time it must last is the window of the increase: one skipped run is too short for it."""
    return Alert(
        "EvidencedRunsSkipped",
        _goes_on(settings, "evidenced_schedule_skipped_runs_total", settings.file.held_up),
        Severity.WARNING,
        "Runs of checks are skipped again and again.",
        "{{ $labels.instance }} goes on skipping runs that are due: the one before is still under "
        "way, or the daemon is held up. About {{ $value | humanize }} of late.",
        settings.file.held_up,
    )


def _not_stored(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedStoreFailing",
        _goes_on(settings, "evidenced_store_write_failures_total", settings.file.store),
        Severity.WARNING,
        "Evidence cannot be written to the store.",
        "Writes of {{ $labels.instance }} to its store go on failing. What they hold is kept in "
        "memory and lost with the daemon; its log says why the store refuses.",
        settings.file.store,
    )


def _goes_on(settings: RuleSettings, counter: str, lasts: float) -> str:
    return f"increase({select(settings, counter)}[{format_duration(lasts)}]) > 0"


def _down(settings: RuleSettings) -> Alert:
    return Alert(
        "EvidencedDown",
        f"{select(settings, 'up')} == 0\nor\nabsent({select(settings, 'up')})",
        Severity.CRITICAL,
        "The daemon that verifies the ledger is gone.",
        "Prometheus cannot scrape evidenced{{ with $labels.instance }} at {{ . }}{{ end }}: "
        "nobody looks whether the claims of the ledger hold.",
        settings.file.down,
    )


def _shard_missing(settings: RuleSettings) -> Alert:
    """A ticket: one that Prometheus knows is a page already, but of one never begun it does not."""
    return Alert(
        "EvidencedShardMissing",
        f"max by (job) (\n  {latest(settings, 'evidenced_shards_missing')}\n) > 0",
        Severity.WARNING,
        "A shard that the configuration counts is not heard of.",
        "Of {{ $value | humanize }} of the shards among which the checks are divided the others do "
        "not hear: nobody looks at what they have.",
        settings.file.bridge,
    )


def _watchdog() -> Alert:
    return Alert(
        WATCHDOG,
        "vector(1)",
        Severity.NONE,
        "Alerting works.",
        "This alert always fires. Route it to a receiver that notices when it no longer comes.",
    )
