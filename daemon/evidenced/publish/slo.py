"""The rules of SLOs: how much was bad over which time, what is left, and when it burns too fast.

All over the same samples, one a minute: how good the subject was then, or none where nobody could
tell. A ratio is over the samples that there are, so that a gap counts neither as good nor as bad.
The whole window is summed up of pieces of five minutes, each with its number of samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from evidenced.config.model import Config
from evidenced.config.slo import Slo
from evidenced.config.timing import Timings
from evidenced.config.types import shown_duration
from evidenced.publish.rules_links import linked
from evidenced.publish.rules_model import Alert, Group, Record
from evidenced.publish.rules_settings import RuleSettings
from evidenced.publish.slo_alerts import budget_alert, number
from evidenced.publish.slo_samples import matcher, of_check, of_claim
from evidenced.publish.slo_series import (
    BURN_RATE,
    GOOD,
    LEFT,
    OBJECTIVE,
    TILE_COUNT,
    TILE_GOOD,
    WHOLE,
    WINDOW,
    errors,
)
from evidenced.publish.slo_tiers import DAY, HOUR, MINUTE, Burn, Tier, burns

QUICK, SLOW = MINUTE, 5 * MINUTE
"""How often the two groups of an SLO are evaluated, in seconds: a sample a minute, and a piece of
five minutes. Pages are in the first, tickets in the second, which reads over days."""

CONFIRMED = 2
"""Bad minutes below which a claim's alert does not fire: its checks have confirmed each."""


@dataclass(frozen=True, slots=True)
class Objective:
    """An SLO of one subject: `kind` is `check` or `claim`, `sample` the expression of its samples.

    `least` is the number of bad minutes below which no alert fires.
    """

    kind: str
    name: str
    slo: Slo
    sample: str
    least: int

    @property
    def budget(self) -> Fraction:
        """The error ratio that is allowed over the window."""
        return (100 - Fraction(str(self.slo.objective))) / 100

    @property
    def burns(self) -> tuple[Burn, ...]:
        """What its tiers come to, those that can fire at all."""
        return burns(self.budget, self.slo.window, self.least)

    @property
    def series(self) -> str:
        """The matchers of what is recorded for it."""
        return f"{{{matcher(self.kind, self.name)}}}"

    def record(self, name: str, expr: str) -> Record:
        """A recorded series of it, under its labels."""
        return Record(name, expr, {self.kind: self.name, "slo": self.name})

    def ratio(self, window: float) -> Record:
        """The error ratio over so many seconds."""
        over = f"{GOOD}{self.series}[{shown_duration(window)}]"
        count, good = f"count_over_time({over})", f"sum_over_time({over})"
        return self.record(errors(window), f"({count} - {good}) / {count}")

    def constant(self, name: str, value: Fraction) -> Record:
        """A number with the labels of the samples, for as long as there are some."""
        over = f"{GOOD}{self.series}[{shown_duration(6 * HOUR)}]"
        return self.record(name, f"count_over_time({over}) * 0 + {number(value)}")


def slo_groups(config: Config, settings: RuleSettings) -> tuple[Group, ...]:
    """Two groups for each SLO of a claim or a check, in the order of the configuration."""
    return tuple(
        group
        for objective in objectives(config, settings)
        for group in (_quick(objective, settings), _slow(objective, settings))
    )


def objectives(config: Config, settings: RuleSettings) -> Iterator[Objective]:
    """The SLOs of a configuration, in its order: those of claims first."""
    for claim, own in config.claims.items():
        if slo := own.slo:
            sample = of_claim(settings, claim, slo.latency)
            yield Objective("claim", claim, slo, sample, CONFIRMED)
    timings = Timings(config.defaults)
    for check in config.checks:
        if slo := check.slo:
            sample = of_check(settings, check.name, slo.latency)
            interval = timings.of(check).interval
            yield Objective("check", check.name, slo, sample, _more_than_one_run(interval))


def _more_than_one_run(interval: float) -> int:
    """Bad minutes that one bad run cannot make: it is seen until the next, so once more at most."""
    return int(interval // MINUTE) + 2


def _quick(objective: Objective, settings: RuleSettings) -> Group:
    hour = errors(HOUR) + objective.series
    records = (
        objective.record(GOOD, objective.sample),
        *(objective.ratio(window) for window in (300.0, 1800.0, HOUR, 7200.0, 6 * HOUR)),
        objective.constant(OBJECTIVE, 1 - objective.budget),
        objective.constant(WINDOW, Fraction(objective.slo.window)),
        objective.record(BURN_RATE, f"{hour} / {number(objective.budget)}"),
    )
    return Group(_name(objective), (*records, *_alerts(objective, settings, QUICK)), QUICK)


def _slow(objective: Objective, settings: RuleSettings) -> Group:
    good = GOOD + objective.series
    window = shown_duration(objective.slo.window)
    sums = f"sum_over_time({TILE_GOOD}{objective.series}[{window}])"
    counts = f"sum_over_time({TILE_COUNT}{objective.series}[{window}])"
    minutes = number(Fraction(objective.slo.window) / 60)
    records = (
        objective.record(TILE_GOOD, f"sum_over_time({good}[5m])"),
        objective.record(TILE_COUNT, f"count_over_time({good}[5m])"),
        objective.ratio(DAY),
        objective.ratio(3 * DAY),
        objective.record(WHOLE, f"({counts} - {sums}) / {counts}"),
        # A minute that nobody saw takes nothing of the budget: it was not seen to be bad.
        objective.record(
            LEFT,
            f"1 - {WHOLE}{objective.series} / {number(objective.budget)}\n"
            f"  * clamp_max({counts} / {minutes}, 1)",
        ),
    )
    return Group(f"{_name(objective)}-slow", (*records, *_alerts(objective, settings, SLOW)), SLOW)


def evaluated_every(tier: Tier) -> float:
    """How often the alerts of a tier are evaluated, in seconds."""
    return QUICK if tier.long < DAY else SLOW


def _name(objective: Objective) -> str:
    return f"evidenced-slo-{objective.kind}-{objective.name}"


def _alerts(objective: Objective, settings: RuleSettings, every: float) -> Iterator[Alert]:
    """The alerts of the tiers that are evaluated so often."""
    window = objective.slo.window
    for burn in objective.burns:
        if every == evaluated_every(burn.tier):
            alert = budget_alert(objective.kind, objective.name, window, objective.budget, burn)
            yield _linked(alert, objective, settings)


def _linked(alert: Alert, objective: Objective, settings: RuleSettings) -> Alert:
    """The alert with its links; which claim it is about is known here, and so is its runbook."""
    is_claim = objective.kind == "claim"
    own = settings.runbooks.get(objective.name) if is_claim else None
    alert = replace(alert, links={"runbook_url": own} if own else {})
    return linked(alert, replace(settings, runbooks={}), claim=is_claim)
