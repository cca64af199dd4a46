"""Selectors of series, held to what is chosen at the top of a dashboard."""

CHOSEN = ('job=~"$job"', 'instance=~"$instance"')
"""What every selector has: dashboard-linter's target-job-rule and target-instance-rule."""

PLACE = 'location=~"$location"'
"""The chosen locations; series without a location have an empty one, which All matches."""

REAL = 'drill=""'
"""Leaves out the series that a drill adds beside the true ones of a claim."""

CLAIM = "evidenced_claim_"


def of(metric: str, *matchers: str) -> str:
    """The series of a metric; of a claim's metrics only the true ones, not those of drills."""
    real = (REAL,) if metric.startswith(CLAIM) else ()
    return f"{metric}{{{', '.join((*CHOSEN, *real, *matchers))}}}"


def at(metric: str, *matchers: str) -> str:
    """The series of a metric from the chosen locations."""
    return of(metric, PLACE, *matchers)


def each(gauge: str, labels: str, worst: str = "max") -> str:
    """One series for these labels, however many daemons look: the worst that one of them has."""
    return f"{worst} by ({labels}) ({gauge})"


def rate(counter: str) -> str:
    """How often a second, over the interval that suits the dashboard's time range."""
    return f"rate({counter}[$__rate_interval])"


def average(gauge: str) -> str:
    """The mean of a gauge over the same interval, so that no short failure falls between points."""
    return f"avg_over_time({gauge}[$__rate_interval])"


def or_zero(expression: str) -> str:
    """The expression, and 0 where it has no series: nothing to count is 0, not "no data"."""
    return f"({expression}) or vector(0)"
