"""What a rule file is made of: alerts and recorded series, in groups."""

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """Whom an alert is for: wake someone, file a ticket, or just know."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alerting rule; `hold` is how long the expression must hold, in seconds.

    `keep` is how long it goes on firing when the expression no longer holds, in seconds: Prometheus
    has it as `keep_firing_for`, since 2.42. `labels` are put on the alert beside those of its
    series, `links` among its annotations.
    """

    name: str
    expr: str
    severity: Severity
    summary: str
    description: str
    hold: float = 0.0
    keep: float = 0.0
    labels: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One recording rule: the series `name`, with `labels` put on it."""

    name: str
    expr: str
    labels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """Rules evaluated together, one after the other, every `interval` seconds.

    None: as often as that Prometheus evaluates rules anyway.
    """

    name: str
    rules: tuple[Alert | Record, ...]
    interval: float | None = None
