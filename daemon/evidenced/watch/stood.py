"""What standings rest on and are hidden by, how they stood before, and how readings went."""

from dataclasses import dataclass
from enum import StrEnum

from evidenced.watch.verdict import Standing


class Basis(StrEnum):
    """What a claim's standing can rest on."""

    LIVE = "live"
    """A check speaks for it."""
    CITED = "cited"
    """It only cites something, which proves that this exists, not that it works."""
    NONE = "none"


class Blind(StrEnum):
    """Why what a check fails to see says nothing of its target."""

    VANTAGE = "vantage"
    """The daemon's own view is gone."""
    DEPENDENCY = "dependency"
    """A check that this one depends on fails."""
    SHARD = "shard"
    """The daemon that looks, one of several, has not been heard of."""


@dataclass(frozen=True, slots=True)
class Stood:
    """How a claim stood before a restart, and since when (seconds since the epoch)."""

    standing: Standing
    since: float | None
    contradicted: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the last readings of the configuration and the ledger went.

    `ledger_believed` is false while a reading is set aside because too much of it is gone.
    """

    config_loaded: bool
    config_loaded_at: float
    ledger_readable: bool = True
    ledger_believed: bool = True
