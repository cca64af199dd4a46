"""What is configured about a claim, beside the checks that speak for it."""

from typing import Annotated

from pydantic import Field

from evidenced.config.base import Section
from evidenced.config.rulefile import Link
from evidenced.config.shape import Shape
from evidenced.config.slo import Slo

ClaimId = Annotated[str, Shape(r"[^\s\x00-\x1f\x7f]{1,300}", "the id of a claim, without spaces")]
"""The id of a claim, as the ledger gives it."""


class ClaimSettings(Section):
    """What holds for one claim of the ledger."""

    slo: Slo | None = Field(
        default=None,
        description="A service level objective: a sample is good while the claim is verified.",
    )
    runbook_url: Link | None = Field(
        default=None, description="Where it stands what to do when the claim is contradicted."
    )
