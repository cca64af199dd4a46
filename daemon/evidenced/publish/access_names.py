"""The names in a caller's certificate."""

from collections.abc import Mapping
from typing import Any

_KINDS = frozenset({"DNS", "IP Address", "email", "URI"})


def names_of(certificate: Mapping[str, Any]) -> frozenset[str]:
    """The subject alternative names of a verified certificate, as `ssl` takes it apart.

    DNS names, addresses, e-mail addresses and URIs (RFC 5280, section 4.2.1.6), as they stand.
    """
    listed = certificate.get("subjectAltName", ())
    return frozenset(value for kind, value in listed if kind in _KINDS)
