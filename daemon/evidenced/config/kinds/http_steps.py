"""The steps of a check of kind `http` that takes several requests."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from evidenced.config.base import Section
from evidenced.config.files import FILE_ERROR
from evidenced.config.http import ADDRESS_PATTERN, HeaderName, address
from evidenced.config.kinds.http_request import HttpRequest
from evidenced.config.placeholders import NAME, placeholders, whole
from evidenced.config.shape import Shape
from evidenced.config.types import JsonPath, Pattern

MOST_STEPS = 50


def _step_address(value: str) -> str:
    """An address in whose path and query values may stand, or one value that is all of it."""
    if whole(value) is not None:
        return value
    origin = value.partition("?")[0].split("/", 3)[:3] if "://" in value else []
    if any("{{" in part for part in origin):
        raise ValueError("expected {{…}} in the path or the query only, or as the whole address")
    return address(value)


StepAddress = Annotated[
    str,
    AfterValidator(_step_address),
    Field(json_schema_extra={"pattern": ADDRESS_PATTERN.replace("/)", r"/|\{\{)")}),
]
KeptName = Annotated[str, Shape(NAME, "a name of letters, digits and _, such as token")]


class Keep(Section):
    """Where in an answer a value stands that later steps need; what is kept is never shown."""

    json_: JsonPath | None = Field(
        default=None, alias="json", description="The value at this JSONPath of the body."
    )
    header: HeaderName | None = Field(default=None, description="The value of this header.")
    matches: Pattern | None = Field(
        default=None,
        description="The first match of this pattern (RE2) in the body, or in the value that "
        "`json` or `header` gives: its first group where it has one.",
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.json_ is not None and self.header is not None:
            raise ValueError("found both json and header, expected one of them")
        if self.json_ is None and self.header is None and self.matches is None:
            raise ValueError("expected json, header or matches, such as {json: $.token}")
        return self


class HttpStep(HttpRequest):
    """One request of several, and what its answer must be.

    In `url`, `query`, `headers`, `body` and `auth` a `{{name}}` stands for what an earlier step
    keeps under this name.
    """

    name: Annotated[
        str, Shape(r"[^\s/\x00-\x1f\x7f]{1,60}", "a name of 1 to 60 characters without spaces or /")
    ] = Field(description="A name of its own, which a failure of the step is told under.")
    url: StepAddress = Field(
        repr=False,
        description="The address, or a path relative to `ledger.base_url`; `{{name}}` alone for an "
        "address out of an earlier answer, of the same origin as that.",
    )
    keep: dict[KeptName, Keep] = Field(
        default={}, description="What of the answer later steps need, by names of your own."
    )

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """The texts in which placeholders are filled, each after its key."""
        yield "url", self.url
        yield from (("query", value.reveal()) for value in self.query.values())
        yield from (("headers", value.reveal()) for value in self.headers.values())
        if self.body is not None:
            yield "body", self.body
        if self.auth is not None:
            yield from (("auth", text) for text in self.auth.texts)


def check_steps(steps: tuple[HttpStep, ...]) -> tuple[HttpStep, ...]:
    """See that steps have names of their own, and ask only for what an earlier one keeps."""
    kept: set[str] = set()
    for index, step in enumerate(steps):
        if step.name in {other.name for other in steps[:index]}:
            raise _fault((index, "name"), f"found {step.name!r} again, expected another name")
        for key, text in step.texts:
            for name in placeholders(text):
                if name not in kept:
                    raise _fault((index, key), _unknown(name, kept))
        kept |= step.keep.keys()
    return steps


def _unknown(name: str, kept: set[str]) -> str:
    near = get_close_matches(name, kept, 1)
    hint = f"did you mean {{{{{near[0]}}}}}?" if near else "expected a name under an earlier keep"
    return f"found {{{{{name}}}}}, which no step before keeps; {hint}"


def _fault(key: tuple[int | str, ...], reason: str) -> PydanticCustomError:
    return PydanticCustomError(FILE_ERROR, "{reason}", {"key": key, "reason": reason})
