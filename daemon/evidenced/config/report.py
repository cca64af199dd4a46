"""The settings of the report: where it is written, when, in which formats, and who commits it."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.cron import Cron, TimeZone
from evidenced.config.files import FilePath
from evidenced.config.shape import Shape
from evidenced.config.types import PositiveDuration, listed, some

Format = Literal["markdown", "html", "json"]

_UTC = TimeZone("UTC")
_DAILY = Cron("0 7 * * *")

_REF = Shape(r"[A-Za-z0-9_][A-Za-z0-9_./+-]{0,200}", "a name such as main or releases/2")
_MESSAGE = Shape(r"\s*[^\s\x00][^\x00]{0,4000}", "a message of at most 4000 characters")
_PERSON = Shape(r"[^<>\x00-\x1f\x7f]{1,200} <[^<>\s\x00-\x1f\x7f]{1,200}>", "NAME <ADDRESS>")


class CommitSettings(Section):
    """How the report is committed to the git repository that it lies in.

    `true` stands for the section with all defaults, `false` for none.
    """

    push: bool = Field(default=False, description="Whether what was committed is pushed too.")
    remote: Annotated[str, _REF] = Field(
        default="origin", description="The remote to push to, by its name."
    )
    branch: Annotated[str, _REF] | None = Field(
        default=None,
        description="Commit only while this branch is checked out; else whichever one is.",
    )
    message: Annotated[str, _MESSAGE] = Field(
        default="Production facts", description="The message of the commits."
    )
    author: Annotated[str, _PERSON] | None = Field(
        default=None,
        description="Author and committer, `NAME <ADDRESS>`; else as git is configured.",
    )
    timeout: PositiveDuration = Field(
        default=60.0,
        description="The deadline of one commit with its hooks, and that of one push.",
    )


def _commit(value: object) -> object:
    """A truth value stands for the section with all defaults, or for none."""
    if value is None:
        raise ValueError("expected true, false or a mapping")
    return ({} if value else None) if isinstance(value, bool) else value


def _each_once(formats: tuple[Format, ...]) -> tuple[Format, ...]:
    again = next((one for one in formats if formats.count(one) > 1), None)
    if again is not None:
        raise ValueError(f"found {again} twice, expected each format once")
    return formats


class ReportSettings(Section):
    """The report: the facts of production as they are, in a file beside the ledger."""

    path: FilePath = Field(
        description="The file, such as `PROD-FACTS-LAST.md`. HTML and JSON stand beside it, with "
        "`.html` and `.json` in place of its suffix."
    )
    schedule: Cron = Field(
        default=_DAILY, description="When it is written, as a cron expression: `0 7 * * *`."
    )
    zone: TimeZone = Field(default=_UTC, description="The time zone of it.")
    on_change: bool = Field(
        default=True,
        description="Whether it is written too when the standing of a claim changes; changes that "
        "follow each other within seconds are one report.",
    )
    formats: Annotated[
        tuple[Format, ...],
        BeforeValidator(listed, json_schema_input_type=Format | list[Format]),
        AfterValidator(some),
        AfterValidator(_each_once),
    ] = Field(default=("markdown",), description="What is written: `markdown`, `html`, `json`.")
    commit: Annotated[
        CommitSettings | None,
        BeforeValidator(_commit, json_schema_input_type=bool | CommitSettings),
    ] = Field(
        default=None,
        description="Whether the files of the report, and nothing else, are committed with git.",
    )

    @model_validator(mode="after")
    def _apart(self) -> Self:
        paths = list(self.paths.values())
        if len(set(paths)) < len(paths):
            raise ValueError(
                f"found {self.path.name} for the Markdown of several formats, expected a name such "
                "as PROD-FACTS-LAST.md"
            )
        return self

    @property
    def paths(self) -> dict[Format, Path]:
        """The file of each format, in the order of the formats."""
        return {
            one: self.path if one == "markdown" else self.path.with_suffix(f".{one}")
            for one in self.formats
        }
