"""What a daemon remembers of the forges it asks: what is final, what is unchanged, when to wait."""

import time
from dataclasses import dataclass

_LONGEST = 86_400.0
"""Seconds that are waited at most, whatever a forge says."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The state of a pull request (open, closed, merged), and when it was merged, in Unix time."""

    state: str
    merged: float | None = None


@dataclass(frozen=True, slots=True)
class WorkflowRun:
    """How the newest finished run ended, in GitHub's words, and when, in Unix time."""

    conclusion: str
    ended: float


Seen = PullRequest | WorkflowRun | None
"""What is asked for; None where there is no finished run."""


class ForgeMemory:
    """What one daemon remembers of forges, by address and token."""

    def __init__(self) -> None:
        self.final: dict[str, Seen] = {}
        """What will not change any more, by address."""
        self.known: dict[tuple[str, str], tuple[str, Seen]] = {}
        """The last answers with their ETags, by address and token."""
        self._until: dict[tuple[str, str], float] = {}

    def wait(self, quota: tuple[str, str], seconds: float) -> None:
        """Note that nothing is to be asked within so many seconds."""
        until = time.monotonic() + min(seconds, _LONGEST)
        self._until[quota] = max(until, self._until.get(quota, 0.0))

    def left(self, quota: tuple[str, str]) -> float:
        """For how many seconds nothing is to be asked; 0 where it may be."""
        return max(self._until.get(quota, 0.0) - time.monotonic(), 0.0)
