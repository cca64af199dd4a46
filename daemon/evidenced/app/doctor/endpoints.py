"""The hosts and TLS ends that checks lead to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from evidenced.config.endpoint import split_endpoint
from evidenced.config.kinds.dns import DnsSettings, parse_server
from evidenced.config.kinds.grpc import GrpcSettings
from evidenced.config.kinds.http import HttpSettings
from evidenced.config.kinds.icmp import IcmpSettings
from evidenced.config.kinds.prometheus import PrometheusSettings
from evidenced.config.kinds.tcp import TcpSettings
from evidenced.config.kinds.tls import TlsCheckSettings
from evidenced.config.kinds.websocket import WebSocketSettings
from evidenced.config.tls import TlsSettings
from evidenced.probes.address import Address
from evidenced.watch.plan import Check


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a check connects to; `tls` says how where it begins with TLS, `name` whom it asks for.

    `port` is 0 where there is none. `address` is that of an interface of HTTP, else None.
    """

    host: str
    port: int = 0
    tls: TlsSettings | None = None
    name: str = ""
    address: Address | None = None

    @property
    def is_name(self) -> bool:
        """Whether the host is a name, which has to be resolved."""
        try:
            ip_address(self.host.partition("%")[0])
        except ValueError:
            return True
        return False


def endpoints(checks: Iterable[Check]) -> tuple[Endpoint, ...]:
    """Each end that checks connect to by themselves once, in the order of the checks.

    What goes through a proxy is left out: the proxy resolves its name and passes its TLS on.
    """
    found: dict[tuple[str, int, str, bool], Endpoint] = {}
    for check in checks:
        for one in _of(check):
            found.setdefault((one.host, one.port, one.name, one.tls is not None), one)
    return tuple(found.values())


def _of(check: Check) -> Iterator[Endpoint]:
    match check.settings:
        case HttpSettings(proxy=None) as settings:
            urls = [step.address for step in settings.steps] or [settings.address]
            for url in urls:
                yield from _of_address(url, settings.tls)
        case WebSocketSettings() as settings:
            yield from _of_address("http" + settings.url.removeprefix("ws"), settings.tls)
        case PrometheusSettings() as settings:
            yield from _of_address(settings.server, settings.tls)
        case TlsCheckSettings() as settings:
            name = settings.server_name or settings.tls.server_name or ""
            yield _of_endpoint(settings.address, settings.tls, name)
        case TcpSettings() | GrpcSettings() as settings:
            begins = settings.tls if getattr(settings, "starttls", None) is None else None
            name = (begins.server_name if begins else None) or ""
            yield _of_endpoint(settings.address, begins, name)
        case IcmpSettings() as settings:
            yield Endpoint(settings.host)
        case DnsSettings(server=str(server)):
            yield Endpoint(parse_server(server).host)
        case _:
            return


def _of_address(url: str, tls: TlsSettings) -> Iterator[Endpoint]:
    try:
        address = Address.parse(url)
    except ValueError:
        return  # A part that a step fills in: it is known when the step is taken.
    secure = tls if address.scheme == "https" else None
    name = (tls.server_name if secure else None) or ""
    yield Endpoint(address.host, address.port, secure, name, address)


def _of_endpoint(text: str, tls: TlsSettings | None, name: str) -> Endpoint:
    host, port = split_endpoint(text)
    return Endpoint(host, port, tls, name)
