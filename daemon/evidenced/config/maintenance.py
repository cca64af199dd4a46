"""Windows in which work is done on purpose, so that standings are left as they are."""

from typing import Self

from pydantic import Field, model_validator

from evidenced.config.base import Section
from evidenced.config.cron import Cron, TimeZone
from evidenced.config.expect import Text, Texts
from evidenced.config.types import PositiveDuration

_UTC = TimeZone("UTC")


class MaintenanceWindow(Section):
    """A window that comes again and again: the checks go on, the standings stay as they are."""

    claims: Texts = Field(default=(), description="The claims that it is about.")
    checks: Texts = Field(default=(), description="The checks that it is about.")
    cron: Cron = Field(description="When it begins, as a cron expression: `0 3 * * SUN`.")
    zone: TimeZone = Field(
        default=_UTC,
        description="The time zone of it; where clocks change it is as with cron.",
    )
    lasts: PositiveDuration = Field(description="How long it lasts.")
    why: Text = Field(description="What is done, for whoever sees it.")

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if not self.claims and not self.checks:
            raise ValueError("found neither claims nor checks, expected some of either")
        return self

    def until(self, now: float) -> float | None:
        """When the window that is open now closes, in seconds since the epoch; None if none is."""
        begins = self.cron.following(now - self.lasts, self.zone)
        return begins + self.lasts if begins <= now else None
