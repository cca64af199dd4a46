"""The scalar types of the configuration: durations, sizes, patterns, JSON paths, secrets."""

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import jsonpath
import re2
from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")
_DURATION_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_SIZES = {"B": 1, "kB": 1000, "KiB": 1024, "MB": 1000**2, "MiB": 1024**2, "GB": 1000**3, "GiB": 1024**3}
_SIZE = re.compile(r"(\d+) ?(B|kB|KiB|MB|MiB|GB|GiB)?")

T = TypeVar("T")


def parse_duration(value: object) -> float:
    """Seconds of a Prometheus duration such as `500ms`, `30s`, `5m`, `1h30m`, `1d`.

    The grammar is that of Prometheus' configuration, in which 1y is 365d. Raises ValueError.
    """
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return sum(int(n) * _UNITS[unit] for n, unit in _DURATION_PART.findall(value))
    if value == 0 and not isinstance(value, bool):
        return 0.0
    raise ValueError("expected a duration such as 500ms, 30s, 5m or 1d")


def format_duration(seconds: float) -> str:
    """The shortest Prometheus duration for so many seconds, to the millisecond."""
    left = round(seconds * 1000)
    parts = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def parse_size(value: object) -> int:
    """Bytes of a size such as `512KiB`, `1MiB`, `2MB` or a plain number of bytes.

    Raises ValueError.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (found := _SIZE.fullmatch(value)):
        return int(found[1]) * _SIZES[found[2] or "B"]
    raise ValueError("expected a size such as 512KiB, 1MiB or a number of bytes")


def listed(value: object) -> object:
    """A single value stands for a list of one."""
    return value if isinstance(value, list | tuple) else [value]


Duration = Annotated[
    float,
    BeforeValidator(parse_duration, json_schema_input_type=Annotated[str, Field(examples=["30s"])]),
]
"""Seconds, written as a Prometheus duration."""

Size = Annotated[int, BeforeValidator(parse_size, json_schema_input_type=str | int)]
"""Bytes, written with or without a unit."""


class Compiled:
    """A text that is compiled when the configuration is read, and equal when the text is."""

    __slots__ = ("source",)
    example = ""

    def __init__(self, source: str) -> None:
        self.source = source

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.source == getattr(other, "source", None)

    def __hash__(self) -> int:
        return hash((type(self), self.source))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.source!r})"

    def __str__(self) -> str:
        return self.source

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401  pydantic's own signature
        build: Callable[[str], Compiled] = cls
        from_text = core_schema.no_info_after_validator_function(build, core_schema.str_schema())
        return core_schema.union_schema(
            [core_schema.is_instance_schema(cls), from_text],
            mode="left_to_right",
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": cls.__name__.lower(), "examples": [cls.example]}


class Pattern(Compiled):
    """A regular expression in RE2's syntax, unanchored; it cannot backtrack.

    Syntax: the RE2 wiki, "Syntax". Raises ValueError where it does not compile.
    """

    __slots__ = ("_compiled",)
    example = "v[0-9]+"

    def __init__(self, source: str) -> None:
        super().__init__(source)
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(source, options)
        except re2.error as error:
            reason = error.args[0] if error.args else error
            reason = reason.decode() if isinstance(reason, bytes) else reason
            raise ValueError(f"not a regular expression that RE2 reads: {reason}") from None

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in the text."""
        return self._compiled.search(text) is not None


class JsonPath(Compiled):
    """A JSONPath query as of RFC 9535, such as `$.data[0].name`."""

    __slots__ = ("_compiled",)
    example = "$.status"

    def __init__(self, source: str) -> None:
        super().__init__(source)
        try:
            self._compiled = jsonpath.JSONPathEnvironment(strict=True).compile(source)
        except jsonpath.JSONPathError as error:
            raise ValueError(f"not a JSONPath (RFC 9535): {error}") from None

    def find(self, document: object) -> list[object]:
        """The values of all nodes that the query selects, in document order."""
        return list(self._compiled.findall(document))  # type: ignore[arg-type]  # any JSON value is right


class Secret:
    """A text that is never printed: only `reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that must send it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "<secret>"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401  pydantic's own signature
        from_text = core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
        return core_schema.union_schema(
            [core_schema.is_instance_schema(cls), from_text],
            mode="left_to_right",
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "writeOnly": True}
