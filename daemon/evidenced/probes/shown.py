"""Requests and answers as they may be shown: without credentials."""

from collections.abc import Iterable, Iterator

from evidenced import __version__
from evidenced.probes.address import Address, shown_from

PUBLIC_HEADERS = frozenset(
    {
        "accept-ranges", "access-control-allow-credentials", "access-control-allow-headers",
        "access-control-allow-methods", "access-control-allow-origin", "age", "allow",
        "cache-control", "connection", "content-encoding", "content-language", "content-length",
        "content-type", "date", "expires", "last-modified", "pragma", "referrer-policy",
        "retry-after", "server", "strict-transport-security", "transfer-encoding", "vary",
        "x-content-type-options", "x-frame-options", "x-powered-by",
    }
)  # fmt: skip
"""Headers of answers whose values may be shown: none of them carries a credential."""

SENT = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "connection", "content-length",
        "content-type", "host", "range", "transfer-encoding",
    }
)  # fmt: skip

_OURS = ("user-agent", f"evidenced/{__version__}")


def request_lines(
    method: str, address: Address, headers: Iterable[tuple[str, str]]
) -> Iterator[str]:
    """A request's first line and its headers."""
    yield f"{method} {address.shown_target} HTTP/1.1"
    for name, value in headers:
        public = name.lower() in SENT or (name.lower(), value) == _OURS
        yield f"{name}: {value if public else _hidden(value)}"


def answer_lines(
    status_line: str, headers: Iterable[tuple[str, str]], asked: Address
) -> Iterator[str]:
    """An answer's first line and its headers."""
    yield status_line
    for name, value in headers:
        if name.lower() == "location":
            yield f"{name}: {shown_from(value, asked)}"
        elif name.lower() == "set-cookie" and "=" in value:
            yield f"{name}: {value.partition('=')[0]}={_hidden(value.partition('=')[2])}"
        else:
            yield f"{name}: {value if name.lower() in PUBLIC_HEADERS else _hidden(value)}"


def _hidden(value: str) -> str:
    return f"… ({len(value):,} characters)"
