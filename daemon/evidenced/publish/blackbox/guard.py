"""Whom `/probe` may look at: whoever can ask it must not reach what only the daemon can."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from evidenced.config.endpoint import split_endpoint
from evidenced.config.kinds.base import KindSettings
from evidenced.config.kinds.dns import PORTS, DnsSettings, parse_server
from evidenced.config.kinds.grpc import GrpcSettings
from evidenced.config.kinds.http import HttpSettings
from evidenced.config.kinds.icmp import IcmpSettings
from evidenced.config.kinds.tcp import TcpSettings
from evidenced.config.kinds.tls import TlsCheckSettings
from evidenced.config.kinds.unix import UnixSettings
from evidenced.config.kinds.websocket import WebSocketSettings
from evidenced.config.probe import Allowed
from evidenced.probes.address import Address

IpAddress = IPv4Address | IPv6Address

_NEVER = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this host, whatever address it has
            "::/128",
            "169.254.0.0/16",  # link-local: the metadata services of most clouds among them
            "fe80::/10",
            "fd00:ec2::/32",  # metadata: AWS over IPv6
            "fd20:ce::254/128",  # Google Cloud over IPv6
            "100.100.100.200/32",  # Alibaba Cloud
            "168.63.129.16/32",  # Azure
            "192.0.0.192/32",  # Oracle Cloud
            "224.0.0.0/4",  # multicast
            "ff00::/8",
            "255.255.255.255/32",
        ),
    )
)
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""IPv6 addresses that end in the IPv4 address that is meant (RFC 6052; RFC 4291, 2.5.5.1)."""


class RefusedError(Exception):
    """A target that is not to be looked at; the text says so in one line."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The allow list, and the targets of configured checks as (host, port) or (path, None)."""

    allow: tuple[Allowed, ...] = ()
    configured: frozenset[tuple[str, int | None]] = frozenset()

    def check_name(self, host: str, port: int | None) -> bool:
        """Whether the name alone says that it may be looked at.

        Raises RefusedError where no address that it may have could be looked at.
        """
        name = host.lower().rstrip(".")
        if (name, port) in self.configured or any(entry.has_name(host) for entry in self.allow):
            return True
        if not any(entry.is_network for entry in self.allow):
            raise RefusedError(f"{shown_host(host, port)} is not on the allow list (probe.allow)")
        return False

    def check_address(self, host: str, port: int | None, address: str) -> None:
        """See that this address of the host may be looked at; RefusedError where it may not."""
        meant = {*_meant(ip_address(address.partition("%")[0]))}
        if any(each in network for each in meant for network in _NEVER):
            raise RefusedError(f"{shown_host(host, port)} has an address that is never looked at")
        if self.check_name(host, port):
            return
        if not all(any(entry.has_address(each) for entry in self.allow) for each in meant):
            raise RefusedError(f"{shown_host(host, port)} is not on the allow list (probe.allow)")

    def check_by_name(self, host: str, port: int | None) -> None:
        """See that a host may be looked at whose address is somebody else's to find.

        Raises RefusedError where its name does not say so.
        """
        if not self.check_name(host, port):
            raise RefusedError(f"{shown_host(host, port)} is not on the allow list (probe.allow)")

    def check_path(self, path: str) -> None:
        """See that this Unix socket may be looked at; RefusedError where it may not."""
        if ".." in path.split("/"):
            raise RefusedError("a path with .. in it is never looked at")
        if (path, None) not in self.configured and not any(e.has_path(path) for e in self.allow):
            raise RefusedError(f"{path} is not on the allow list (probe.allow)")


def configured(settings: Iterable[KindSettings]) -> frozenset[tuple[str, int | None]]:
    """The targets of these checks, as a guard knows them."""
    return frozenset(target for each in settings for target in _targets(each))


def shown_host(host: str, port: int | None) -> str:
    """The host, with the port where there is one."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"


def split_host(address: str, default: int | None = None) -> tuple[str, int]:
    """Host and port of HOST:PORT, the brackets of IPv6 gone.

    Raises ValueError where there is no port and no default for one, or none that is a number.
    """
    host, colon, port = address.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")) or address.endswith("]"):
        host, port = address, ""
    if not port and default is not None:
        return host.strip("[]"), default
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError("missing or bad port in address")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _targets(settings: KindSettings) -> Iterator[tuple[str, int | None]]:
    match settings:
        case HttpSettings():
            yield from _of_urls((settings.url, *(step.url for step in settings.steps)))
        case WebSocketSettings():
            yield from _of_urls((settings.http_url,))
        case TcpSettings() | TlsCheckSettings() | GrpcSettings():
            host, port = split_endpoint(settings.address)
            yield host.lower(), port
        case DnsSettings() if settings.server is not None:
            server = parse_server(settings.server)
            yield server.host.lower(), server.port or PORTS[settings.transport]
        case IcmpSettings():
            yield settings.host.lower(), None
        case UnixSettings():
            yield str(settings.path), None


def _of_urls(urls: Iterable[str]) -> Iterator[tuple[str, int]]:
    for url in urls:
        # A path is one on the first address; one with a placeholder may be none yet.
        with suppress(ValueError):
            address = Address.parse(url)
            # Redirects between http and https on the host's usual ports stay with the target.
            yield from ((address.host, port) for port in {address.port, 80, 443})


def _meant(address: IpAddress) -> Iterator[IpAddress]:
    """The address, and those that are meant by one that only carries another (RFC 4291, 6052)."""
    yield address
    if isinstance(address, IPv6Address):
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if any(address in network for network in _NAT64) and int(address) > 1:
            carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
        yield from (each for each in carried if each is not None)
