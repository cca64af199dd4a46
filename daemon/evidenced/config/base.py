"""What every section of the configuration has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A mapping of the configuration: its keys are fixed, its values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
