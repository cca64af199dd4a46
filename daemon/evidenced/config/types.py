"""The scalar types of the configuration: durations, sizes, patterns, JSON paths, secrets."""

import re
from functools import partial
from typing import Annotated, Any, TypeVar

import re2
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError

from evidenced.config.shape import from_text

T = TypeVar("T")

_MILLISECONDS = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
_LONGEST = 100 * _MILLISECONDS["y"]
DURATION_PATTERN = "(?:0|(?:[0-9]{1,15}(?:y|w|d|h|ms?|s))+)"
"""The letters of a duration; that each unit stands once and in its order is checked beside it."""
_DURATION = re.compile("".join(f"(?:([0-9]{{1,15}}){unit})?" for unit in _MILLISECONDS))

_BYTES = {
    "B": 1,
    "kB": 1000,
    "KiB": 1024,
    "MB": 1000**2,
    "MiB": 1024**2,
    "GB": 1000**3,
    "GiB": 1024**3,
}
SIZE_PATTERN = "[0-9]{1,15} ?(?:B|kB|KiB|MB|MiB|GB|GiB)?"
"""A size with or without a unit."""
_SIZE = re.compile("([0-9]{1,15}) ?(B|kB|KiB|MB|MiB|GB|GiB)?")


def parse_duration(value: object) -> float:
    """Seconds of a Prometheus duration such as `500ms`, `30s`, `5m`, `1h30m`, `1d`.

    The grammar is that of Prometheus' configuration: each unit once at most, the larger before the
    smaller, 1y is 365d, and a bare 0 needs no unit. Raises ValueError, also for more than 100y.
    """
    if value == "0" or (value == 0 and not isinstance(value, bool)):
        return 0.0
    found = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if found is None:
        raise ValueError("expected a duration such as 500ms, 30s, 5m or 1d")
    parts = zip(found.groups(default="0"), _MILLISECONDS.values(), strict=True)
    milliseconds = sum(int(count) * size for count, size in parts)
    if milliseconds > _LONGEST:
        raise ValueError("expected a duration of at most 100y")
    return milliseconds / 1000


def format_duration(seconds: float) -> str:
    """The shortest Prometheus duration for so many seconds, to the millisecond."""
    left = round(seconds * 1000)
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, left = divmod(left, _MILLISECONDS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def shown_duration(seconds: float) -> str:
    """The duration as a person would write it, in one unit where it fits: `60s`, `90m`, `1d`."""
    if seconds < 2 * 60 and seconds == int(seconds):
        return f"{int(seconds)}s"
    milliseconds = round(seconds * 1000)
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(milliseconds, _MILLISECONDS[unit])
        if count and not left:
            return f"{count}{unit}"
    return format_duration(seconds)


def parse_size(value: object) -> int:
    """Bytes of a size such as `512KiB`, `1MiB`, `2MB` or a plain number of bytes.

    Raises ValueError.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and (found := _SIZE.fullmatch(value)):
        return int(found[1]) * _BYTES[found[2] or "B"]
    raise ValueError("expected a size such as 512KiB, 1MiB or a number of bytes")


def listed(value: object) -> object:
    """A single value stands for a list of one."""
    return value if isinstance(value, list | tuple) else [value]


def some(values: tuple[T, ...]) -> tuple[T, ...]:
    """The values, of which there must be one; for what comes after `listed`."""
    if not values:
        raise ValueError("expected at least one")
    return values


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("expected a duration longer than 0s")
    return seconds


def _whole(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


def _number(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticKnownError("float_type")
    return value


Duration = Annotated[
    float,
    BeforeValidator(
        parse_duration,
        json_schema_input_type=Annotated[
            str, Field(pattern=f"^{DURATION_PATTERN}$", examples=["500ms", "30s", "5m", "1d"])
        ],
    ),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
]
"""Seconds, written as a Prometheus duration."""

PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
"""Seconds, more than 0, written as a Prometheus duration."""

Size = Annotated[
    int,
    BeforeValidator(
        parse_size,
        json_schema_input_type=Annotated[
            str, Field(pattern=f"^{SIZE_PATTERN}$", examples=["512KiB", "1MiB"])
        ]
        | Annotated[int, Field(ge=0)],
    ),
]
"""Bytes, written with or without a unit."""

Whole = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int)]
"""A whole number; true and false are none."""

Number = Annotated[
    float, BeforeValidator(_number, json_schema_input_type=float), Field(allow_inf_nan=False)
]
"""A finite number; true and false are none."""


class Compiled:
    """A text that is compiled when the configuration is read, and equal when the text is."""

    __slots__ = ("source",)
    json_schema: JsonSchemaValue

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
        return from_text(cls, instance=cls)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", **cls.json_schema}


class Pattern(Compiled):
    """A regular expression in RE2's syntax, unanchored; it cannot backtrack.

    Syntax: the RE2 wiki, "Syntax". Raises ValueError where it does not compile.
    """

    __slots__ = ("_compiled",)
    json_schema: JsonSchemaValue = {"format": "regex", "examples": ["v[0-9]+"]}  # noqa: RUF012  never changed

    def __init__(self, source: str) -> None:
        super().__init__(source)
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(source, options)
        except re2.error as error:
            reason = error.args[0] if error.args else error
            reason = reason.decode() if isinstance(reason, bytes) else reason
            raise ValueError(f"expected a regular expression that RE2 reads: {reason}") from None

    def found_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in the text."""
        return self._compiled.search(text) is not None

    @property
    def groups(self) -> int:
        """How many groups the pattern captures, the whole match not counted."""
        return int(self._compiled.groups)

    def captures(self, text: str) -> tuple[str, ...] | None:
        """The first match anywhere in the text and its groups, "" for one without a part in it.

        None where the pattern does not match.
        """
        found = self._compiled.search(text)
        return None if found is None else (found[0], *found.groups(default=""))


class JsonPath(Compiled):
    """A JSONPath query as of RFC 9535, such as `$.data[0].name`."""

    __slots__ = ("_find",)
    json_schema: JsonSchemaValue = {"pattern": r"^\$", "examples": ["$.status"]}  # noqa: RUF012  never changed

    def __init__(self, source: str) -> None:
        super().__init__(source)
        # Costly to import, and not every command meets such a query.
        from evidenced.config import jsonpath

        self._find = partial(jsonpath.find, jsonpath.compiled(source))

    def find(self, document: object) -> list[object]:
        """The values of all nodes that the query selects, in document order.

        Raises ValueError where the document is nested too deeply for the query.
        """
        return self._find(document)


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
    def _of(cls, text: str) -> "Secret":
        if not text:
            raise PydanticKnownError("string_too_short", {"min_length": 1})
        return cls(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401  pydantic's own signature
        return from_text(cls._of, instance=cls)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1, "writeOnly": True}
