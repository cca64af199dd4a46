"""How the HTTP interface is reached and by whom, in the form of Prometheus' web configuration.

The form and its defaults: prometheus/exporter-toolkit, docs/web-configuration.md.
"""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.files import FilePath
from evidenced.config.secretfile import SecretLine
from evidenced.config.shape import Shape
from evidenced.config.types import Duration, Secret, Whole, listed
from evidenced.config.web_hash import hashed
from evidenced.config.web_tls import TlsServer

SHORTEST = 16
"""Characters that a bearer token must have, so that guessing at it is hopeless."""

Group = Literal["status", "badges", "metrics", "api", "probe", "health"]
"""A group of paths that may be open to all."""

_HEADERS = (
    "Content-Security-Policy",
    "X-Frame-Options",
    "X-Content-Type-Options",
    "X-XSS-Protection",
    "Strict-Transport-Security",
)


def _long(token: Secret) -> Secret:
    text = token.reveal()
    if len(text) < SHORTEST or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(f"expected at least {SHORTEST} characters of ASCII, without spaces")
    return token


HeaderName = Annotated[str, Shape("|".join(_HEADERS), f"one of {', '.join(_HEADERS)}")]
HeaderValue = Annotated[str, Shape(r"[\t\x20-\x7e]*", "a text on one line, of ASCII")]
UserName = Annotated[str, Shape(r"[^:\x00-\x1f\x7f]+", "a name, without a colon")]
TokenName = Annotated[str, Shape(r"[A-Za-z0-9._-]+", "a name of letters, digits, dots and dashes")]
BearerToken = Annotated[SecretLine, AfterValidator(_long)]
PasswordHash = Annotated[Secret, AfterValidator(hashed)]


class HttpServer(Section):
    """What of HTTP can be set."""

    http2: bool = Field(
        default=True,
        description="Taken, so that a file of Prometheus' is; HTTP/1.1 is spoken in any case.",
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default={},
        description="Headers of every answer that does not have them already: "
        f"{', '.join(f'`{name}`' for name in _HEADERS)}. An empty text is no header.",
    )


class RateLimit(Section):
    """How often one client address may ask for what costs: a bucket of tokens for each address."""

    interval: Duration = Field(
        default=0.01, description="The time in which one more comes in; 0 lifts the limit."
    )
    burst: Whole = Field(
        default=500,
        ge=1,
        le=1_000_000,
        description="The most that are taken at once. `/probe` and a single claim count once, a "
        "list of the API and a proof page five times.",
    )


class WebFile(Section):
    """What may stand in a web configuration file, as Prometheus and its exporters have it."""

    tls_server_config: TlsServer | None = Field(
        default=None, description="How TLS is spoken; without it, HTTP is."
    )
    http_server_config: HttpServer = Field(default=HttpServer(), description="How HTTP is spoken.")
    basic_auth_users: dict[UserName, PasswordHash] = Field(
        default={},
        description="The users of basic authentication, each with the bcrypt hash of the password.",
    )
    rate_limit: RateLimit = Field(
        default=RateLimit(), description="How often one address may ask for what costs."
    )

    @property
    def unheeded(self) -> tuple[str, ...]:
        """The keys that are taken, but cannot be done."""
        tls = self.tls_server_config
        http2 = (
            self.http_server_config.http2 and "http2" in self.http_server_config.model_fields_set
        )
        curves = tls is not None and bool(tls.curve_preferences)
        found = {"http_server_config.http2": http2, "tls_server_config.curve_preferences": curves}
        return tuple(key for key, written in found.items() if written)


class WebSettings(WebFile):
    """How the HTTP interface is reached, and by whom."""

    config_file: FilePath | None = Field(
        default=None,
        description="A web configuration file as Prometheus and its exporters read it, instead of "
        "the same keys here.",
    )
    bearer_tokens: dict[TokenName, BearerToken] = Field(
        default={},
        description="Tokens that open the interface for reading, each with a name for the log.",
    )
    public: Annotated[
        tuple[Group, ...], BeforeValidator(listed, json_schema_input_type=Group | list[Group])
    ] = Field(
        default=("health",),
        description="What is open to all where users or tokens are set: `status` (the page, its "
        "claims and events), `badges` (and the feed), `metrics`, `api` (and `/rules`), `probe`, "
        "`health` (`/-/healthy`, `/-/ready`).",
    )

    @property
    def guarded(self) -> bool:
        """Whether a caller must say who it is, beside what TLS asks."""
        return bool(self.basic_auth_users or self.bearer_tokens)

    @property
    def closed(self) -> bool:
        """Whether not everyone who reaches the address may read."""
        tls = self.tls_server_config
        return self.guarded or (tls is not None and tls.asks_for_certificate)

    def with_file(self, file: WebFile) -> Self:
        """The same with what stands in its file."""
        written = {key: getattr(file, key) for key in file.model_fields_set}
        return self.model_copy(update=written)

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        twice = sorted(self.model_fields_set & WebFile.model_fields.keys())
        if self.config_file is not None and twice:
            raise ValueError(f"found config_file and {', '.join(twice)}, expected one of both")
        return self
