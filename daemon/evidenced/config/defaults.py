"""When a check is taken and how its results count, where it does not say so itself."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from evidenced.config.base import Section
from evidenced.config.flapping import Flapping
from evidenced.config.suggest import suggestion
from evidenced.config.types import Duration, PositiveDuration, Whole, listed

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
    interval_failing: PositiveDuration | None = Field(
        default=None,
        description="The time between two runs while a check fails, so that its recovery is seen "
        "sooner; the interval where it is not set.",
    )
    flapping: Flapping = Field(
        default=Flapping(), description="When changes to and fro are one contradiction, not many."
    )
    max_age: PositiveDuration | None = Field(
        default=None,
        description="How old the last verification may be before a standing is stale; at least "
        "the interval, and five intervals where it is not set.",
    )
