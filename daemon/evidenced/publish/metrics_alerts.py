"""What metrics tell of alerts that the daemon itself sends."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivered:
    """How one Alertmanager, by its address without secrets, was told.

    `alerts` is how many alerts it took, `failures` how many requests to it failed.
    """

    alertmanager: str
    alerts: int = 0
    failures: int = 0
