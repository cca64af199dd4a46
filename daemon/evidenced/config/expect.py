"""The one grammar of expectations: what is asserted on what was seen."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.types import Duration, JsonPath, Pattern, listed

Scalar = str | int | float | bool | None
Texts = Annotated[tuple[str, ...], BeforeValidator(listed, json_schema_input_type=str | list[str])]
Patterns = Annotated[
    tuple[Pattern, ...], BeforeValidator(listed, json_schema_input_type=str | list[str])
]


def _condition(value: object) -> object:
    """A plain value stands for equality with it."""
    return value if isinstance(value, dict | Section) else {"eq": value}


class Comparison(Section):
    """Conditions on one value, all of which must hold; a plain value stands for `eq`."""

    eq: Any = Field(default=None, description="Equal to this value, of the same type.")
    ne: Any = Field(default=None, description="Not equal to this value.")
    lt: float | None = Field(default=None, description="A number less than this.")
    le: float | None = Field(default=None, description="A number not greater than this.")
    gt: float | None = Field(default=None, description="A number greater than this.")
    ge: float | None = Field(default=None, description="A number not less than this.")
    contains: Texts = Field(
        default=(), description="A text that holds each of these, or a list that has each."
    )
    not_contains: Texts = Field(default=(), description="Holds none of these.")
    matches: Patterns = Field(default=(), description="A text that each of these patterns matches.")
    not_matches: Patterns = Field(default=(), description="None of these patterns matches.")
    exists: bool | None = Field(default=None, description="Whether there is a value at all.")
    empty: bool | None = Field(
        default=None, description="Whether it is an empty text, list or mapping, or null."
    )
    length: "Condition | None" = Field(
        default=None, description="Conditions on the length of a text, list or mapping."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Comparison":
        if not self.model_fields_set:
            raise ValueError("expected at least one condition, such as {exists: true}")
        return self


Condition = Annotated[
    Comparison,
    BeforeValidator(_condition, json_schema_input_type=Comparison | Scalar | list[Scalar]),
]

Comparison.model_rebuild()


def _status_class(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("expected a status such as 200 or a class such as 2xx")  # noqa: TRY004  pydantic reads ValueError
    if isinstance(value, int) and 100 <= value <= 999:
        return str(value)
    if isinstance(value, str) and (value.isdecimal() and len(value) == 3):
        return value
    if isinstance(value, str) and len(value) == 3 and value[0] in "12345" and value[1:] == "xx":
        return value
    raise ValueError("expected a status such as 200 or a class such as 2xx")


Statuses = Annotated[
    tuple[
        Annotated[str, BeforeValidator(_status_class, json_schema_input_type=int | str)], ...
    ],
    BeforeValidator(listed, json_schema_input_type=int | str | list[int | str]),
]


class BodyExpect(Section):
    """Assertions on the body of an answer, read as text."""

    contains: Texts = Field(default=(), description="Texts that must all stand in the body.")
    not_contains: Texts = Field(default=(), description="Texts of which none may stand in it.")
    matches: Patterns = Field(default=(), description="Patterns (RE2) that must all match.")
    not_matches: Patterns = Field(default=(), description="Patterns of which none may match.")
    words: bool = Field(
        default=False,
        description="Whether contains and not_contains look for whole words: "
        '"0 items" is then not in "10 items".',
    )


class HttpExpect(Section):
    """Assertions on an HTTP answer."""

    status: Statuses = Field(
        default=(),
        description="The status, or a list of those allowed; 2xx where it is not set "
        "(3xx with location).",
    )
    location: str | None = Field(
        default=None,
        description="Where the answer must redirect to; the redirect is then not followed. "
        "A same-origin absolute address equals its relative form.",
    )
    body: BodyExpect | None = None
    json_: dict[JsonPath, Condition] = Field(
        default={}, alias="json", description="Conditions on the values at JSONPaths (RFC 9535)."
    )
    header: dict[str, Condition] = Field(
        default={}, description="Conditions on response headers; names in any case."
    )
    latency: Duration | None = Field(
        default=None, description="The longest that the whole attempt may take."
    )
