"""What the daemon itself tells Alertmanager: what is the matter, and the alerts made of it.

The rules for Prometheus and the alerts sent directly share their names, severities and summaries:
these are read off the rules. Labels are those that the rules yield, for then Alertmanager takes an
alert that comes from both, or from two daemons, for one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evidenced.publish.rules_model import Severity

Labels = frozenset[tuple[str, str]]
"""The labels of an alert, which are what it is told apart by."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that is as an alert says, right now.

    `name` is the alert's, `severity` which one of that name it is where there are several, `labels`
    are those beside these two. `since` is when it became so where that is known (seconds since the
    epoch). `patience` is for how many seconds it must be so before the time that the rule itself
    waits begins. `of_files` says that it is one of the ledger's or the configuration's, which no
    restart brings about.
    """

    name: str
    labels: Mapping[str, str]
    description: str
    since: float | None = None
    patience: float = 0.0
    severity: Severity | None = None
    of_files: bool = False


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires: its labels, all of them, and since when (seconds since the epoch)."""

    labels: Labels
    annotations: Mapping[str, str]
    starts: float

    @property
    def name(self) -> str:
        """The alert's name."""
        return dict(self.labels)["alertname"]


@dataclass(frozen=True, slots=True)
class Sender:
    """The daemon as its alerts name it: job and instance as Prometheus would call them.

    `labels` are put on every alert.
    """

    job: str
    instance: str
    location: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def own(self) -> dict[str, str]:
        """The labels of an alert about the daemon itself."""
        location = {} if self.location is None else {"location": self.location}
        return {"job": self.job, "instance": self.instance, **location}
