"""The settings of kind `command`."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.expect import Condition, Text
from evidenced.config.files import FilePath
from evidenced.config.kinds.base import KindSettings
from evidenced.config.shape import Shape
from evidenced.config.types import PositiveDuration, Size, Whole, listed

MEBIBYTE = 1024 * 1024


def _without_zero(text: str) -> str:
    if "\0" in text:
        # What is found is not shown: an argument may be a secret.
        raise ValueError("found a text with the character U+0000 in it, expected one without")
    return text


def _arguments(value: object) -> object:
    if isinstance(value, str) and any(character.isspace() for character in value):
        raise ValueError(
            "found a text with spaces, expected a list: the program and its arguments, "
            "each for itself"
        )
    return listed(value)


Argument = Annotated[str, AfterValidator(_without_zero)]
Arguments = Annotated[
    tuple[Argument, ...],
    BeforeValidator(_arguments, json_schema_input_type=Text | list[str]),
]
VariableName = Annotated[
    str, Shape(r"[A-Za-z_][A-Za-z0-9_]*", "the name of a variable: letters, digits and _")
]
VariableValue = Annotated[str, Field(json_schema_extra={"writeOnly": True})]
_Status = Annotated[Whole, Field(ge=0, le=255)]
ExitStatuses = Annotated[
    tuple[_Status, ...], BeforeValidator(listed, json_schema_input_type=_Status | list[_Status])
]


class CommandLimits(Section):
    """What a command may use; the kernel ends it, or refuses it more, beyond that."""

    cpu: PositiveDuration | None = Field(
        default=None, description="Time on the processor, in whole seconds (rounded up)."
    )
    memory: Annotated[Size, Field(ge=MEBIBYTE)] | None = Field(
        default=None, description="Address space of each of its processes; at least 1MiB."
    )
    files: Annotated[Whole, Field(ge=8, le=1_000_000)] | None = Field(
        default=None, description="Files that each of its processes may have open; at least 8."
    )


class CommandExpect(Section):
    """Assertions on how a command ended and what it wrote."""

    exit: ExitStatuses = Field(
        default=(0,),
        description="The exit status, or a list of those allowed. A command that a signal ended "
        "has 128 and the number of the signal, as in a shell.",
    )
    stdout: Condition | None = Field(
        default=None,
        description="Conditions on its output as text (UTF-8), without the newline at the end. "
        "Where a number is compared, the text is read as one.",
    )
    stderr: Condition | None = Field(
        default=None, description="Conditions on what it wrote to standard error, in the same way."
    )

    @model_validator(mode="after")
    def _some_status(self) -> Self:
        if not self.exit:
            raise ValueError("found an empty list under exit, expected at least one exit status")
        return self


class CommandSettings(KindSettings):
    """One command: a program and its arguments, run directly. There is never a shell between."""

    run: Arguments = Field(
        repr=False,
        description="The program, and each of its arguments. It is looked for on the daemon's "
        "PATH unless there is a `/` in it. Arguments are shown nowhere: they may be secrets.",
    )
    env: dict[VariableName, VariableValue] = Field(
        default={},
        repr=False,
        description="Variables for it; their values are never shown. Of the daemon's own it gets "
        "only PATH, HOME, LANG and TZ.",
    )
    cwd: FilePath = Field(
        default=Path(),
        validate_default=True,
        description="The folder that it runs in; by default that of the configuration.",
    )
    user: Text | None = Field(
        default=None,
        description="The user to run it as. Any but its own the daemon needs root for.",
    )
    group: Text | None = Field(
        default=None, description="The group to run it as, instead of the user's own."
    )
    limits: CommandLimits = Field(
        default=CommandLimits(), description="What it may use, beside the time until its deadline."
    )
    output_limit: Annotated[Size, Field(ge=1)] = Field(
        default=MEBIBYTE,
        description="The most bytes that it may write to each of its outputs; more is a failure.",
    )
    expect: CommandExpect = Field(
        default=CommandExpect(), description="How it must end; with exit status 0 by default."
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not self.run or not self.run[0]:
            raise ValueError("found nothing to run, expected a program")
        return self

    @property
    def target(self) -> str:
        """The program, without its arguments: they may be secrets."""
        return self.run[0]
