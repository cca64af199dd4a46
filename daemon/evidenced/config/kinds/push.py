"""The settings of kind `push`."""

from typing import Annotated, Self

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from evidenced.config.base import Section
from evidenced.config.cron import Cron, TimeZone
from evidenced.config.expect import Condition, Count, CountRange
from evidenced.config.files import FilePath, secret_beside
from evidenced.config.kinds.base import KindSettings
from evidenced.config.shape import Shape
from evidenced.config.types import Duration, PositiveDuration, Secret

FACT_NAME_PATTERN = r"[^\s\x00-\x1f\x7f]{1,100}"
"""The name of a fact that is pushed."""

FactName = Annotated[
    str, Shape(FACT_NAME_PATTERN, "the name of a fact: 1 to 100 characters without spaces")
]


class PushExpect(Section):
    """Assertions on the last push; each is met or not by itself, under its own name."""

    ok: bool = Field(
        default=True,
        description="What the push must say of itself. One that says nothing says that all is "
        "well, unless it has the counts of a test run: these then decide.",
    )
    tests: Count | None = Field(
        default=None,
        description="How many tests the run must have. A run in which no test ran never is good.",
    )
    failures: Count | None = Field(
        default=None, description="How many of its tests may fail; none where it is not set."
    )
    errors: Count | None = Field(
        default=None, description="How many may end in an error; none where it is not set."
    )
    skipped: Count | None = Field(default=None, description="How many may be skipped.")
    assertions: Count | None = Field(
        default=None,
        description="How many assertions the run must have; not every test runner counts them.",
    )
    duration: PositiveDuration | None = Field(
        default=None, description="The longest that what is reported may have taken."
    )
    facts: dict[FactName, Condition] = Field(
        default={}, description="Conditions on the facts that are pushed, by their name."
    )

    @field_validator("tests")
    @classmethod
    def _some_test(cls, tests: CountRange | None) -> CountRange | None:
        if tests is not None and tests.max == 0:
            raise ValueError("found at most 0 tests, expected at least 1: no test proves nothing")
        return tests


class PushSettings(KindSettings):
    """A push from cron, CI or a script, and how long the daemon may be without one.

    It needs `every` or `cron`, and a token here or in `tokens`: without one nobody may push.
    """

    retried = False

    every: PositiveDuration | None = Field(
        default=None, description="How long after one push the next one is due."
    )
    cron: Cron | None = Field(
        default=None,
        description="Instead of `every`: the times after which a push is due, as in crontab(5).",
    )
    time_zone: TimeZone = Field(
        default=TimeZone("UTC"), description="The time zone in which `cron` is read."
    )
    grace: Duration = Field(
        default=300.0,
        description="How much later than due a push may come: how long the job takes.",
    )
    token_file: FilePath | None = Field(
        default=None,
        description="A file with the token that whoever pushes must show, instead of the one in "
        "`tokens`, which then does not open this check.",
    )
    token: Secret | None = Field(
        default=None, validate_default=True, description="That token, best as `${VARIABLE}`."
    )
    expect: PushExpect = Field(
        default=PushExpect(), description="What the last push must say; `ok` where nothing is said."
    )

    _name: str = PrivateAttr(default="")

    @field_validator("token")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if (self.every is None) == (self.cron is None):
            found = "neither every nor cron" if self.every is None else "both every and cron"
            raise ValueError(f"found {found}, expected one of them")
        if self.cron is None and "time_zone" in self.model_fields_set:
            raise ValueError("found time_zone without cron, expected both")
        return self

    @property
    def name(self) -> str:
        """The check's name, under which it is pushed to."""
        return self._name

    @property
    def target(self) -> str:
        """Where a push goes: the path below the daemon's own address."""
        return f"/api/v1/push/{self._name}"

    def named(self, name: str) -> Self:
        """The same settings, with the name of their check."""
        copy = self.model_copy()
        copy._name = name  # noqa: SLF001  its own, of a copy that nobody else has yet
        return copy

    def due(self, after: float) -> float:
        """When the push that follows a time is due, without the grace (seconds since the epoch)."""
        if self.cron is not None:
            return self.cron.following(after, self.time_zone)
        return after + (self.every or 0.0)
