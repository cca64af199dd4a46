"""Which error budgets burn too fast, by the minutes of each: the alerts of `slo_alerts`.

A window has the minutes at both its ends, as a range of Prometheus 2 does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from evidenced.config.types import shown_duration
from evidenced.publish.alerts_minutes import Minutes
from evidenced.publish.alerts_model import Matter, Sender
from evidenced.publish.alerts_text import found
from evidenced.publish.slo import Objective, evaluated_every
from evidenced.publish.slo_alerts import NAME, TIER, number
from evidenced.publish.slo_tiers import MINUTE, TIERS, Burn, Tier
from evidenced.watch.board import Board, CheckStatus

LONGEST_SHORT = max(tier.short for tier in TIERS)
"""Seconds without a bad minute after which no tier fires."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a tier comes to for all SLOs that ask for the same, in whole numbers and in words.

    `long` and `short` are the minutes of its windows. It fires where `numerator` / `denominator` of
    both were bad, and at least `bad` minutes of the long one.
    """

    tier: Tier
    numerator: int
    denominator: int
    bad: int
    long: int
    short: int
    goal: str

    @classmethod
    def of(cls, burn: Burn, objective: Objective) -> "Limit":
        """The limit of one tier of an SLO."""
        tier, threshold = burn.tier, burn.threshold
        goal, window = number(100 - 100 * objective.budget), shown_duration(objective.slo.window)
        return cls(
            tier,
            threshold.numerator,
            threshold.denominator,
            ceil(burn.minutes),
            _span(tier.long),
            _span(tier.short),
            f"Of its SLO ({goal} % over {window}) the error budget burns at a rate above "
            f"{number(burn.factor)}; at 1 it lasts for all of that.",
        )

    def exceeded(self, minutes: Minutes) -> float | None:
        """The error ratio of the long window where the tier fires, else None."""
        if not self._above(*minutes.over(self.short)):
            return None
        bad, seen = minutes.over(self.long)
        return bad / seen if bad >= self.bad and self._above(bad, seen) else None

    def _above(self, bad: int, seen: int) -> bool:
        return bad * self.denominator > self.numerator * seen


class Scales:
    """Weighs the budgets of SLOs, of which most ask for the same as others do."""

    def __init__(self) -> None:
        self._limits: dict[tuple[float, float, int], tuple[Limit, ...]] = {}

    def burning(
        self, objective: Objective, minutes: Minutes, every: float
    ) -> Iterator[tuple[Limit, float]]:
        """The tiers evaluated so often (seconds) that fire, each with the error ratio of its long
        window."""
        # Of nearly all there is no bad minute, and nothing to be reckoned.
        if not minutes.over(_span(LONGEST_SHORT))[0]:
            return
        for limit in self._of(objective):
            if evaluated_every(limit.tier) == every:
                ratio = limit.exceeded(minutes)
                if ratio is not None:
                    yield limit, ratio

    def _of(self, objective: Objective) -> tuple[Limit, ...]:
        asked = (objective.slo.objective, objective.slo.window, objective.least)
        limits = self._limits.get(asked)
        if limits is None:
            limits = tuple(Limit.of(burn, objective) for burn in objective.burns)
            self._limits[asked] = limits
        return limits

    def matters(
        self, objective: Objective, minutes: Minutes, every: float, board: Board, sender: Sender
    ) -> tuple[Matter, ...]:
        """What is told of the budget of one SLO, by the tiers that are evaluated so often."""
        return tuple(
            Matter(
                NAME,
                {
                    "job": sender.job,
                    objective.kind: objective.name,
                    "slo": objective.name,
                    TIER: limit.tier.name,
                },
                _told(objective, limit, ratio) + "".join(_now(objective, board, sender)),
                severity=limit.tier.severity,
            )
            for limit, ratio in self.burning(objective, minutes, every)
        )


def _span(window: float) -> int:
    return int(window // MINUTE) + 1


def _told(objective: Objective, limit: Limit, ratio: float) -> str:
    """The words of the rule, the share to two digits: it is another one each minute."""
    long, short = shown_duration(limit.tier.long), shown_duration(limit.tier.short)
    share = f"{float(f'{100 * ratio:.2g}'):g}"
    return (
        f"In the last {long} the {objective.kind} {objective.name} was bad for {share}% of the "
        f"time, in the last {short} as well. {limit.goal}"
    )


def _now(objective: Objective, board: Board, sender: Sender) -> Iterator[str]:
    """A line for each of its checks that fails now."""
    claim = board.claims.get(objective.name) if objective.kind == "claim" else None
    names = claim.checks if claim else (objective.name,) if objective.kind == "check" else ()
    for name in sorted(names):
        if status := board.checks.get(name):
            whose = f"check {name} of " if claim else ""
            yield from (f"\nNow {whose}{line}" for line in _failing(status, sender))


def _failing(status: CheckStatus, sender: Sender) -> Iterator[str]:
    place = status.check.location or sender.location
    whence = f" from {place}" if place else ""
    for reason, detail in found(status):
        yield f"{status.check.target}{whence}: {detail} ({reason})."
