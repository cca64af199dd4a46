"""The texts of HTTP as they are written in the configuration: methods, headers, addresses."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from pydantic import AfterValidator, Field

from evidenced.config.secretfile import SecretLine
from evidenced.config.shape import Shape
from evidenced.config.types import Secret

Method = Annotated[str, Shape(r"[A-Z][A-Z-]*", "a method in capitals, such as GET or HEAD")]

# RFC 9110, 5.1 and 5.6.2: a field name is a token.
HeaderName = Annotated[
    str, Shape(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", "the name of a header, such as X-Request-Id")
]

HeaderValue = SecretLine
"""RFC 9110, 5.5. A header often carries a secret, so its value is one: `reveal` gives it."""


def _split(address: str) -> SplitResult | None:
    """The parts of an absolute http or https address, or None where it is none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return None
    return None if any(c.isspace() or not c.isprintable() for c in address) else parts


def address(value: str) -> str:
    """An absolute address, or a path from the root of another."""
    is_path = value.startswith("/") and not value.startswith(("//", "/\\"))
    if _split(f"http://host{value}" if is_path else value) is None:
        raise ValueError(
            "expected an address such as https://shop.example/login, or a path such as /login"
        )
    return value


def is_absolute(address: str) -> bool:
    """Whether it is an absolute http or https address."""
    return _split(address) is not None


def _origin(value: str) -> str:
    """An absolute address of which paths are counted from the root."""
    parts = _split(value)
    if parts is None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("expected an address without a path, such as https://shop.example")
    return value


def _base(value: str) -> str:
    """An absolute address to which paths are added."""
    parts = _split(value)
    if parts is None or parts.query or parts.fragment:
        raise ValueError(
            "expected an absolute address without a query, such as https://shop.example"
        )
    return value


ADDRESS_PATTERN = r"^(https?://|/)[^\s]*$"
Address = Annotated[
    str, AfterValidator(address), Field(json_schema_extra={"pattern": ADDRESS_PATTERN})
]
"""An absolute http or https address, or a path relative to `ledger.base_url`."""

ORIGIN_PATTERN = r"^https?://[^/\s]+/?$"
Origin = Annotated[
    str, AfterValidator(_origin), Field(json_schema_extra={"pattern": ORIGIN_PATTERN})
]
"""Scheme, host and maybe port of a site."""

BASE_PATTERN = r"^https?://[^\s?#]+$"
BaseAddress = Annotated[
    str, AfterValidator(_base), Field(json_schema_extra={"pattern": BASE_PATTERN})
]
"""Scheme, host and maybe port and path of an interface."""


def with_query(address: str, query: Mapping[str, Secret]) -> str:
    """The address with parameters added to its query; braces stay, for placeholders."""
    if not query:
        return address
    parts = urlsplit(address)
    added = "&".join(
        f"{quote(name, safe='')}={quote(value.reveal(), safe='{}')}"
        for name, value in query.items()
    )
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def _proxy(value: str) -> str:
    """The address of a proxy, with or without credentials."""
    parts = _split(value)
    if parts is None or parts.scheme != "http" or parts.path not in ("", "/") or parts.query:
        raise ValueError("expected the address of a proxy, such as http://proxy.example:3128")
    return value


Proxy = Annotated[str, AfterValidator(_proxy), Field(json_schema_extra={"writeOnly": True})]
"""The address of an HTTP proxy; it may hold credentials and is never shown."""


def without_secrets(address: str) -> str:
    """The address without user information, and without the values in its query."""
    parts = urlsplit(address)
    names = [part.split("=", 1) for part in parts.query.split("&")]
    query = "&".join(f"{name[0]}=…" if len(name) > 1 else name[0] for name in names)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query))
