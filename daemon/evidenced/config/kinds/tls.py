"""The settings of kind `tls`."""

from typing import ClassVar

from pydantic import Field

from evidenced.config.condition import Text
from evidenced.config.endpoint import Endpoint, IpVersion
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.stream import StreamExpect
from evidenced.config.tls import TlsSettings


class TlsCheckSettings(KindSettings):
    """One TLS handshake: the chain must be trusted, valid now, and for the right name."""

    target_key: ClassVar[str | None] = "address"
    target_example: ClassVar[str] = "shop.example:443"

    address: Endpoint = Field(description="Where to connect to, HOST:PORT.")
    ip: IpVersion = Field(
        default="any",
        description="The version of IP to go by: `4`, `6`, or `any`, which takes what connects "
        "first.",
    )
    server_name: Text | None = Field(
        default=None,
        description="The name to ask for and to verify instead of the address's host; short for "
        "`tls.server_name`.",
    )
    tls: TlsSettings = Field(
        default=TlsSettings(), description="Which certificates are trusted, and for which name."
    )
    expect: StreamExpect = Field(
        default=StreamExpect(), description="What must hold beside the trust in the certificate."
    )

    @property
    def target(self) -> str:
        """The address."""
        return self.address
