"""The families of a check's own times, so that a rule can hold what is seen against them."""

from evidenced.publish.metrics_family import Family, given
from evidenced.watch.board import CheckStatus


def planned(status: CheckStatus) -> int:
    """The check as it is planned: checks are replaced, never changed."""
    return id(status.check)


TIMING_FAMILIES: tuple[Family[CheckStatus], ...] = (
    Family(
        "probe_timeout_seconds",
        "gauge",
        "How long one attempt may take.",
        lambda status: given(status.check.timing.timeout),
        unit="seconds",
        seen=planned,
    ),
    Family(
        "probe_max_age_seconds",
        "gauge",
        "How old the last verification may be before it is stale.",
        lambda status: given(status.check.timing.max_age),
        unit="seconds",
        seen=planned,
    ),
)
