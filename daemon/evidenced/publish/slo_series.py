"""The series that are recorded for each SLO: their names, and what they mean.

Names are `level:metric:operations`, as is usual with Prometheus.
"""

from typing import NamedTuple

from evidenced.config.types import shown_duration

GOOD = "evidenced:slo_good:ratio"
TILE_GOOD = "evidenced:slo_good:sum5m"
TILE_COUNT = "evidenced:slo_good:count5m"
WHOLE = "evidenced:slo_errors:ratio_window"
OBJECTIVE = "evidenced:slo_objective:ratio"
WINDOW = "evidenced:slo_window:seconds"
BURN_RATE = "evidenced:slo_burn_rate:ratio_rate1h"
LEFT = "evidenced:slo_budget_left:ratio"


def errors(window: float) -> str:
    """The name of the error ratio over so many seconds."""
    return f"evidenced:slo_errors:ratio_rate{shown_duration(window)}"


class Series(NamedTuple):
    """A recorded series, and how often it is evaluated."""

    name: str
    every: str
    meaning: str


SERIES = (
    Series(
        GOOD,
        "1m",
        "How good this minute is, from 0 to 1: the share of the daemons that see it good. Absent "
        "where none can tell.",
    ),
    *(
        Series(errors(window), every, f"Share of the last {text} that was bad.")
        for window, every, text in (
            (300.0, "1m", "5 minutes"),
            (1800.0, "1m", "30 minutes"),
            (3600.0, "1m", "hour"),
            (7200.0, "1m", "2 hours"),
            (21_600.0, "1m", "6 hours"),
            (86_400.0, "5m", "day"),
            (259_200.0, "5m", "3 days"),
        )
    ),
    Series(WHOLE, "5m", "Share of the SLO's whole window that was bad."),
    Series(OBJECTIVE, "1m", "The objective: the share that must be good."),
    Series(WINDOW, "1m", "The SLO's window, in seconds."),
    Series(
        BURN_RATE,
        "1m",
        "How fast the error budget burns, over the last hour: at 1 it lasts for the window.",
    ),
    Series(
        LEFT,
        "5m",
        "Share of the error budget of the whole window that is left; below 0 it is overspent.",
    ),
    Series(TILE_GOOD, "5m", "Sum of the samples of 5 minutes, of which the whole window is made."),
    Series(TILE_COUNT, "5m", "Number of the samples of 5 minutes; a gap has fewer, or none."),
)
"""All of them; each also has `job`, `slo`, and `check` or `claim`."""
