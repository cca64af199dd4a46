"""Pieces of PromQL that the rules are made of."""

import re

from evidenced.config.types import format_duration
from evidenced.publish.rules_settings import RuleSettings

CLAIM_LABELS = "job, claim, section, drill"
CHECK_LABELS = "job, check, kind, target"
_JOB_IS_GIVEN = re.compile(r'(?:^|, ?)job="')
_OF_JOB = re.compile(r'(?:^|, ?)(job[=!]~?"[^"]*")')


def select(settings: RuleSettings, metric: str, *matchers: str) -> str:
    """The series of a metric that these rules are about."""
    return f"{metric}{{{', '.join((settings.file.selector, *matchers))}}}"


def latest(settings: RuleSettings, metric: str, *matchers: str) -> str:
    """The last sample even when the last scrapes were missed, as in a restart of the daemon."""
    window = format_duration(settings.file.bridge)
    return f"last_over_time({select(settings, metric, *matchers)}[{window}])"


def recorded(settings: RuleSettings, record: str) -> str:
    """A series that these rules record: of the labels that select, it has kept the job alone."""
    jobs = ", ".join(_OF_JOB.findall(settings.file.selector))
    return f"{record}{{{jobs}}}" if jobs else record


def indented(text: str, by: int = 2) -> str:
    """The text with each of its lines that many spaces further to the right."""
    return "\n".join(" " * by + line for line in text.splitlines())


def at_enough_locations(settings: RuleSettings, claims: str) -> str:
    """The claims of an expression (1 for each daemon that says so) that reach the quorum."""
    if settings.file.quorum == 1:
        return f"max by ({CLAIM_LABELS}) (\n{indented(claims)}\n) == 1"
    return (
        f"count by ({CLAIM_LABELS}) (\n"
        f"  max by ({CLAIM_LABELS}, location) (\n{indented(claims, 4)}\n  ) == 1\n"
        f") >= {settings.file.quorum}"
    )


def head_of_claim(settings: RuleSettings) -> str:
    """A template's first line: `$claim`, the matchers for the claim that the alert is about.

    %q quotes as PromQL does. The rest of the template asks Prometheus with it for the whole story.
    """
    return _head(settings, "claim")


def head_of_check(settings: RuleSettings) -> str:
    """A template's first line: `$check`, the matchers for the check that the alert is about."""
    return _head(settings, "check")


def _head(settings: RuleSettings, label: str) -> str:
    selector = settings.file.selector.replace("%", "%%")
    matchers, values = [selector], []
    if _JOB_IS_GIVEN.search(selector) is None:
        matchers, values = [*matchers, "job=%q"], ["$labels.job"]
    matchers, values = [*matchers, f"{label}=%q"], [*values, f"$labels.{label}"]
    return f"{{{{- ${label} := printf `{', '.join(matchers)}` {' '.join(values)} -}}}}\n"
