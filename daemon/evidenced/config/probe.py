"""Whom `/probe` may look at."""

import re
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from evidenced.config.base import Section
from evidenced.config.shape import from_text
from evidenced.config.types import Duration

_HOSTS = re.compile(r"[A-Za-z0-9_.*?-]{1,253}")


class Allowed:
    """One entry of an allow list: a network, a glob of host names, or a glob of paths of sockets.

    Raises ValueError where the text is none of these.
    """

    __slots__ = ("_glob", "_network", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._network: IPv4Network | IPv6Network | None = None
        self._glob = source.lower().rstrip(".")
        if source.startswith("/"):
            self._glob = source
            return
        try:
            self._network = ip_network(source, strict=False)
        except ValueError:
            if _HOSTS.fullmatch(source) is None:
                raise ValueError(
                    "expected a network such as 10.0.0.0/8, host names such as *.shop.example, or "
                    "the path of a socket"
                ) from None
            return
        address = source.partition("/")[0]
        if self._network.prefixlen < self._network.max_prefixlen and address != str(
            self._network.network_address
        ):
            raise ValueError(f"expected a network without bits of a host: {self._network}")

    @property
    def is_network(self) -> bool:
        """Whether it is about addresses, and not about names."""
        return self._network is not None

    def has_address(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether it is a network with this address in it."""
        return self._network is not None and address in self._network

    def has_name(self, name: str) -> bool:
        """Whether it is a glob that matches this host name; `*` matches dots as well."""
        return (
            self._network is None
            and not self.source.startswith("/")
            and fnmatchcase(name.lower().rstrip("."), self._glob)
        )

    def has_path(self, path: str) -> bool:
        """Whether it is a glob that matches this path of a socket."""
        return self.source.startswith("/") and fnmatchcase(path, self._glob)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Allowed) and self.source == other.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Allowed({self.source!r})"

    def __str__(self) -> str:
        return self.source

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return from_text(cls, instance=cls)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "examples": ["10.0.0.0/8", "*.shop.example"]}


class ProbeSettings(Section):
    """What `/probe` may look at, beside the targets of the configured checks."""

    allow: tuple[Allowed, ...] = Field(
        default=(),
        description="Networks (`10.0.0.0/8`), host names (`*.shop.example`, in which `*` stands "
        "for dots as well) and paths of Unix sockets (`/run/*.sock`). A name that no entry matches "
        "is looked up and its address held against the networks. Link-local addresses and those of "
        "cloud metadata services are never looked at.",
    )
    timeout_offset: Duration = Field(
        default=0.5,
        description="The time that is kept back of Prometheus' scrape timeout for the answer to "
        "travel.",
    )
