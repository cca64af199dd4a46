"""An HTTP answer as the expectations see it."""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, field

from evidenced.probes.certificate import Chain

_NO_CHARSETS = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
)
"""Codecs of Python that no server means, some of them costly on hostile input."""


@dataclass(frozen=True, slots=True)
class Body:
    """What was read of a body, decompressed; `complete` says that it was all of it."""

    data: bytes = b""
    complete: bool = True
    charset: str | None = None

    def text(self) -> str:
        """The body as text, by its charset or UTF-8; U+FFFD stands for what does not fit."""
        try:
            codec = codecs.lookup(self.charset or "utf-8").name
            return self.data.decode("utf-8" if codec in _NO_CHARSETS else codec, errors="replace")
        except (LookupError, ValueError):
            # No charset that Python knows, or one that is none of text, such as base64.
            return self.data.decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Redirected:
    """One redirect that was followed: from where, by which status, to where as it was written."""

    url: str
    status: int
    location: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: where it came from, its status, its headers as sent, its body.

    `url` may hold secrets and is only to be compared; `duration` is in seconds, up to the last
    byte that was read. `way` are the redirects that led to it, `chain` is what TLS has shown.
    """

    url: str
    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: Body = field(default_factory=Body)
    duration: float = 0.0
    version: str = "1.1"
    way: Sequence[Redirected] = ()
    chain: Chain = field(default_factory=Chain)

    def header(self, name: str) -> list[str]:
        """The values of a header, whose name may be in any case."""
        name = name.lower()
        return [value for key, value in self.headers if key.lower() == name]
