"""Which of a name's addresses an attempt goes to."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from types import MappingProxyType

from aiohttp.abc import ResolveResult

FAMILIES: Mapping[str, socket.AddressFamily] = MappingProxyType(
    {"any": socket.AF_UNSPEC, "4": socket.AF_INET, "6": socket.AF_INET6}
)
"""The families of addresses, by how the configuration has them."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where an attempt goes: by which family, and to which one address of which host, if any."""

    family: socket.AddressFamily = socket.AF_UNSPEC
    host: str = ""
    address: ResolveResult | None = None

    def fits(self, host: str) -> bool:
        """Whether a host can be reached this way: a name may be, an address is of one family."""
        if self.family is socket.AF_UNSPEC:
            return True
        try:
            version = ip_address(host.partition("%")[0]).version
        except ValueError:
            return True
        return self.family is FAMILIES[str(version)]
