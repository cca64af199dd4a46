"""HOST:PORT, as the kinds that speak straight over TCP have it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

ENDPOINT_PATTERN = r"(?:\[[0-9a-fA-F:.%a-z]+\]|[^\s:/\[\]@?#]+):[0-9]{1,5}"
_ENDPOINT = re.compile(ENDPOINT_PATTERN)


def _endpoint(text: str) -> str:
    if _ENDPOINT.fullmatch(text) is None or not text.isprintable():
        raise ValueError("expected HOST:PORT, such as shop.example:443 or [2001:db8::1]:443")
    if not 1 <= int(text.rpartition(":")[2]) <= 65535:
        raise ValueError("expected a port from 1 to 65535")
    return text


Endpoint = Annotated[
    str,
    AfterValidator(_endpoint),
    Field(json_schema_extra={"pattern": f"^{ENDPOINT_PATTERN}$", "examples": ["shop.example:443"]}),
]
"""HOST:PORT; an IPv6 address stands in brackets."""


def split_endpoint(text: str) -> tuple[str, int]:
    """The host, without brackets, and the port."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def _version(value: object) -> object:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if text not in ("any", "4", "6"):
        raise ValueError("expected any, 4 or 6")
    return text


IpVersion = Annotated[
    Literal["any", "4", "6"],
    BeforeValidator(_version, json_schema_input_type=Literal["any", 4, 6]),
]
"""The version of IP to go by."""
