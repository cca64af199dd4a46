"""The first request of a check, and the bytes that it is where nothing but a socket is needed."""

from dataclasses import dataclass
from ipaddress import ip_address

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.request import Request

_METHODS = frozenset({"GET", "HEAD"})
_FRAMING = frozenset(
    {"connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding"}
    | {"upgrade"}
)
"""Headers of the connection itself: whoever sets one has aiohttp make of it what it means."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A request that goes over a wire: its bytes, with the connection closed after it or kept."""

    request: Request
    closing: bytes
    keeping: bytes

    @classmethod
    def of(cls, request: Request) -> "Plain | None":
        """The request as bytes; None where it is not one for a wire."""
        lines = [f"{request.method} {request.address.target} HTTP/1.1", f"Host: {host_of(request)}"]
        for name, value in request.headers.items():
            if name.lower() in _FRAMING or not (name + value).isprintable():
                return None
            lines.append(f"{name}: {value}")
        if request.method not in _METHODS or request.body is not None:
            return None
        if _half_an_address(request.address.host):
            return None
        try:
            head = "\r\n".join(lines).encode()
        except UnicodeEncodeError:
            return None
        closing = b"\r\nConnection: close\r\n\r\n"
        return cls(request, head + closing, head + b"\r\n\r\n")


def host_of(request: Request) -> str:
    """What the header Host says: the port where it is not the usual one."""
    address = request.address
    name = f"[{address.host}]" if ":" in address.host else address.host
    usual = address.port == (443 if address.scheme == "https" else 80)
    return name if usual else f"{name}:{address.port}"


@dataclass(frozen=True, slots=True)
class First:
    """What a check asks first; `plain` where it may go over a wire."""

    request: Request
    plain: Plain | None

    @classmethod
    def of(cls, settings: HttpSettings) -> "First":
        """The first request of these settings; raises ValueError where its address is none."""
        request = Request.first(settings)
        return cls(request, Plain.of(request) if settings.proxy is None else None)


def _half_an_address(host: str) -> bool:
    """Whether a host looks like an IPv4 address and is none, such as 127.1: no name has that form.

    (The URL standard of WHATWG calls it a host that ends in a number; what C libraries make of it
    differs.)
    """
    if not host.rpartition(".")[2].isdigit():
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False
