"""The texts of HTTP as they are written in the configuration: methods, headers, addresses."""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit, urlunsplit

from pydantic import AfterValidator, Field

from evidenced.config.shape import Shape

Method = Annotated[str, Shape(r"[A-Z][A-Z-]*", "a method in capitals, such as GET or HEAD")]

# RFC 9110, 5.1 and 5.6.2: a field name is a token.
HeaderName = Annotated[
    str, Shape(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", "the name of a header, such as X-Request-Id")
]

# RFC 9110, 5.5. A header often carries a secret, so its value is never shown: write-only.
HeaderValue = Annotated[
    str,
    Shape(r"[^\x00-\x08\x0a-\x1f\x7f]*", "a text on one line, without control characters"),
    Field(json_schema_extra={"writeOnly": True}),
]


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


def _address(value: str) -> str:
    """An absolute address, or a path from the root of another."""
    is_path = value.startswith("/") and not value.startswith(("//", "/\\"))
    if _split(f"http://host{value}" if is_path else value) is None:
        raise ValueError(
            "expected an address such as https://shop.example/login, or a path such as /login"
        )
    return value


def _origin(value: str) -> str:
    """An absolute address of which paths are counted from the root."""
    parts = _split(value)
    if parts is None or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("expected an address without a path, such as https://shop.example")
    return value


ADDRESS_PATTERN = r"^(https?://|/)[^\s]*$"
Address = Annotated[
    str, AfterValidator(_address), Field(json_schema_extra={"pattern": ADDRESS_PATTERN})
]
"""An absolute http or https address, or a path relative to `ledger.base_url`."""

ORIGIN_PATTERN = r"^https?://[^/\s]+/?$"
Origin = Annotated[
    str, AfterValidator(_origin), Field(json_schema_extra={"pattern": ORIGIN_PATTERN})
]
"""Scheme, host and maybe port of a site."""


def without_secrets(address: str) -> str:
    """The address without user information, and without the values in its query."""
    parts = urlsplit(address)
    names = [part.split("=", 1) for part in parts.query.split("&")]
    query = "&".join(f"{name[0]}=…" if len(name) > 1 else name[0] for name in names)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=query))
