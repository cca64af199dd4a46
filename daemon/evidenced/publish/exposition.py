"""How a scrape is answered: as text or OpenMetrics, and compressed where that is accepted."""

import gzip
from collections.abc import Callable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder

LEVEL = 1
"""gzip's fastest: labels repeat so much that higher levels cost more time than they save bytes."""


def render(
    registry: CollectorRegistry, accept: str, accept_encoding: str
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers for the Accept and Accept-Encoding that were asked with.

    What cannot be understood of these is answered in the plain text format, never with an error.
    A thousand checks take some tenths of a second, so a thread is the place for it.
    """
    encode, content_type = encoder(accept)
    body = encode(registry)
    headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
    if accepts_gzip(accept_encoding):
        body = gzip.compress(body, LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return body, headers


def encoder(accept: str) -> tuple[Callable[..., bytes], str]:
    """How to write a registry out for an Accept, and the name of that; nonsense is plain text."""
    try:
        encode, content_type = choose_encoder(accept)
    except TypeError:  # a version that is no list of numbers
        return generate_latest, CONTENT_TYPE_PLAIN_0_0_4
    return encode, content_type


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip is accepted (RFC 9110, 12.5.3): named, or by `*`, and not with a weight of 0."""
    weights = {}
    for accepted in accept_encoding.lower().split(","):
        coding, _, weight = accepted.replace(" ", "").partition(";q=")
        weights[coding] = weight.strip("0.") != "" if weight else True
    return weights.get("gzip", weights.get("*", False))
