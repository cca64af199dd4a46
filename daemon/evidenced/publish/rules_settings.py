"""What the rules can be set to: where the series are, and how long what may last."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """The selector of the daemon's series, and the times of the alerts in seconds."""

    selector: str = 'job="evidenced"'
    """Label matchers for the series of all daemons."""
    bridge: float = 300.0
    """How long the last sample of a claim counts, so that a missed scrape resolves nothing, and
    nothing is resolved before `down` says that the daemon is gone."""
    margin: float = 120.0
    """What scrapes and evaluations may add to the time in which a claim comes to a standing."""
    down: float = 120.0
    """How long a daemon may be gone: a restart, or some scrapes missed."""
    bad_file: float = 120.0
    """How long a configuration or a ledger may be bad: an editor at work."""
    silent: float = 900.0
    """How long claims may be without a check."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long it may take after a start until a claim has a standing, in seconds, margin included.

    `usual` is for checks of the default timing, `slowest` for the slowest of all checks.
    """

    usual: float
    slowest: float
