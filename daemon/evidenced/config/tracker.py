"""The settings of the issue tracker: where each outage becomes one issue, and its words."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from evidenced.config.base import Section
from evidenced.config.files import FilePath, secret_beside
from evidenced.config.http import BaseAddress
from evidenced.config.kinds.forge import HOMES
from evidenced.config.placeholders import placeholders
from evidenced.config.shape import Shape
from evidenced.config.tls import TlsSettings
from evidenced.config.types import Duration, PositiveDuration, Secret, listed, shown_duration, some

TITLE_PLACES = ("claim", "title", "section", "location")
BODY_PLACES = (*TITLE_PLACES, "text", "since", "proof_url", "evidence", "facts")
"""What may stand in double braces in the texts."""

MOST_PATIENT = 60.0
"""Seconds that one request may take at most."""

Label = Annotated[
    str, Shape(r"[^\s,\x00-\x1f](?:[^,\x00-\x1f]{0,48}[^\s,\x00-\x1f])?", "a label, without commas")
]
_Labels = Annotated[
    tuple[Label, ...],
    BeforeValidator(listed, json_schema_input_type=Label | list[Label]),
    AfterValidator(some),
]
_User = Annotated[str, Shape(r"[\w][\w.-]{0,254}", "the name of a user")]
_Users = Annotated[
    tuple[_User, ...], BeforeValidator(listed, json_schema_input_type=_User | list[_User])
]
_Part = Literal["stable", "closed"]
_Parts = Annotated[
    tuple[_Part, ...],
    BeforeValidator(listed, json_schema_input_type=_Part | list[_Part]),
    AfterValidator(some),
]


def _places(text: str, known: tuple[str, ...]) -> str:
    for name in placeholders(text):
        if name not in known:
            raise ValueError(f"found {{{{{name}}}}}, expected one of {', '.join(known)} in braces")
    return text


class TrackerTemplate(Section):
    """The texts of an issue, with places such as `{{claim}}` that are filled in."""

    title: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        default="{{claim}} is contradicted: {{title}}",
        description="The title. Places: `claim`, `title`, `section`, `location`.",
    )
    body: Annotated[str, Field(min_length=1, max_length=20_000)] = Field(
        default="{{facts}}",
        description="The body, in Markdown. Places: those of the title, `text`, `since`, "
        "`proof_url`, `evidence`, and `facts` for all that is written without a template.",
    )

    @field_validator("title")
    @classmethod
    def _in_the_title(cls, text: str) -> str:
        return _places(text, TITLE_PLACES)

    @field_validator("body")
    @classmethod
    def _in_the_body(cls, text: str) -> str:
        return _places(text, BODY_PLACES)


class TrackerSettings(Section):
    """An issue tracker in which each outage of a claim is one issue."""

    forge: Literal["github", "gitlab", "gitea", "forgejo"] = Field(
        default="github", description="Which forge it is: `github`, `gitlab`, `gitea`, `forgejo`."
    )
    base_url: BaseAddress | None = Field(
        default=None,
        repr=False,
        description="The address of the forge, of which its API is found. Not set: github.com or "
        "gitlab.com; needed for the others.",
    )
    repository: Annotated[
        str, Shape(r"[\w.-]+(?:/[\w.-]+)+", "OWNER/NAME, on GitLab maybe with groups between")
    ] = Field(description="The repository whose issues they are, OWNER/NAME.")
    token_file: FilePath | None = Field(
        default=None,
        description="A file with a token that may write issues and set their labels.",
    )
    token: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That token itself, best as `${VARIABLE}`.",
    )
    labels: _Labels = Field(
        default=("evidenced",),
        description="Labels of the issues. By the first one they are found again: it must be used "
        "for nothing else, and be another one for each ledger.",
    )
    assignees: _Users = Field(default=(), description="The users that they are assigned to.")
    template: TrackerTemplate = Field(
        default=TrackerTemplate(), description="How an issue is worded."
    )
    sections: _Parts = Field(
        default=("stable", "closed"),
        description="The sections of the ledger whose claims have issues: `stable`, `closed`.",
    )
    comment_every: PositiveDuration = Field(
        default=3600.0,
        description="The least time between two comments of news while an outage lasts.",
    )
    settle: Duration = Field(
        default=300.0,
        description="How long a claim must be borne out again before its issue is closed; when it "
        "is contradicted within that time, that is the same outage.",
    )
    close: bool = Field(
        default=True,
        description="Whether the issue is closed when the outage is over. Otherwise it gets the "
        "comment only, and the next outage goes on in it while it is open.",
    )
    timeout: PositiveDuration = Field(default=15.0, description="The deadline of one request.")
    tls: TlsSettings = Field(
        default=TlsSettings(), description="Which certificates are trusted, and for which name."
    )

    @field_validator("token")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.token is None:
            raise ValueError("expected token or token_file: nobody may write issues without one")
        if self.base_url is None and self.forge not in HOMES:
            raise ValueError(f"expected base_url: {self.forge} has no home of its own")
        if self.forge != "gitlab" and self.repository.count("/") != 1:
            raise ValueError(f"found {self.repository} as repository, expected OWNER/NAME")
        if self.timeout > MOST_PATIENT:
            most = shown_duration(MOST_PATIENT)
            raise ValueError(f"found a timeout longer than {most}, expected at most that")
        return self

    @property
    def home(self) -> str:
        """The address of the forge."""
        return self.base_url or HOMES[self.forge]
