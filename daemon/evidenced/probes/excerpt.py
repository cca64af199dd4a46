"""The beginning of a body as it may be kept: short, printable, and without secrets.

An answer may repeat what it was asked with, or hold a session of its own, so three things are
hidden: every value of the request that might be a credential, what stands under a name such as
`token` or `password`, and whatever is as long and as mixed as only made-up strings are.
"""

import html
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus, urlsplit

import aiohttp
import re2

from evidenced.probes.attempt import one_line
from evidenced.probes.expectations.answer import Body
from evidenced.probes.request import Request
from evidenced.probes.shown import SENT

LIMIT = 400
"""Characters of a body that are kept."""

HIDDEN = "…"
"""What stands where something is hidden."""

_SHORTEST = 4
"""Characters of the shortest value that is hidden: a shorter one is found everywhere."""

_READ = 20 * LIMIT
"""Characters that are looked through for those that are kept."""

_WIDTH = 150
"""Characters of a line, so that no line is cut when it is said."""

_ASCII = "".join(map(chr, range(0x21, 0x7F)))

_NAMED = re2.compile(
    r"(?i)([\w.-]*(?:pass|secret|token|key|auth|credential|session|sid|cookie|csrf|jwt)[\w.-]*"
    r"""["']?\s*(?:=|:|=>|"?\s+value=)\s*["']?)([^\s"'<>&,;]+)"""
)
_MADE_UP = re2.compile(r"[A-Za-z0-9_+/=.~-]{20,}")
_TEXTS = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded")


def excerpt(body: Body, content_type: str, request: Request) -> Iterator[str]:
    """The lines to show of a body that answers this request; of HTML from its `body` element on."""
    if not any(kind in content_type.lower() for kind in _TEXTS):
        return
    text = body.text()
    if "html" in content_type.lower():
        text = text[max(text.lower().find("<body"), 0) :]
    # Hidden before it is cut: half a secret would not be found.
    text = " ".join(hidden(text[:_READ], request).split())
    cut = text[:LIMIT]
    for begin in range(0, len(cut), _WIDTH):
        yield one_line(cut[begin : begin + _WIDTH])
    if len(text) > len(cut) or not body.complete:
        yield HIDDEN


def hidden(text: str, request: Request) -> str:
    """The text without what might be a secret."""
    text = _NAMED.sub(rf"\1{HIDDEN}", without(_values(request), text))
    found: str = _MADE_UP.sub(lambda match: _unless_made_up(match.group()), text)
    return found


def unrepeated(text: str, request: Request) -> str:
    """The text without what it repeats of a request."""
    return without(_values(request), text)


def without(values: Iterable[str], text: str) -> str:
    """The text without these values, however they are read and written; short ones are left."""
    written = {
        form
        for value in values
        for read in (value, unquote(value), unquote_plus(value))
        for form in _forms(read)
        if len(read) >= _SHORTEST
    }
    # The longest first: one may be a part of another.
    for form in sorted(written, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def _forms(value: str) -> Iterator[str]:
    """The value as it stands in texts, addresses, JSON and HTML, and as Latin-1 reads it."""
    yield value
    for safe in ("", "/", _ASCII):
        yield quote(value, safe)
        yield quote_plus(value, safe)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield html.escape(value)
    yield value.encode("utf-8", "replace").decode("latin-1")


def _values(request: Request) -> set[str]:
    """Everything of the request that is not surely harmless, in pieces."""
    values = set(credentials_in(request.headers))
    values |= {value for _, value in parse_qsl(urlsplit(request.address.target).query)}
    if request.body:
        sent = request.body.decode("utf-8", "replace")
        values |= {sent, *(value for _, value in parse_qsl(sent)), *_texts_in(sent)}
    return values


def _texts_in(document: str) -> Iterator[str]:
    """The texts that are values in a JSON document; none of what is no document."""
    with suppress(ValueError, RecursionError):
        values = [json.loads(document)]
        while values:
            match values.pop():
                case str(text):
                    yield text
                case list(items):
                    values += items
                case dict(members):
                    values += members.values()


def credentials_in(headers: Mapping[str, str]) -> frozenset[str]:
    """The values of headers that might be credentials, in pieces."""
    return frozenset(
        piece
        for name, value in headers.items()
        if name.lower() not in SENT
        for piece in (value, *value.split(), value.rpartition("=")[2], *_credentials(value))
    )


def _credentials(value: str) -> tuple[str, ...]:
    """The name and password in a header of basic authentication, in both ways to encode them."""
    found: list[str] = []
    for encoding in ("utf-8", "latin-1"):
        with suppress(ValueError):
            name, password, _ = aiohttp.BasicAuth.decode(value, encoding)
            found += [name, password]
    return tuple(found)


def _unless_made_up(word: str) -> str:
    mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    return HIDDEN if mixed else word
