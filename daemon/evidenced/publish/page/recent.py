"""How long the last runs of each check took, for the sparklines; in memory only."""

from array import array
from collections.abc import Container
from itertools import islice

from evidenced.probes.attempt import Outcome
from evidenced.watch.observation import Observation

KEPT = 48
"""Runs of a check that a sparkline shows."""


class Recent:
    """The last runs of every check: some 400 bytes each."""

    def __init__(self) -> None:
        self._runs: dict[str, array[float]] = {}

    def seen(self, observation: Observation) -> None:
        """Take in a run: how long its last attempt took."""
        runs = self._runs.setdefault(observation.check.name, array("f"))
        if len(runs) >= 2 * KEPT:
            del runs[:KEPT]
        took = max(observation.last.duration, 1e-6)
        # The sign says how it ended, which spares another array.
        runs.append(took if observation.result is Outcome.SUCCESS else -took)

    def of(self, check: str) -> tuple[tuple[float, bool], ...]:
        """The last runs, oldest first: seconds, and whether it succeeded."""
        runs = self._runs.get(check)
        return () if runs is None else tuple((abs(one), one > 0) for one in runs[-KEPT:])

    def forget(self, kept: Container[str], at_most: int = 1000) -> None:
        """Drop checks that are no longer among these, so many at a time."""
        gone = (name for name in self._runs if name not in kept)
        for name in tuple(islice(gone, at_most)):
            del self._runs[name]
