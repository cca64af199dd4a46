"""The settings of kind `process`."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from evidenced.config.base import Section
from evidenced.config.expect import Count, CountRange, SizeCount, Text
from evidenced.config.kinds.base import KindSettings
from evidenced.config.types import Pattern, PositiveDuration


class ProcessExpect(Section):
    """Assertions on the processes that were found."""

    count: Count = Field(
        default=CountRange(min=1), description="How many there must be: one or more by default."
    )
    min_age: PositiveDuration | None = Field(
        default=None, description="How long each must have run at least."
    )
    max_age: PositiveDuration | None = Field(
        default=None, description="How long each may have run at most, as for a job that hangs."
    )
    memory: SizeCount | None = Field(
        default=None, description="How much memory all of them together hold (resident)."
    )


class ProcessSettings(KindSettings):
    """The processes of this host that have a name, a command line, a user, or all of these."""

    target_key: ClassVar[str | None] = "name"
    target_example: ClassVar[str] = "shop"

    name: Text | None = Field(
        default=None,
        description="The name, as `ps -o comm` shows it, or the file name of the program. The "
        "kernel cuts names to 15 characters; a longer one is found by its command line.",
    )
    command: Pattern | None = Field(
        default=None, description="A pattern that matches in the command line."
    )
    user: Text | None = Field(default=None, description="The user that it runs as.")
    expect: ProcessExpect = Field(
        default=ProcessExpect(), description="What they must be; one or more by default."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.name is None and self.command is None:
            raise ValueError("expected name, command or both")
        return self

    @property
    def target(self) -> str:
        """The name, else the pattern."""
        return self.name or str(self.command)
