"""The one grammar of expectations: what is asserted on what was seen."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.http import HeaderName
from evidenced.config.types import JsonPath, Number, Pattern, PositiveDuration, listed

Scalar = str | int | float | bool | None
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[
    tuple[Text, ...], BeforeValidator(listed, json_schema_input_type=Text | list[Text])
]
"""Texts of which none is empty; a single one stands for a list of one."""
Patterns = Annotated[
    tuple[Pattern, ...], BeforeValidator(listed, json_schema_input_type=Pattern | list[Pattern])
]
"""Patterns; a single one stands for a list of one."""


def _condition(value: object) -> object:
    """A plain value stands for equality with it."""
    return value if isinstance(value, dict | Section) else {"eq": value}


class Comparison(Section):
    """Conditions on one value, all of which must hold; a plain value stands for `eq`."""

    eq: Any = Field(
        default=None,
        description="Equal to this value and of the same type: the text `'5'` is not the number "
        "`5`. It may be a list, a mapping or `null` as well.",
    )
    ne: Any = Field(default=None, description="Not equal to this value, or of another type.")
    lt: Number | None = Field(default=None, description="A number less than this.")
    le: Number | None = Field(default=None, description="A number not greater than this.")
    gt: Number | None = Field(default=None, description="A number greater than this.")
    ge: Number | None = Field(default=None, description="A number not less than this.")
    contains: Texts = Field(
        default=(), description="A text that holds each of these, or a list that has each."
    )
    not_contains: Texts = Field(
        default=(), description="A text that holds none of these, or a list that has none."
    )
    matches: Patterns = Field(
        default=(), description="A text in which each of these patterns matches."
    )
    not_matches: Patterns = Field(
        default=(), description="A text in which none of these patterns matches."
    )
    exists: bool | None = Field(
        default=None, description="Whether there is a value at all; `null` is a value."
    )
    empty: bool | None = Field(
        default=None, description="Whether it is an empty text, list or mapping, or `null`."
    )
    length: "Condition | None" = Field(
        default=None, description="Conditions on the length of a text, list or mapping."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Comparison":
        if not self.model_fields_set:
            raise ValueError("expected at least one condition, such as {exists: true}")
        for key in sorted(self.model_fields_set - {"eq", "ne"}):
            if getattr(self, key) is None:
                raise ValueError(f"found nothing under {key}, expected a value")
        return self


Condition = Annotated[
    Comparison,
    BeforeValidator(_condition, json_schema_input_type=Comparison | Scalar | list[Scalar]),
]
"""Conditions on one value, or the value that it must equal."""

Comparison.model_rebuild()

STATUS_PATTERN = "[1-5]xx|[1-9][0-9]{2}"
_STATUS = re.compile(STATUS_PATTERN)


def _status_class(value: object) -> object:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or _STATUS.fullmatch(text) is None:
        raise ValueError("expected a status such as 200 or a class such as 2xx")
    return text


_WrittenStatus = (
    Annotated[int, Field(ge=100, le=999)] | Annotated[str, Field(pattern=f"^(?:{STATUS_PATTERN})$")]
)

Statuses = Annotated[
    tuple[
        Annotated[str, BeforeValidator(_status_class, json_schema_input_type=_WrittenStatus)], ...
    ],
    BeforeValidator(listed, json_schema_input_type=_WrittenStatus | list[_WrittenStatus]),
]
"""Statuses and classes of them, as texts such as `200` and `2xx`."""


class BodyExpect(Section):
    """Assertions on the body of an answer, read as text."""

    contains: Texts = Field(default=(), description="Texts that must all stand in the body.")
    not_contains: Texts = Field(default=(), description="Texts of which none may stand in it.")
    matches: Patterns = Field(default=(), description="Patterns (RE2) that must all match.")
    not_matches: Patterns = Field(default=(), description="Patterns of which none may match.")
    words: bool = Field(
        default=False,
        description="Whether `contains` and `not_contains` look for whole words, in any script: "
        '"0 items" is then not in "10 items".',
    )


class HttpExpect(Section):
    """Assertions on an HTTP answer; each is met or not by itself, under its own name."""

    status: Statuses = Field(
        default=(),
        description="The status, or a list of those allowed: `200`, `[200, 307]`, `2xx`. Not set: "
        "any 2xx, or any 3xx where `location` is set.",
    )
    location: Text | None = Field(
        default=None,
        description="Where the answer must redirect to; the redirect is then not followed. "
        "A same-origin absolute address equals its relative form.",
    )
    body: BodyExpect | None = Field(default=None, description="Assertions on the body as text.")
    json_: dict[JsonPath, Condition] = Field(
        default={},
        alias="json",
        description="Conditions on the values at JSONPaths (RFC 9535), such as `$.status`.",
    )
    header: dict[HeaderName, Condition] = Field(
        default={},
        description="Conditions on response headers; their names may be written in any case.",
    )
    latency: PositiveDuration | None = Field(
        default=None, description="The longest that the whole attempt may take."
    )
