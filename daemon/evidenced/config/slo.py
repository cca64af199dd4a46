"""A service level objective: how much of what is looked at must be good, over which time."""

from typing import Annotated

from pydantic import AfterValidator, Field

from evidenced.config.base import Section
from evidenced.config.types import Number, PositiveDuration

DAY = 86_400.0
SHORTEST, LONGEST = 7 * DAY, 90 * DAY
"""The windows, in seconds, for which burn rates over one hour to three days make sense."""


def _window(seconds: float) -> float:
    if not SHORTEST <= seconds <= LONGEST:
        raise ValueError("expected a window of 7d to 90d, such as 28d or 30d")
    return seconds


def _percentage(objective: float) -> float:
    if not 0 < objective < 100:
        raise ValueError("expected a percentage above 0 and below 100, such as 99.9")
    return objective


class Slo(Section):
    """A service level objective, and so an error budget: what of the window need not be good."""

    objective: Annotated[Number, AfterValidator(_percentage)] = Field(
        json_schema_extra={"exclusiveMinimum": 0, "exclusiveMaximum": 100},
        description="How much must be good, in percent of the samples, such as `99.9`.",
    )
    window: Annotated[PositiveDuration, AfterValidator(_window)] = Field(
        default=30 * DAY, description="The time over which that holds: 7d to 90d, up to now."
    )
    latency: PositiveDuration | None = Field(
        default=None,
        description="How long a good look may take at most; any time where it is not set.",
    )
