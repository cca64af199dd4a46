"""Texts of a certain shape, with words for what is expected that an operator understands."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema


@dataclass(frozen=True, slots=True)
class Shape:
    """A text that the whole pattern must match; `expected` says in words what that is.

    Used as an annotation: `Annotated[str, Shape(r"[a-z]+", "a word in small letters")]`. The
    pattern also stands in the JSON Schema, anchored.
    """

    pattern: str
    expected: str

    def __get_pydantic_core_schema__(
        self,
        source: Any,  # noqa: ANN401  pydantic's own signature
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        matches = re.compile(self.pattern).fullmatch
        message = f"expected {self.expected}"

        def check(text: str) -> str:
            if matches(text) is None:
                raise ValueError(message)
            return text

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


def from_text(build: Callable[[str], object], *, instance: type) -> CoreSchema:
    """The schema of a type that is built from a text, and taken as it is when built already.

    Written out as text; `build` may raise ValueError.
    """

    def validate(value: object) -> object:
        if isinstance(value, instance):
            return value
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        return build(value)

    return core_schema.no_info_plain_validator_function(
        validate, serialization=core_schema.to_string_ser_schema()
    )
