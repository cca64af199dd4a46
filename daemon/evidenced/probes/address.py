"""Addresses of HTTP: taken apart to be asked and compared, shown without secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from yarl import URL

_DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"http": 80, "https": 443})
_AS_WRITTEN = "".join(chr(point) for point in range(0x21, 0x7F))
"""The characters that stay as they are: all that may be sent, percent signs too."""


@dataclass(frozen=True, slots=True)
class Address:
    """An absolute address of http or https.

    `host` is lower-case ASCII (IDNA) without brackets, `port` never left out, `target` the path and
    query as they were written: `%7e`, `%2F` and `..` stay what they are, because it is the server's
    right to tell them from `~`, `/` and nothing. Only what cannot be sent, such as a space or a
    letter beyond ASCII, is percent-encoded (RFC 3986, section 2.1; as UTF-8). `user` is the user
    information as written.
    """

    scheme: str
    host: str
    port: int
    target: str
    user: str = ""
    fragment: str = ""

    @classmethod
    def parse(cls, text: str, base: Self | None = None) -> Self:
        """Read an address, relative to `base` where there is one.

        Raises ValueError, with words for what it is instead, where that is not an absolute address
        of http or https.
        """
        try:
            parts = urlsplit(urljoin(str(base), text.strip()) if base else text.strip())
            host, port = _ascii(parts.hostname or ""), parts.port
        except ValueError:
            raise ValueError("a malformed address") from None
        if not parts.scheme:
            raise ValueError("a relative address")
        if parts.scheme not in _DEFAULT_PORTS:
            raise ValueError(f"a {parts.scheme} address")
        if not host:
            raise ValueError("an address without a host")
        return cls(
            scheme=parts.scheme,
            host=host,
            port=_DEFAULT_PORTS[parts.scheme] if port is None else port,
            target=_target(parts),
            user=parts.netloc.rpartition("@")[0],
            fragment=_sendable(parts.fragment),
        )

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must be equal for credentials to be sent along (RFC 6454)."""
        return (self.scheme, self.host, self.port)

    @property
    def peer(self) -> str:
        """HOST:PORT, the port always there."""
        return f"{self._bracketed}:{self.port}"

    @property
    def path(self) -> str:
        """The path, without the query."""
        return self.target.partition("?")[0]

    @property
    def shown(self) -> str:
        """The address without user information and without what its query says.

        Queries carry tokens and states of sessions; that there is one is shown by `?…`.
        """
        return f"{self._origin}{self.shown_target}"

    @property
    def shown_target(self) -> str:
        """The path, with `?…` for a query."""
        return f"{self.path}?…" if "?" in self.target else self.path

    @property
    def credentials(self) -> tuple[str, str] | None:
        """The name and password of the user information, decoded, or None."""
        name, _, password = self.user.partition(":")
        return (unquote(name), unquote(password)) if self.user else None

    def url(self) -> URL:
        """The address for aiohttp, which sends its target as it stands; no user information."""
        return URL(f"{self._origin}{self.target}", encoded=True)

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def _origin(self) -> str:
        default = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{self._bracketed if default else self.peer}"

    def __str__(self) -> str:
        """All of it but the user information."""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self._origin}{self.target}{fragment}"


def shown_from(text: str, asked: Address) -> str:
    """An address as a redirect has it, without secrets, the short way where it is of one origin.

    Of one that is none of http only the scheme is shown.
    """
    try:
        address = Address.parse(text, asked)
    except ValueError:
        return f"{text.strip().partition(':')[0]}:…"
    return address.shown_target if address.origin == asked.origin else address.shown


def _target(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    # An empty path is "/" (RFC 3986, section 6.2.3).
    return _sendable((parts.path or "/") + query)


def _sendable(text: str) -> str:
    # Header values come with bytes that are no UTF-8 as surrogates; they go out as those bytes.
    return quote(text, safe=_AS_WRITTEN, errors="surrogateescape")


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    encoded = URL.build(scheme="http", host=host).raw_host
    return encoded or host
