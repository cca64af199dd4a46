"""How long after a start a claim may be without a standing."""

import math

from evidenced.config.defaults import Confirm
from evidenced.config.model import Config
from evidenced.config.timing import Timings
from evidenced.publish.rules_settings import Patience


def patience_of(config: Config, margin: float) -> Patience:
    """How long the checks of this configuration may take to come to a standing; margin in seconds.

    The n-th run of a check ends within n + 1 intervals of its start, and n is the greater of its
    confirmations. The usual check has the default timing, as derived ones do.
    """
    timings = [*map(Timings(config.defaults).of, config.checks)]
    usual = _first_standing(config.defaults.interval, config.defaults.confirm)
    slowest = max([usual, *(_first_standing(t.interval, t.confirm) for t in timings)])
    return Patience(_minutes(usual + margin), _minutes(slowest + margin))


def _first_standing(interval: float, confirm: Confirm) -> float:
    return (max(confirm.failures, confirm.successes) + 1) * interval


def _minutes(seconds: float) -> float:
    return math.ceil(seconds / 60) * 60.0
