"""The whole configuration, section by section, with defaults and what each key means."""

import re
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from evidenced.config.base import Section
from evidenced.config.expect import Text, Texts
from evidenced.config.files import FilePath, secret_beside
from evidenced.config.http import Origin
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.http import HttpSettings
from evidenced.config.shape import Shape
from evidenced.config.suggest import suggestion
from evidenced.config.types import Duration, PositiveDuration, Secret, Whole, listed

REASONS = (
    "dns",
    "connect",
    "tls",
    "timeout",
    "status",
    "redirect",
    "header",
    "body",
    "json",
    "html",
    "latency",
    "certificate",
    "too_large",
    "protocol",
    "dependency",
    "internal",
)
"""Why an attempt may fail: the values of the probes' `Reason`, which stands above this room."""

KINDS: tuple[str, ...] = ("http",)
"""The kinds of check, by the key under which their settings stand."""

RESERVED_LABELS = ("check", "kind", "target", "location")
"""Labels that the daemon itself puts on what it exports of a check."""

Name = Annotated[
    str,
    Shape(r"[^\s\x00-\x1f\x7f]{1,200}", "a name of 1 to 200 characters without spaces"),
]


def _label_name(name: str) -> str:
    if name in RESERVED_LABELS or name.startswith("__"):
        raise ValueError(
            f"expected a label that is not in use: {', '.join(RESERVED_LABELS)} and those that "
            "begin with __ are"
        )
    return name


LabelName = Annotated[
    str,
    Shape(r"[a-zA-Z_][a-zA-Z0-9_]*", "a label name: letters, digits and _"),
    AfterValidator(_label_name),
]

RETRY_PATTERN = f"[1-5](?:xx|[0-9]{{2}})|{'|'.join(REASONS)}"
_RETRIED = re.compile(RETRY_PATTERN)


def _retry_class(value: object) -> object:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _RETRIED.fullmatch(text):
        hint = suggestion(str(text), REASONS)
        raise ValueError(f"expected a status such as 503 or 5xx, or a reason of failure; {hint}")
    return text


_WrittenRetryClass = (
    Annotated[str, Field(pattern=f"^(?:{RETRY_PATTERN})$")] | Annotated[int, Field(ge=100, le=599)]
)
RetryClass = Annotated[
    str, BeforeValidator(_retry_class, json_schema_input_type=_WrittenRetryClass)
]


class Retry(Section):
    """How often an attempt is tried again before the run counts as failed."""

    attempts: Whole = Field(
        default=3, ge=1, le=100, description="The most attempts in one run; 1 is no retry."
    )
    wait: Duration = Field(
        default=1.0,
        description="The first wait; it doubles each time, and a random part of it is waited "
        "(exponential back-off with full jitter).",
    )
    max_wait: Duration = Field(default=5.0, description="The longest wait.")
    on: Annotated[
        tuple[RetryClass, ...],
        BeforeValidator(
            listed, json_schema_input_type=_WrittenRetryClass | list[_WrittenRetryClass]
        ),
    ] = Field(
        default=("connect", "timeout", "5xx"),
        description="What may be transient, and is tried again: reasons of failure "
        f"({', '.join(f'`{reason}`' for reason in REASONS)}), and statuses such as `503` or "
        "`5xx`. An empty list is no retry.",
    )


class Confirm(Section):
    """How many runs in a row it takes before a standing changes."""

    failures: Whole = Field(
        default=2, ge=1, le=1000, description="Failed runs before a claim is contradicted."
    )
    successes: Whole = Field(
        default=1, ge=1, le=1000, description="Good runs before it is verified again."
    )


class Defaults(Section):
    """What holds for every check that does not say otherwise."""

    interval: PositiveDuration = Field(
        default=60.0, description="The time from the start of one run to the start of the next."
    )
    timeout: PositiveDuration = Field(
        default=10.0,
        description="The deadline of one attempt, over everything from name resolution to the "
        "last byte; at most the interval, and cut to it where a check's interval is shorter.",
    )
    retry: Retry = Field(default=Retry(), description="When a failed attempt is tried again.")
    confirm: Confirm = Field(
        default=Confirm(), description="How many runs it takes before a standing changes."
    )
    max_age: PositiveDuration | None = Field(
        default=None,
        description="How old the last verification may be before a standing is stale; at least "
        "the interval, and five intervals where it is not set.",
    )


