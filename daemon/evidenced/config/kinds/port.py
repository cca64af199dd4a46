"""The settings of kind `port`."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from evidenced.config.base import Section
from evidenced.config.expect import Text
from evidenced.config.kinds.base import KindSettings
from evidenced.config.shape import Shape
from evidenced.config.types import listed

Network = IPv4Network | IPv6Network

_EXPECTED = "expected an address and port such as 127.0.0.1:3000, [::1]:80 or :3000"


def split_listen(listen: str) -> tuple[str, int]:
    """The address (or "") and the port of `ADDRESS:PORT`; ValueError where it is none."""
    host, _, port = listen.rpartition(":")
    if host:
        try:
            version = ip_address(host.removeprefix("[").removesuffix("]")).version
        except ValueError:
            raise ValueError(_EXPECTED) from None
        if host.startswith("[") is not (version == 6):
            raise ValueError(_EXPECTED)
    if not 0 < int(port) <= 65535:
        raise ValueError("expected a port of 1 to 65535")
    return host.strip("[]"), int(port)


def _listen(value: str) -> str:
    split_listen(value)
    return value


def _network(value: object) -> object:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    if isinstance(value, str):
        try:
            return ip_network(value)
        except ValueError:
            pass
    raise ValueError("expected an address such as 127.0.0.1, or a network such as 10.0.0.0/8")


_Network = Annotated[
    Any, BeforeValidator(_network, json_schema_input_type=str), PlainSerializer(str)
]
Networks = Annotated[
    tuple[_Network, ...], BeforeValidator(listed, json_schema_input_type=str | list[str])
]


class PortExpect(Section):
    """Assertions on who listens at a port of this host."""

    listening: bool = Field(default=True, description="Whether anything must listen there.")
    only: Networks = Field(
        default=(),
        description="The only addresses or networks at which it may listen: `[127.0.0.0/8, '::1']` "
        "for a port that must not be open to the world.",
    )
    process: Text | None = Field(
        default=None,
        description="The name of the process that must listen, as `ps -o comm` shows it. Seen by "
        "root, and by the user whose process it is.",
    )

    @model_validator(mode="after")
    def _absent_alone(self) -> Self:
        others = self.model_fields_set - {"listening"}
        if not self.listening and others:
            raise ValueError(f"found listening: false and {min(others)}, expected one of them")
        return self


class PortSettings(KindSettings):
    """One port of this host, as its kernel has it; nothing is sent."""

    target_key: ClassVar[str | None] = "listen"
    target_example: ClassVar[str] = "127.0.0.1:443"

    listen: Annotated[
        str,
        Shape(
            r"(?:\[[0-9a-fA-F:.]+\]|[0-9.]*):[0-9]{1,5}",
            "an address and port such as 127.0.0.1:3000, [::1]:80 or :3000",
        ),
        AfterValidator(_listen),
    ] = Field(
        description="The address and port, exactly as it is listened at: `127.0.0.1:3000`, "
        "`[::1]:80`, `0.0.0.0:80` for all addresses, or `:3000` for that port at any address."
    )
    protocol: Literal["tcp", "udp"] = Field(default="tcp", description="`tcp` or `udp`.")
    expect: PortExpect = Field(
        default=PortExpect(), description="Who must listen; anything where nothing is said."
    )

    @property
    def target(self) -> str:
        """The address and port."""
        return self.listen
