"""The settings of kind `icmp`."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from evidenced.config.base import Section
from evidenced.config.kinds.base import KindSettings
from evidenced.config.shape import Shape
from evidenced.config.types import Duration, Number, PositiveDuration, Whole


class IcmpExpect(Section):
    """Assertions on the replies to echo requests."""

    loss: Annotated[Number, Field(ge=0, le=100)] | None = Field(
        default=None,
        description="The most echoes that may stay without a reply, in percent. Not set: any but "
        "all of them.",
    )
    rtt: PositiveDuration | None = Field(
        default=None, description="The longest that the average round trip may take."
    )


def _ip(value: object) -> object:
    # In YAML a 4 is a number.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class IcmpSettings(KindSettings):
    """Echo requests to one host (ping), and which replies there must be."""

    target_key: ClassVar[str | None] = "host"
    target_example: ClassVar[str] = "shop.example"

    host: Annotated[str, Shape(r"[^\s/@\[\]]{1,253}", "a host name or an IP address")] = Field(
        description="The host: a name or an address."
    )
    count: Whole = Field(
        default=3, ge=1, le=100, description="How many echo requests an attempt sends."
    )
    interval: Duration = Field(
        default=0.2,
        description="The time from one echo request to the next; shorter where the timeout has no "
        "room for it.",
    )
    payload_size: Whole = Field(
        default=56, ge=0, le=65_000, description="Bytes of payload in an echo request."
    )
    ip: Annotated[
        Literal["any", "4", "6"],
        BeforeValidator(_ip, json_schema_input_type=Literal["any", "4", "6", 4, 6]),
    ] = Field(default="any", description="The version of IP: 4, 6, or `any`.")
    expect: IcmpExpect = Field(
        default=IcmpExpect(),
        description="What the replies must be; where nothing is said, one reply is enough.",
    )

    @property
    def target(self) -> str:
        """The host."""
        return self.host
