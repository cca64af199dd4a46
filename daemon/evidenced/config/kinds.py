"""The settings of each kind of check: what a probe needs to take its look."""

from abc import ABC, abstractmethod
from typing import Self
from urllib.parse import urljoin, urlsplit, urlunsplit

from pydantic import Field, model_validator

from evidenced.config.base import Section
from evidenced.config.expect import HttpExpect
from evidenced.config.types import Secret, Size


class KindSettings(Section, ABC):
    """What all kinds have: a target to name, and maybe an address relative to a base."""

    @property
    @abstractmethod
    def target(self) -> str:
        """The target as it stands in the label `target`, without secrets."""

    def based_on(self, base_url: str | None) -> Self:
        """The same settings with an address relative to base_url made absolute.

        Raises ValueError where the address is relative and there is no base.
        """
        return self


class HttpAuth(Section):
    """Credentials of one request: basic (username and password) or bearer (token)."""

    username: str | None = None
    password: Secret | None = Field(
        default=None, description="Better `password_file`: a secret in the config is a secret shared."
    )
    password_file: str | None = Field(default=None, description="A file with the password in it.")
    token: Secret | None = None
    token_file: str | None = Field(default=None, description="A file with the bearer token in it.")

    @model_validator(mode="after")
    def _one_scheme(self) -> Self:
        basic = self.username is not None
        bearer = self.token is not None or self.token_file is not None
        if basic == bearer:
            raise ValueError("expected either username (with password) or token")
        return self


class TlsSettings(Section):
    """How the probe takes part in TLS."""

    verify: bool = Field(default=True, description="Whether an untrusted certificate is a failure.")
    ca_file: str | None = Field(
        default=None, description="Authorities to trust instead of the system's (PEM)."
    )
    server_name: str | None = Field(
        default=None, description="The name to ask for and to verify instead of the address's host."
    )


class HttpSettings(KindSettings):
    """One HTTP request and what its answer must be."""

    url: str = Field(description="The address, or a path relative to ledger.base_url.")
    method: str = Field(default="GET", pattern=r"^[A-Z]+$")
    headers: dict[str, str] = {}
    body: str | None = Field(default=None, description="The request's body.")
    auth: HttpAuth | None = None
    follow_redirects: bool | int = Field(
        default=True, description="Whether redirects are followed, or how many at most (true: 10)."
    )
    tls: TlsSettings = TlsSettings()
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
    expect: HttpExpect = HttpExpect()

    @property
    def target(self) -> str:
        """The address without user information."""
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    def based_on(self, base_url: str | None) -> Self:
        """The same settings with an absolute address; ValueError where there is no base for it."""
        if "://" in self.url:
            return self
        if base_url is None:
            raise ValueError("expected an absolute address, or ledger.base_url to be set")
        return self.model_copy(update={"url": urljoin(base_url, self.url)})
