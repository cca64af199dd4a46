"""The keys of the prober `http`, those of its HTTP client among them."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from evidenced.config.blackbox.base import (
    Addressed,
    BlackboxSection,
    OneOf,
    Regexp,
    SecretText,
    Text,
    TlsConfig,
)
from evidenced.config.blackbox.cel import Cel
from evidenced.config.files import FilePath, FileWithSecret, ReadableFile, secret_beside
from evidenced.config.http import HeaderName
from evidenced.config.shape import Shape
from evidenced.config.types import Secret, Size, Whole, parse_size

ENCODINGS = ("gzip", "br", "deflate", "identity")
_MOST_STATUS = 999


class HeaderMatch(BlackboxSection):
    """A pattern for the values of one header of the answer."""

    header: HeaderName = Field(description="The header's name, in any case.")
    regexp: Regexp = Field(description="The pattern (RE2), unanchored.")
    allow_missing: bool = Field(default=False, description="Whether the header may be missing.")


class BasicAuth(BlackboxSection):
    """`basic_auth`: a name and a password."""

    username_file: FilePath | None = Field(default=None, description="A file with the name in it.")
    username: Secret | None = Field(default=None, validate_default=True, description="The name.")
    password_file: FilePath | None = Field(default=None, description="A file with the password.")
    password: Secret | None = Field(
        default=None, validate_default=True, description="The password."
    )

    @field_validator("username", "password")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)


class Authorization(BlackboxSection):
    """`authorization`: the header of that name, as a scheme and credentials."""

    type: Text = Field(default="Bearer", description="The scheme.")
    credentials_file: FilePath | None = Field(default=None, description="A file with them.")
    credentials: Secret | None = Field(
        default=None, validate_default=True, description="The credentials."
    )

    @field_validator("credentials")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)

    @field_validator("type")
    @classmethod
    def _not_basic(cls, value: str) -> str:
        if value.strip().lower() == "basic":
            raise ValueError("expected another scheme: basic_auth is for that")
        return value


class Oauth2(BlackboxSection):
    """`oauth2`: a token by client credentials (RFC 6749, 4.4)."""

    client_id: Text = Field(description="Who asks.")
    client_secret_file: FilePath | None = Field(default=None, description="A file with the secret.")
    client_secret: Secret | None = Field(
        default=None, validate_default=True, description="The secret."
    )
    token_url: Annotated[
        str,
        Shape(r"https?://[^\s/]+[^\s]*", "an address of http or https"),
        Field(json_schema_extra={"writeOnly": True}),
    ] = Field(description="Where tokens are given out.")
    scopes: tuple[Text, ...] = Field(default=(), description="What the token is to allow.")
    endpoint_params: dict[str, SecretText] = Field(default={}, description="More to send.")
    tls_config: TlsConfig = Field(default=TlsConfig(), description="TLS with that server.")

    @field_validator("client_secret")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)


class HeaderValues(BlackboxSection):
    """One header of `http_headers`, from all of its sources."""

    values: tuple[SecretText, ...] = Field(default=(), description="Values.")
    secrets: tuple[Secret, ...] = Field(default=(), description="Values that are secrets.")
    files: tuple[FileWithSecret, ...] = Field(default=(), description="Files with a value each.")


class HttpClient(BlackboxSection):
    """The keys of Prometheus' HTTP client."""

    basic_auth: BasicAuth | None = Field(default=None, description="Basic authentication.")
    authorization: Authorization | None = Field(default=None, description="Another scheme.")
    bearer_token_file: FilePath | None = Field(default=None, description="A file with the token.")
    bearer_token: Secret | None = Field(
        default=None, validate_default=True, description="A bearer token."
    )
    oauth2: Oauth2 | None = Field(default=None, description="A token from another server.")
    tls_config: TlsConfig = Field(default=TlsConfig(), description="How TLS is spoken.")
    proxy_url: (
        Annotated[
            str,
            Shape(r"https?://[^\s/]+/?", "the address of an HTTP proxy"),
            Field(json_schema_extra={"writeOnly": True}),
        ]
        | None
    ) = Field(default=None, description="The proxy to ask.")
    no_proxy: Text = Field(default="", description="Hosts that are asked without it.")
    proxy_from_environment: bool = Field(
        default=False, description="Whether the proxy is taken from HTTP_PROXY and the like."
    )
    proxy_connect_header: dict[HeaderName, tuple[Secret, ...]] = Field(
        default={}, description="Headers for the proxy."
    )
    follow_redirects: bool = Field(default=True, description="Whether redirects are followed.")
    enable_http2: bool = Field(default=True, description="Taken, but HTTP/1.1 is spoken.")
    enable_http3: bool = Field(default=False, description="Taken, but HTTP/1.1 is spoken.")
    http_headers: dict[HeaderName, HeaderValues] = Field(
        default={}, repr=False, description="Headers from several sources."
    )

    @field_validator("bearer_token")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        return secret_beside(value, info)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [
            key
            for key in ("basic_auth", "authorization", "bearer_token", "oauth2")
            if getattr(self, key) is not None
        ]
        if len(ways) > 1:
            raise ValueError(f"found {' and '.join(ways)}, expected one of them")
        if self.proxy_from_environment and (self.proxy_url or self.no_proxy):
            raise ValueError("found proxy_from_environment with proxy_url or no_proxy")
        if self.no_proxy and not self.proxy_url:
            raise ValueError("found no_proxy without proxy_url")
        return self


