"""What is sent: the request of a check, and the one that a redirect makes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import aiohttp
from multidict import CIMultiDict

from evidenced import __version__
from evidenced.config.kinds.http_request import HttpAuth, HttpRequest
from evidenced.probes.address import Address

REDIRECTS = frozenset({301, 302, 303, 307, 308})
"""The statuses that send a client on (RFC 9110, 15.4); 300 and 304 do not."""

_DEFAULT_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "User-Agent": f"evidenced/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate, br",
    }
)

_FOR_ANY_ORIGIN = frozenset(
    {"accept", "accept-encoding", "accept-language", "cache-control", "pragma", "user-agent"}
)
"""Headers that go to another origin too. Any other may be a credential, under whatever name."""

_OF_BODY = frozenset({"content-encoding", "content-language", "content-length", "content-type"})


class RedirectError(Exception):
    """A redirect that is not to be followed further; the text says why, after the answer's name."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: where to, how, with which headers and body."""

    address: Address
    method: str
    headers: CIMultiDict[str]
    body: bytes | None = None

    @classmethod
    def first(cls, settings: HttpRequest, body: bytes | None = None) -> "Request":
        """The request of a check; raises ValueError where its address is none.

        `body` is what stands in its file, where it has one.
        """
        address = Address.parse(settings.address)
        headers = CIMultiDict({name: value.reveal() for name, value in settings.headers.items()})
        credentials = authorization(settings.auth, address.credentials)
        if credentials:
            headers.setdefault("Authorization", credentials)
        if settings.expect.compression is not None:
            headers.setdefault("Accept-Encoding", settings.expect.compression)
        for name, value in _DEFAULT_HEADERS.items():
            headers.setdefault(name, value)
        if settings.body is not None:
            body = settings.body.encode()
        return cls(replace(address, user=""), settings.method, headers, body)

    def redirected(self, status: int, location: str) -> "Request":
        """The request that a redirect asks for (RFC 9110, 15.4, and what browsers make of it).

        A POST becomes a GET after 301 and 302, everything but HEAD after 303. To another origin go
        neither credentials nor any header that might be one, and a body not at all. Raises
        RedirectError where the redirect cannot or must not be followed.
        """
        try:
            address = replace(Address.parse(location, self.address), user="")
        except ValueError as error:
            raise RedirectError(f"redirects to {error}") from None
        headers, method, body = self.headers.copy(), self.method, self.body
        if (status == 303 and method != "HEAD") or (status in {301, 302} and method == "POST"):
            method, body = "GET", None
            _drop(headers, lambda name: name in _OF_BODY)
        if address.origin != self.address.origin:
            if body is not None:
                raise RedirectError(f"redirects a request with a body to {address.shown}")
            _drop(headers, lambda name: name not in _FOR_ANY_ORIGIN)
        return Request(address, method, headers, body)


def _drop(headers: CIMultiDict[str], unwanted: Callable[[str], bool]) -> None:
    for name in {name.lower() for name in headers if unwanted(name.lower())}:
        headers.popall(name)


def authorization(auth: HttpAuth | None, credentials: tuple[str, str] | None) -> str | None:
    """The header for the credentials of the settings, else for those in the address."""
    if auth is not None and auth.token is not None:
        return f"Bearer {auth.token.reveal()}"
    if auth is not None and auth.username is not None:
        password = "" if auth.password is None else auth.password.reveal()
        return aiohttp.encode_basic_auth(auth.username, password)
    return aiohttp.encode_basic_auth(*credentials) if credentials else None
