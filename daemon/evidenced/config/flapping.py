"""When a check that cannot make up its mind counts as flapping."""

from pydantic import Field

from evidenced.config.base import Section
from evidenced.config.types import PositiveDuration, Whole


class Flapping(Section):
    """More changes than these in the window are one contradiction, not many."""

    changes: Whole = Field(
        default=6,
        ge=2,
        le=1000,
        description="The most changes between verified and contradicted that are told one by one.",
    )
    window: PositiveDuration = Field(
        default=3600.0, description="The time within which they are counted."
    )
