"""The settings of kind `grpc`."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from evidenced.config.endpoint import Endpoint, IpVersion
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.stream import StreamExpect, Tls


class GrpcSettings(KindSettings):
    """One question of gRPC's health protocol: is this service serving?

    It needs the extra: `pip install evidenced[grpc]`.
    """

    target_key: ClassVar[str | None] = "address"
    target_example: ClassVar[str] = "shop.example:443"

    address: Endpoint = Field(description="Where to connect to, HOST:PORT.")
    ip: IpVersion = Field(
        default="any",
        description="The version of IP to go by: `4`, `6`, or `any`, which takes what connects "
        "first.",
    )
    service: str = Field(
        default="", description="The service to ask about; the server as a whole where not set."
    )
    tls: Tls = Field(
        default=None,
        description="Whether the server speaks TLS: `true`, `false`, or which certificates are "
        "trusted.",
    )
    expect: StreamExpect = Field(
        default=StreamExpect(), description="What must hold beside `SERVING`."
    )

    @property
    def target(self) -> str:
        """The address."""
        return self.address

    @model_validator(mode="after")
    def _certificate_needs_tls(self) -> Self:
        if self.expect.certificate is not None and self.tls is None:
            raise ValueError("found expect.certificate without TLS, expected tls: true")
        return self
