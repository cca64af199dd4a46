"""The settings of kind `http`."""

from typing import Annotated, Self
from urllib.parse import urljoin

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from evidenced.config.base import Section
from evidenced.config.expect import HttpExpect, Text
from evidenced.config.files import CaFile, FilePath, secret_beside
from evidenced.config.http import Address, HeaderName, HeaderValue, Method, without_secrets
from evidenced.config.kinds.base import KindSettings
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


class TlsSettings(Section):
    """How the probe takes part in TLS."""

    verify: bool = Field(
        default=True,
        description="Whether a certificate that is not trusted, has expired or names another host "
        "is a failure.",
    )
    ca_file: CaFile | None = Field(
        default=None, description="Authorities to trust instead of the system's (PEM)."
    )
    server_name: Text | None = Field(
        default=None, description="The name to ask for and to verify instead of the address's host."
    )


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


class HttpSettings(KindSettings):
    """One HTTP request and what its answer must be."""

    url: Address = Field(
        repr=False, description="The address, or a path relative to `ledger.base_url`."
    )
    method: Method = Field(default="GET", description="The request method.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default={}, repr=False, description="Request headers; their values are never shown."
    )
    body: str | None = Field(default=None, repr=False, description="The request's body.")
    auth: HttpAuth | None = Field(default=None, description="Credentials to send.")
    follow_redirects: Annotated[
        bool | int, BeforeValidator(_redirects, json_schema_input_type=bool | int)
    ] = Field(
        default=True, description="Whether redirects are followed, or how many at most (true: 10)."
    )
    tls: TlsSettings = Field(
        default=TlsSettings(), description="Which certificates are trusted, and for which name."
    )
    body_limit: Size | None = Field(
        default=None,
        description="The most bytes of the body, decompressed, that are read. More is a failure "
        "where this is set; where it is not, 1MiB is read and judged.",
    )
    reuse_connection: bool = Field(
        default=False,
        description="Whether a connection may be kept between runs; when not, a probe pays for "
        "what a new visitor pays.",
    )
    expect: HttpExpect = Field(
        default=HttpExpect(), description="What the answer must be; a 2xx where nothing is said."
    )

    @property
    def target(self) -> str:
        """The address without user information, and without the values in its query."""
        return without_secrets(self.url)

    def based_on(self, base_url: str | None) -> Self:
        """The same settings with an absolute address; ValueError where there is no base for it."""
        if not self.url.startswith("/"):
            return self
        if base_url is None:
            raise ValueError("expected an absolute address, or ledger.base_url to be set")
        return self.model_copy(update={"url": urljoin(base_url, self.url)})