class LedgerSettings(Section):
    """Where the ledger is and how checks are made of its sentences."""

    path: FilePath = Field(description="The Markdown file in which the claims stand.")
    repository: FilePath = Field(
        default=Path(),
        validate_default=True,
        description="The folder in which the documents that the ledger cites are looked up.",
    )
    base_url: Origin | None = Field(
        default=None,
        repr=False,
        description="The site that paths in the ledger and in checks belong to.",
    )
    derive: bool = Field(
        default=False,
        description='Whether STABLE sentences such as "/cart returns 200" become checks; needs '
        "`base_url`.",
    )


def _with_one_kind(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": [kind]} for kind in KINDS]


class CheckSettings(Section):
    """One configured check: exactly one kind, and what differs from the defaults."""

    model_config = ConfigDict(json_schema_extra=_with_one_kind)

    name: Name = Field(
        description="A name of its own; a check derived from the ledger under the same name is "
        "replaced by this one."
    )
    claims: Texts = Field(
        default=(), description="The ids of the claims that it speaks for, as in the ledger."
    )
    interval: PositiveDuration | None = Field(
        default=None, description="Instead of `defaults.interval`."
    )
    timeout: PositiveDuration | None = Field(
        default=None, description="Instead of `defaults.timeout`."
    )
    retry: Retry | None = Field(
        default=None, description="Instead of `defaults.retry`, key by key."
    )
    confirm: Confirm | None = Field(
        default=None, description="Instead of `defaults.confirm`, key by key."
    )
    max_age: PositiveDuration | None = Field(
        default=None, description="Instead of `defaults.max_age`."
    )
    labels: dict[LabelName, str] = Field(
        default={}, description="Labels of your own, exported on `probe_info`."
    )
    http: HttpSettings | None = Field(default=None, description="The kind: an HTTP request.")

    @field_validator("claims")
    @classmethod
    def _each_claim_once(cls, claims: tuple[str, ...]) -> tuple[str, ...]:
        for index, claim in enumerate(claims):
            if claim in claims[:index]:
                raise ValueError(f"found {claim!r} twice, expected each claim once")
        return claims

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        found = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(found) != 1:
            kinds = ", ".join(KINDS)
            raise ValueError(
                f"found {' and '.join(found) or 'no kind of check'}, "
                + (f"expected one of {kinds}" if len(KINDS) > 1 else f"expected {kinds}")
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


class Tokens(Section):
    """Tokens that callers of the daemon must show; without one, what it guards is off."""

    admin_file: FilePath | None = Field(
        default=None, description="A file with the token for what changes the daemon (reload)."
    )
    admin: Secret | None = Field(
        default=None,
        validate_default=True,
        description="That token itself, best as `${VARIABLE}`.",
    )

    @field_validator("admin")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)


_LISTEN = r"(?:\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]*):[0-9]{1,5}"


def _listen(address: str) -> str:
    if re.fullmatch(_LISTEN, address) is None or int(address.rpartition(":")[2]) > 65535:
        raise ValueError("expected HOST:PORT with a port of at most 65535, such as 127.0.0.1:9321")
    return address


class Config(Section):
    """The configuration file."""

    location: Text | None = Field(
        default=None, description="Where this daemon runs, such as `fra1`: a label on everything."
    )
    listen: Annotated[
        str, AfterValidator(_listen), Field(json_schema_extra={"pattern": f"^{_LISTEN}$"})
    ] = Field(
        default="127.0.0.1:9321",
        description="The address of the HTTP interface, HOST:PORT; `[::1]:9321` for IPv6, "
        "`:9321` for all addresses, port 0 for any free port.",
    )
    concurrency: Whole = Field(
        default=200, ge=1, le=100_000, description="The most runs under way at the same time."
    )
    ledger: LedgerSettings = Field(description="The ledger to hold against production.")
    defaults: Defaults = Field(
        default=Defaults(), description="What holds for checks that do not say otherwise."
    )
    checks: tuple[CheckSettings, ...] = Field(
        default=(), description="The checks, beside those derived from the ledger."
    )
    tokens: Tokens = Field(default=Tokens(), description="Who may change the daemon.")