def _size(value: object) -> object:
    # Go's alecthomas/units: KB and the like are powers of 1024 there, as with KiB.
    if isinstance(value, str) and value.upper().endswith(("KB", "MB", "GB")):
        return parse_size(value[:-1].upper() + "iB")
    return value


class HttpModule(HttpClient, Addressed):
    """`http`: one request, and what its answer must be."""

    valid_status_codes: tuple[Annotated[Whole, Field(ge=0, le=_MOST_STATUS)], ...] = Field(
        default=(), description="The statuses that are good; any 2xx where there is none."
    )
    valid_http_versions: tuple[Text, ...] = Field(
        default=(), description="The versions that are good, such as `HTTP/1.1`; any where none."
    )
    skip_resolve_phase_with_proxy: bool = Field(
        default=False, description="Whether the proxy alone resolves the name."
    )
    no_follow_redirects: bool | None = Field(
        default=None, description="The old word for the inverse of follow_redirects; it wins."
    )
    fail_if_ssl: bool = Field(default=False, description="Whether TLS is a failure.")
    fail_if_not_ssl: bool = Field(default=False, description="Whether no TLS is a failure.")
    method: Annotated[Text, Shape(r"[A-Za-z-]+", "a method such as GET")] = Field(
        default="GET", description="The method."
    )
    headers: dict[HeaderName, SecretText] = Field(
        default={}, repr=False, description="Headers to send."
    )
    fail_if_body_matches_regexp: tuple[Regexp, ...] = Field(
        default=(), description="Patterns of which none may match the body."
    )
    fail_if_body_not_matches_regexp: tuple[Regexp, ...] = Field(
        default=(), description="Patterns that all must match it."
    )
    fail_if_body_json_matches_cel: Cel | None = Field(
        default=None, description="An expression that must not hold of the body as JSON."
    )
    fail_if_body_json_not_matches_cel: Cel | None = Field(
        default=None, description="An expression that must hold of it."
    )
    fail_if_header_matches: tuple[HeaderMatch, ...] = Field(
        default=(), description="Patterns that no value of a header may match."
    )
    fail_if_header_not_matches: tuple[HeaderMatch, ...] = Field(
        default=(), description="Patterns that one value of a header must match."
    )
    body: SecretText = Field(default="", repr=False, description="The request's body.")
    body_file: ReadableFile | None = Field(default=None, description="A file with it.")
    compression: Annotated[str, OneOf(ENCODINGS)] | None = Field(
        default=None, description="How the body is compressed: gzip, br, deflate or identity."
    )
    body_size_limit: Annotated[Size, BeforeValidator(_size)] = Field(
        default=0, description="The most bytes of the body, decompressed; 0 for no limit."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.body and self.body_file:
            raise ValueError("found both body and body_file, expected one of them")
        if self.compression:
            for name, value in self.headers.items():
                if name.lower() == "accept-encoding" and not accepts(value, self.compression):
                    raise ValueError(
                        f"found compression {self.compression} with an Accept-Encoding that does "
                        "not accept it"
                    )
        return self

    @property
    def follows(self) -> bool:
        """Whether redirects are followed."""
        if self.no_follow_redirects is not None:
            return not self.no_follow_redirects
        return self.follow_redirects

    @property
    def host(self) -> str | None:
        """The value of a Host among the headers."""
        return header(self.headers, "host")


def header(headers: Mapping[str, str], name: str) -> str | None:
    """The value of the header of this name, in any case."""
    return next((value for key, value in headers.items() if key.lower() == name), None)


def accepts(accept_encoding: str, encoding: str) -> bool:
    """Whether an encoding is accepted (RFC 9110, 12.5.3): named or by `*`, with a weight."""
    weights: dict[str, bool] = {}
    for accepted in accept_encoding.lower().split(","):
        coding, _, weight = accepted.replace(" ", "").partition(";q=")
        weights[coding] = weight.strip("0.") != "" if weight else True
    return not accept_encoding or weights.get(encoding, weights.get("*", False))
