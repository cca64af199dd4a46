"""Checks whose answers are good, but nearly too late: what `EvidencedCheckSlow` looks back at."""

from array import array
from collections.abc import Container

from evidenced.config.rulefile import RuleFile
from evidenced.config.types import shown_duration
from evidenced.probes.attempt import Outcome
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.alerts_text import the_check
from evidenced.publish.metrics_checks import check_labels
from evidenced.watch.board import CheckStatus
from evidenced.watch.observation import Observation


class Slowness:
    """How long the last runs of each check took, over the window of the rule.

    It is shown each check again and again, as Prometheus is by scrapes. Times are monotonic, in
    seconds.
    """

    def __init__(self) -> None:
        self._runs: dict[str, _Runs] = {}

    def seen(
        self, status: CheckStatus, rules: RuleFile, sender: Sender, ticks: float
    ) -> Matter | None:
        """Take in a check as it is now; that it is slow, if it is."""
        check, last = status.check, status.last
        if last is None:
            self._runs.pop(check.name, None)
            return None
        runs = self._runs.get(check.name)
        if runs is None:
            runs = self._runs[check.name] = _Runs()
        runs.see(last, ticks, ticks - rules.slow)
        limit = rules.slow_share * check.timing.timeout
        if not runs.slow(ticks, ticks - rules.slow, limit):
            return None
        return Matter(
            "EvidencedCheckSlow",
            {"job": sender.job, **check_labels(status)},
            f"The answers to the {the_check(status)} take longer than {shown_duration(limit)} on "
            f"average, close to the timeout of {shown_duration(check.timing.timeout)}; beyond it "
            "they are failures.",
        )

    def forget(self, kept: Container[str]) -> None:
        """Drop all checks but these."""
        for name in [name for name in self._runs if name not in kept]:
            del self._runs[name]


class _Runs:
    """The runs of one check: since when each was its last one, how long it took, how it ended."""

    __slots__ = ("_ended", "_since", "_took", "last")

    def __init__(self) -> None:
        self.last: Observation | None = None
        self._since, self._took = array("d"), array("d")
        self._ended: list[Outcome] = []

    def see(self, last: Observation, ticks: float, after: float) -> None:
        """Take in the last run, if it is another one; drop those that ended before `after`."""
        if last is self.last:
            return
        self.last = last
        self._since.append(ticks)
        self._took.append(last.last.duration)
        self._ended.append(last.result)
        gone = 0
        while gone + 1 < len(self._since) and self._since[gone + 1] <= after:
            gone += 1
        if gone:
            del self._since[:gone], self._took[:gone], self._ended[:gone]

    def slow(self, ticks: float, after: float, limit: float) -> bool:
        """Whether runs from `after` on were good, none failed, and they took longer than the limit.

        That is on average, in which each counts for as long as it was the last one.
        """
        # Of nearly all checks no run is slow, and nothing is to be reckoned.
        if max(self._took) <= limit:
            return False
        until, seconds, weighed, good = ticks, 0.0, 0.0, False
        for place in range(len(self._since) - 1, -1, -1):
            if until <= after:
                break
            if self._ended[place] is Outcome.FAILURE:
                return False
            good = good or self._ended[place] is Outcome.SUCCESS
            # What was seen just now for the first time has a weight, too.
            lasted = max(until - max(self._since[place], after), 1e-9)
            seconds, weighed = seconds + lasted, weighed + lasted * self._took[place]
            until = self._since[place]
        return good and weighed > limit * seconds
