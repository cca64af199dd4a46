"""The one grammar of expectations: what is asserted on what was seen."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.condition import Comparison as Comparison
from evidenced.config.condition import Condition as Condition
from evidenced.config.condition import Patterns as Patterns
from evidenced.config.condition import Scalar as Scalar
from evidenced.config.condition import Text as Text
from evidenced.config.condition import Texts as Texts
from evidenced.config.types import Size, Whole, listed


def _bounds(value: object) -> object:
    """A plain value stands for exactly so many."""
    if value is None or isinstance(value, list):
        raise ValueError("expected a number, or a mapping with min or max")
    return value if isinstance(value, dict | Section) else {"min": value, "max": value}


class CountRange(Section):
    """How many there must be; a plain number stands for exactly so many."""

    min: Annotated[Whole, Field(ge=0)] | None = Field(default=None, description="At least so many.")
    max: Annotated[Whole, Field(ge=0)] | None = Field(default=None, description="At most so many.")

    @model_validator(mode="after")
    def _in_order(self) -> "CountRange":
        check_bounds(self, self.min, self.max)
        return self


class SizeRange(Section):
    """How large something must be; a plain size stands for exactly that."""

    min: Size | None = Field(default=None, description="At least so large.")
    max: Size | None = Field(default=None, description="At most so large.")

    @model_validator(mode="after")
    def _in_order(self) -> "SizeRange":
        check_bounds(self, self.min, self.max)
        return self


def check_bounds(section: Section, least: int | None, most: int | None) -> None:
    """See that there is a bound, and that the lower is not above the upper; else ValueError."""
    if least is None and most is None:
        raise ValueError("expected min, max or both, such as {min: 1}")
    for key, bound in (("min", least), ("max", most)):
        if bound is None and key in section.model_fields_set:
            raise ValueError(f"found nothing under {key}, expected a value")
    if least is not None and most is not None and least > most:
        raise ValueError(f"found min {least} and max {most}, expected min to be at most max")


Count = Annotated[
    CountRange,
    BeforeValidator(_bounds, json_schema_input_type=CountRange | Annotated[int, Field(ge=0)]),
]
"""How many there must be: `{min: 1}`, `{min: 1, max: 3}`, or `2` for exactly two."""

SizeCount = Annotated[SizeRange, BeforeValidator(_bounds, json_schema_input_type=SizeRange | Size)]
"""How large something must be, in bytes: `{min: 1KiB}`, or `0` for exactly that."""

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
