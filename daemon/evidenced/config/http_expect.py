"""What may be expected of an HTTP answer."""

from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.certificate import CertificateExpect
from evidenced.config.condition import Comparison, Condition, Scalar, Text
from evidenced.config.expect import BodyExpect, CountRange, SizeCount, Statuses, check_bounds
from evidenced.config.http import HeaderName
from evidenced.config.selector import Selector
from evidenced.config.types import JsonPath, PositiveDuration, Whole, listed

Encoding = Literal["gzip", "br", "deflate", "identity"]
_VERSIONS = ("1.0", "1.1", "2", "3")


class HttpBodyExpect(BodyExpect):
    """Assertions on the body of an answer, read as text, and on its size."""

    size: SizeCount | None = Field(
        default=None, description="How large the body must be, in bytes, decompressed."
    )


class HeaderComparison(Comparison):
    """Conditions on a response header, all of which must hold; a plain value stands for `eq`.

    Where the header is repeated, one of its values must meet them all; what is denied must hold for
    each.
    """

    allow_missing: bool = Field(
        default=False, description="Whether an answer without this header is met as well."
    )

    @model_validator(mode="after")
    def _says_more(self) -> Self:
        if self.model_fields_set == {"allow_missing"}:
            raise ValueError("expected a condition beside allow_missing, such as {matches: gzip}")
        return self


def _header(value: object) -> object:
    return value if isinstance(value, dict | Section) else {"eq": value}


HeaderCondition = Annotated[
    HeaderComparison,
    BeforeValidator(_header, json_schema_input_type=HeaderComparison | Scalar | list[Scalar]),
]
"""Conditions on one header, or the value that it must equal."""


class HtmlExpect(CountRange):
    """How many elements a selector finds, and their text; a plain number stands for the count."""

    text: Condition | None = Field(
        default=None,
        description="Conditions on the texts of the elements, with white space made single spaces. "
        "One of them must meet them all; what is denied (`ne`, `not_contains`, `not_matches`) "
        "must hold for each.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.text is None or self.model_fields_set & {"min", "max"}:
            check_bounds(self, self.min, self.max)
        return self


def _elements(value: object) -> object:
    if value is None or isinstance(value, list):
        raise ValueError("expected a number, or a mapping with min, max or text")
    return value if isinstance(value, dict | Section) else {"min": value, "max": value}


HtmlCondition = Annotated[
    HtmlExpect,
    BeforeValidator(_elements, json_schema_input_type=HtmlExpect | Annotated[int, Field(ge=0)]),
]
"""What a selector must find, or how often."""


class Hop(Section):
    """One redirect on the way; a plain text stands for its `location`."""

    location: Text = Field(
        description="Where it must lead to; a path where it stays at the same origin."
    )
    status: Statuses = Field(
        default=(), description="Its status, or a list of those allowed; any redirect otherwise."
    )


def _hop(value: object) -> object:
    return value if isinstance(value, dict | Section) else {"location": value}


class RedirectsExpect(Section):
    """Assertions on the redirects that were followed."""

    max: Annotated[Whole, Field(ge=0)] | None = Field(
        default=None, description="The most redirects."
    )
    chain: (
        Annotated[
            tuple[
                Annotated[Hop, BeforeValidator(_hop, json_schema_input_type=Hop | Text)],
                ...,
            ],
            BeforeValidator(listed, json_schema_input_type=list[Hop | Text]),
        ]
        | None
    ) = Field(default=None, description="Each redirect, in order, and no other.")
    final: Text | None = Field(
        default=None,
        description="The address that the answer must come from in the end; a path where it is of "
        "the origin that was asked first.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.max is None and self.chain is None and self.final is None:
            raise ValueError("expected max, chain or final, such as {max: 1}")
        return self


def _version(value: object) -> object:
    text = str(value) if isinstance(value, int | float) else value
    if text not in _VERSIONS:
        raise ValueError("expected a version of HTTP: '1.0', '1.1', '2' or '3'")
    return text


_WrittenVersion = Annotated[str, Field(json_schema_extra={"enum": list(_VERSIONS)})] | float
HttpVersions = Annotated[
    tuple[Annotated[str, BeforeValidator(_version, json_schema_input_type=_WrittenVersion)], ...],
    BeforeValidator(listed, json_schema_input_type=_WrittenVersion | list[_WrittenVersion]),
]
"""Versions of HTTP; a single one stands for a list of one."""


def _encoding(value: object) -> object:
    if value not in get_args(Encoding):
        raise ValueError(f"expected one of {', '.join(get_args(Encoding))}")
    return value


class HttpExpect(Section):
    """Assertions on an HTTP answer; each is met or not by itself, under its own name."""

    status: Statuses = Field(
        default=(),
        description="The status, or a list of those allowed: `200`, `[200, 307]`, `2xx`. Not set: "
        "any 2xx, or any 3xx where `location` is set.",
    )
    http_version: HttpVersions = Field(
        default=(),
        description="The version of HTTP of the answer, or a list of those allowed. The probe "
        "itself speaks 1.1, so that no server answers in 2 or 3.",
    )
    location: Text | None = Field(
        default=None,
        description="Where the answer must redirect to; the redirect is then not followed. "
        "A same-origin absolute address equals its relative form.",
    )
    redirects: RedirectsExpect | None = Field(
        default=None, description="Assertions on the redirects that were followed."
    )
    header: dict[HeaderName, HeaderCondition] = Field(
        default={},
        description="Conditions on response headers; their names may be written in any case.",
    )
    compression: (
        Annotated[
            Encoding,
            BeforeValidator(_encoding, json_schema_input_type=Encoding),
        ]
        | None
    ) = Field(
        default=None,
        description="The one encoding that the body must come in: `gzip`, `br`, `deflate` or "
        "`identity` (none). The request then asks for this one, unless its headers say otherwise.",
    )
    body: HttpBodyExpect | None = Field(
        default=None, description="Assertions on the body as text, and on its size."
    )
    json_: dict[JsonPath, Condition] = Field(
        default={},
        alias="json",
        description="Conditions on the values at JSONPaths (RFC 9535), such as `$.status`.",
    )
    html: dict[Selector, HtmlCondition] = Field(
        default={},
        description="What CSS selectors must find in the body, such as `main h1`: `{min: 1}`.",
    )
    certificate: CertificateExpect | None = Field(
        default=None,
        description="Assertions on the certificate, judged also where `tls.verify` is off or the "
        "certificate is not trusted.",
    )
    latency: PositiveDuration | None = Field(
        default=None, description="The longest that the whole attempt may take."
    )
