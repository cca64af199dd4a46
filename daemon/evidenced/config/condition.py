"""Conditions on one value: the part of the grammar that all expectations share."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.types import Number, Pattern, listed

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
