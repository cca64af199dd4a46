"""The whole configuration, section by section, with defaults and what each key means."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.expect import Texts
from evidenced.config.kinds import HttpSettings, KindSettings
from evidenced.config.types import Duration, listed

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f]+$")]
LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]


def _retry_class(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


RetryClass = Annotated[
    str,
    BeforeValidator(_retry_class, json_schema_input_type=str | int),
    Field(pattern=r"^([1-5]xx|[1-9][0-9]{2}|[a-z_]+)$"),
]


class Retry(Section):
    """How often an attempt is tried again before the run counts as failed."""

    attempts: int = Field(default=3, ge=1, le=100, description="The most attempts in one run.")
    wait: Duration = Field(
        default="1s",
        description="The first wait; it doubles each time, and a random part of it is waited "
        "(exponential back-off with full jitter).",
    )
    max_wait: Duration = Field(default="5s", description="The longest wait.")
    on: Annotated[tuple[RetryClass, ...], BeforeValidator(listed)] = Field(
        default=("connect", "timeout", "5xx"),
        description="What may be transient: failure reasons, and statuses such as 503 or 5xx.",
    )


class Confirm(Section):
    """How many runs in a row it takes before a standing changes."""

    failures: int = Field(default=2, ge=1, description="Failed runs before contradicted.")
    successes: int = Field(default=1, ge=1, description="Good runs before verified again.")


class Defaults(Section):
    """What holds for every check that does not say otherwise."""

    interval: Duration = Field(default="60s", gt=0, description="The time between two runs.")
    timeout: Duration = Field(
        default="10s", gt=0, description="The deadline of one attempt, over everything."
    )
    retry: Retry = Retry()
    confirm: Confirm = Confirm()
    max_age: Duration | None = Field(
        default=None,
        gt=0,
        description="How old the last verification may be before a standing is stale; "
        "five intervals where it is not set.",
    )


class LedgerSettings(Section):
    """Where the ledger is and how checks are made of its sentences."""

    path: Path = Field(description="The Markdown file, relative to this file.")
    repository: Path = Field(
        default=Path(), description="Where cited documents are looked up, relative to this file."
    )
    base_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/]+",
        description="What paths in the ledger and in checks are relative to.",
    )
    derive: bool = Field(
        default=False,
        description='Whether STABLE sentences such as "/cart returns 200" become checks.',
    )


class CheckSettings(Section):
    """One configured check: exactly one kind, and what differs from the defaults."""

    name: Name = Field(description="Unique; a derived check of the same name is replaced.")
    claims: Texts = Field(default=(), description="The ids of the claims that it speaks for.")
    interval: Duration | None = Field(default=None, gt=0)
    timeout: Duration | None = Field(default=None, gt=0)
    retry: Retry | None = None
    confirm: Confirm | None = None
    max_age: Duration | None = Field(default=None, gt=0)
    labels: dict[LabelName, str] = Field(
        default={}, description="Labels of your own, exported on probe_info."
    )
    http: HttpSettings | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        found = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(found) != 1:
            raise ValueError(
                f"expected exactly one kind of {', '.join(KINDS)}; found {', '.join(found) or 'none'}"
            )
        return self

    @property
    def kind(self) -> str:
        """The kind's name."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def settings(self) -> KindSettings:
        """The settings of that kind."""
        settings: KindSettings = getattr(self, self.kind)
        return settings


KINDS = ("http",)
"""The kinds of check, by the key under which their settings stand."""


class Tokens(Section):
    """Files with tokens; without one, what it guards is off."""

    admin_file: Path | None = Field(
        default=None, description="The bearer token for what changes the daemon, such as reload."
    )


class Config(Section):
    """The configuration file."""

    location: str | None = Field(
        default=None, min_length=1, description="Where this daemon runs: a label on everything."
    )
    listen: str = Field(
        default="127.0.0.1:9321",
        pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]*):[0-9]{1,5}$",
        description="The address of the HTTP interface, HOST:PORT.",
    )
    concurrency: int = Field(
        default=200, ge=1, description="The most runs under way at the same time."
    )
    ledger: LedgerSettings
    defaults: Defaults = Defaults()
    checks: tuple[CheckSettings, ...] = ()
    tokens: Tokens = Tokens()
