"""When an error budget burns too fast: burn rates over two windows each, as in the SRE workbook.

Source: The Site Reliability Workbook (2018), chapter 5, "Multiwindow, Multi-Burn-Rate Alerts",
table 5-8. An alert needs both windows: the long one says that enough of the budget is gone to care,
the short one that it still burns, so that the alert ends soon after the trouble does.
"""

from dataclasses import dataclass
from fractions import Fraction

from evidenced.publish.rules_model import Severity

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0

SLOWEST = Fraction(9, 10)
"""The least burn rate that is told of. A slower one leaves a tenth of the budget and more."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A share of the budget, in percent, that must not be gone within the long window.

    Windows are in seconds.
    """

    name: str
    severity: Severity
    percent: int
    long: float
    short: float

    def factor(self, window: float) -> Fraction:
        """The burn rate at which that share of the budget of a window (seconds) is gone.

        At a burn rate of 1 the budget lasts exactly for the window.
        """
        rate = Fraction(self.percent, 100) * Fraction(window) / Fraction(self.long)
        return max(rate, SLOWEST)


TIERS = (
    Tier("page-quick", Severity.CRITICAL, 2, HOUR, 5 * MINUTE),
    Tier("page-slow", Severity.CRITICAL, 5, 6 * HOUR, 30 * MINUTE),
    Tier("ticket-quick", Severity.WARNING, 10, DAY, 2 * HOUR),
    Tier("ticket-slow", Severity.WARNING, 10, 3 * DAY, 6 * HOUR),
)
"""The tiers, the fastest first; what they are called is a contract, for a label has it."""


@dataclass(frozen=True, slots=True)
class Burn:
    """What a tier comes to for one SLO.

    `factor` is the burn rate and `threshold` the error ratio above which it fires, once at least
    `minutes` of the long window were bad.
    """

    tier: Tier
    factor: Fraction
    threshold: Fraction
    minutes: Fraction


def burns(budget: Fraction, window: float, least: int) -> tuple[Burn, ...]:
    """The tiers that can fire at all; the budget is the error ratio allowed over the window.

    `least` is the number of bad minutes below which nothing is told. A tier cannot fire where its
    burn rate is out of reach even if all is bad, or its long window shorter than that.
    """
    found = []
    for tier in TIERS:
        factor = tier.factor(window)
        threshold = factor * budget
        whole = Fraction(tier.long) / 60
        minutes = max(Fraction(least), threshold * whole)
        if threshold < 1 and minutes <= whole:
            found.append(Burn(tier, factor, threshold, minutes))
    return tuple(found)
