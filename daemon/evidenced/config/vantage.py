"""How the daemon knows that it can see at all."""

from typing import Self

from pydantic import Field, model_validator

from evidenced.config.base import Section
from evidenced.config.expect import Texts
from evidenced.config.types import Whole


class Vantage(Section):
    """Checks of the daemon's own view; while too many of them fail, nothing is contradicted."""

    checks: Texts = Field(
        description="The names of the sentinels: checks of the resolver, the gateway, hosts that "
        "have nothing to do with each other."
    )
    need: Whole | None = Field(
        default=None,
        ge=1,
        description="How many sentinels must hold; half of them, rounded up, where it is not set.",
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if not self.checks:
            raise ValueError("found no checks, expected at least one")
        if self.need is not None and self.need > len(self.checks):
            raise ValueError(
                f"found need {self.need}, expected at most the number of checks, {len(self.checks)}"
            )
        return self

    @property
    def needed(self) -> int:
        """How many sentinels must hold."""
        return self.need or (len(self.checks) + 1) // 2
