"""Bearer tokens (RFC 6750), compared so that nothing can be learnt from how long it takes."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType

from aiohttp import hdrs, web

from evidenced.config.types import Secret

CHALLENGE: Mapping[str, str] = MappingProxyType({hdrs.WWW_AUTHENTICATE: "Bearer"})
"""The header of an answer that asks for a token."""


def bears(request: web.Request, token: Secret | None) -> bool:
    """Whether the request shows this token; never where there is none to show.

    Digests of one length are compared, so the time says nothing of the token, of its length, or of
    whether there is one.
    """
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    expected = "" if token is None else token.reveal()
    same = hmac.compare_digest(_digest(given.strip()), _digest(expected))
    return same and token is not None and scheme.lower() == "bearer"


def _digest(text: str) -> bytes:
    # Bytes of a header that are not UTF-8 stand in it as lone surrogates.
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
