"""What one HTTP request asks, and what its answer must be."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from evidenced.config.base import Section
from evidenced.config.files import FilePath, ReadableFile, secret_beside
from evidenced.config.http import Address, HeaderName, HeaderValue, Method, with_query
from evidenced.config.http_expect import HttpExpect
from evidenced.config.secretfile import SecretLine
from evidenced.config.types import Secret, Size

MOST_REDIRECTS = 50
"""The most redirects that a check may ask to follow."""


class HttpAuth(Section):
    """Credentials of one request: basic (`username` and `password`) or bearer (`token`)."""

    username: str | None = Field(default=None, description="The user name of basic authentication.")
    password_file: FilePath | None = Field(
        default=None, description="A file with the password in it."
    )
    password: Secret | None = Field(
        default=None,
        validate_default=True,
        description="The password. Better from a file or the environment: a secret in the "
        "configuration is a secret shared.",
    )
    token_file: FilePath | None = Field(
        default=None, description="A file with the bearer token in it."
    )
    token: Secret | None = Field(
        default=None, validate_default=True, description="The bearer token; as with the password."
    )

    @field_validator("password", "token")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)

    @model_validator(mode="after")
    def _one_scheme(self) -> Self:
        if self.username is not None and self.token is not None:
            raise ValueError("found both username and token, expected one of them")
        if self.username is None and self.password is not None:
            raise ValueError("found a password without username, expected both")
        if self.username is None and self.token is None:
            raise ValueError("expected username and password, or token")
        return self

    @property
    def texts(self) -> Iterator[str]:
        """The texts that it is made of, secrets revealed."""
        yield self.username or ""
        yield from (each.reveal() for each in (self.password, self.token) if each is not None)


# A value out of the environment is a text.
_WRITTEN = {"true": True, "false": False} | {str(n): n for n in range(MOST_REDIRECTS + 1)}


def _redirects(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        value = _WRITTEN.get(value, value)
    if not isinstance(value, int) or not 0 <= value <= MOST_REDIRECTS:
        raise ValueError(f"expected true, false or a number of at most {MOST_REDIRECTS}")
    return value


class HttpRequest(Section):
    """One HTTP request and what its answer must be."""

    url: Address = Field(
        repr=False, description="The address, or a path relative to `ledger.base_url`."
    )
    query: dict[str, SecretLine] = Field(
        default={},
        repr=False,
        description="Parameters to add to the query of the address, by name; their values are "
        "never shown.",
    )
    method: Method = Field(default="GET", description="The request method.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default={}, repr=False, description="Request headers; their values are never shown."
    )
    body: str | None = Field(default=None, repr=False, description="The request's body.")
    body_file: ReadableFile | None = Field(
        default=None,
        description="A file of at most 16MiB with the request's body; read again when it has "
        "changed.",
    )
    auth: HttpAuth | None = Field(default=None, description="Credentials to send.")
    follow_redirects: Annotated[
        bool | int, BeforeValidator(_redirects, json_schema_input_type=bool | int)
    ] = Field(
        default=True, description="Whether redirects are followed, or how many at most (true: 10)."
    )
    body_limit: Size | None = Field(
        default=None,
        description="The most bytes of the body, decompressed, that are read. More is a failure "
        "where this is set; where it is not, 1MiB is read and judged.",
    )
    expect: HttpExpect = Field(
        default=HttpExpect(), description="What the answer must be; a 2xx where nothing is said."
    )

    @property
    def address(self) -> str:
        """The address with all of its query: it may hold secrets."""
        return with_query(self.url, self.query)

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if self.body is not None and self.body_file is not None:
            raise ValueError("found both body and body_file, expected one of them")
        return self
