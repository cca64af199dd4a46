"""The settings of kind `forge`."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

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
from evidenced.config.kinds.base import KindSettings
from evidenced.config.shape import Shape
from evidenced.config.tls import TlsSettings
from evidenced.config.types import PositiveDuration, Secret, Whole, listed, some

HOMES = {"github": "https://github.com", "gitlab": "https://gitlab.com"}
"""Where a forge is that is not said to be elsewhere."""

State = Literal["open", "closed", "merged"]
Conclusion = Literal[
    "success",
    "failure",
    "cancelled",
    "skipped",
    "neutral",
    "timed_out",
    "action_required",
    "stale",
    "startup_failure",
]
_States = Annotated[
    tuple[State, ...],
    BeforeValidator(listed, json_schema_input_type=State | list[State]),
    AfterValidator(some),
]
_Conclusions = Annotated[
    tuple[Conclusion, ...],
    BeforeValidator(listed, json_schema_input_type=Conclusion | list[Conclusion]),
    AfterValidator(some),
]


class ForgeExpect(Section):
    """Assertions on a pull request or on a run of a workflow."""

    state: _States | None = Field(
        default=None,
        description="The state of the pull request, or a list of those allowed: `open`, `closed` "
        "or `merged`. Not set: `merged`.",
    )
    conclusion: _Conclusions | None = Field(
        default=None,
        description="How the newest finished run ended, or a list of what is allowed, in GitHub's "
        "words: `success`, `failure`, `cancelled`, `skipped` and so on. Not set: `success`.",
    )
    max_age: PositiveDuration | None = Field(
        default=None, description="How long ago that run may have ended at most."
    )


class ForgeSettings(KindSettings):
    """A pull request or a workflow on GitHub, GitLab, Gitea or Forgejo, by their API.

    A forge that is out of order, limits our requests or does not take the token says nothing about
    the pull request: the result is then unknown, and where the forge says how long to wait, nothing
    is asked of it before. A merged pull request stays merged and is not asked for again.
    """

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
    ] = Field(description="The repository, OWNER/NAME.")
    pull_request: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="The number of a pull request (on GitLab, of a merge request)."
    )
    workflow: (
        Annotated[str, Shape(r"[^\s/][^/\x00-\x1f]{0,200}", "the name of a workflow, or '*'")]
        | None
    ) = Field(
        default=None,
        description="A workflow, by the name of its file such as `ci.yml` (on GitLab, a pipeline "
        "by the name that `workflow:name` gives it); `'*'` for any.",
    )
    branch: Annotated[str, Shape(r"[^\s\x00-\x1f]{1,250}", "the name of a branch")] | None = Field(
        default=None, description="The branch that the workflow ran on. Not set: any."
    )
    token_file: FilePath | None = Field(
        default=None, description="A file with a token that may read the repository."
    )
    token: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That token itself, best as `${VARIABLE}`. A public repository needs none, but "
        "without one the limits are low (on GitHub 60 requests an hour).",
    )
    tls: TlsSettings = Field(
        default=TlsSettings(), description="Which certificates are trusted, and for which name."
    )
    expect: ForgeExpect = Field(
        default=ForgeExpect(),
        description="What must hold; where nothing is said, `merged` or `success`.",
    )

    @field_validator("token")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.pull_request is None) == (self.workflow is None):
            raise ValueError("expected one of pull_request and workflow")
        if self.base_url is None and self.forge not in HOMES:
            raise ValueError(f"expected base_url: {self.forge} has no home of its own")
        if self.forge != "gitlab" and self.repository.count("/") != 1:
            raise ValueError(f"found {self.repository} as repository, expected OWNER/NAME")
        amiss = {"state"} if self.pull_request is None else {"conclusion", "max_age"}
        if found := sorted(amiss & self.expect.model_fields_set):
            of = "pull_request" if self.workflow else "workflow"
            raise ValueError(f"found expect.{found[0]}, expected it only with {of}")
        if self.branch is not None and self.workflow is None:
            raise ValueError("found branch, expected it only with workflow")
        return self

    @property
    def home(self) -> str:
        """The address of the forge."""
        return self.base_url or HOMES[self.forge]

    @property
    def target(self) -> str:
        """Host, repository, and the pull request's number or the workflow with its branch."""
        host = urlsplit(self.home).netloc.rpartition("@")[2]
        if self.pull_request is not None:
            what = f"{'!' if self.forge == 'gitlab' else '#'}{self.pull_request}"
        else:
            what = f" {self.workflow}{f' on {self.branch}' if self.branch else ''}"
        return f"{host}/{self.repository}{what}"
