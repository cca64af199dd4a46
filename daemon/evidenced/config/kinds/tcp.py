"""The settings of kind `tcp`."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from evidenced.config.dialogue import Dialogue
from evidenced.config.endpoint import Endpoint, IpVersion
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.stream import StreamExpect, Tls

StartTls = Literal["smtp", "imap", "pop3", "ftp", "postgres", "ldap"]
"""The protocols whose way into TLS is known."""


class TcpSettings(KindSettings):
    """One TCP connection, with TLS and a dialogue where they are asked for."""

    target_key: ClassVar[str | None] = "address"
    target_example: ClassVar[str] = "shop.example:443"

    address: Endpoint = Field(description="Where to connect to, HOST:PORT.")
    ip: IpVersion = Field(
        default="any",
        description="The version of IP to go by: `4`, `6`, or `any`, which takes what connects "
        "first.",
    )
    tls: Tls = Field(
        default=None,
        description="Whether TLS begins with the connection: `true`, `false`, or which "
        "certificates are trusted. With `starttls`, here or in the dialogue, it begins there.",
    )
    starttls: StartTls | None = Field(
        default=None,
        description="The protocol in whose way TLS is asked for before the dialogue: `smtp`, "
        "`imap`, `pop3`, `ftp`, `postgres`, `ldap`.",
    )
    dialogue: Dialogue = Field(default=(), description="What is heard and said, in turn.")
    expect: StreamExpect = Field(
        default=StreamExpect(), description="What the connection must be like, beside open."
    )

    @property
    def target(self) -> str:
        """The address."""
        return self.address

    @property
    def late_tls(self) -> bool:
        """Whether TLS begins in the middle of the connection."""
        return self.starttls is not None or any(step.starttls for step in self.dialogue)

    @property
    def secure(self) -> bool:
        """Whether TLS begins at any time."""
        return self.tls is not None or self.late_tls

    @model_validator(mode="after")
    def _tls_once(self) -> Self:
        if self.starttls is not None and any(step.starttls for step in self.dialogue):
            raise ValueError("found starttls here and in the dialogue, expected one of them")
        if self.expect.certificate is not None and not self.secure:
            raise ValueError("found expect.certificate without TLS, expected tls: true or starttls")
        return self
