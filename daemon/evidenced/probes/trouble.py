"""What went wrong with an attempt, in the reasons and the words of a failure."""

import errno
import os
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Protocol, TypeVar

import aiohttp
from aiohttp.http import HttpProcessingError
from aiohttp.http_exceptions import BadStatusLine, ContentEncodingError, LineTooLong

from evidenced.config.types import format_duration
from evidenced.probes.address import Address
from evidenced.probes.attempt import Failure, Reason, one_line
from evidenced.probes.client import HEADER_LIMIT, Dropped
from evidenced.probes.course import Course, Phase
from evidenced.probes.request import RedirectError
from evidenced.probes.trust import TrustError, earliest_expiry

E = TypeVar("E", bound=BaseException)


class Peer(Protocol):
    """The other end of a connection: the host to resolve, and how it is named in messages."""

    @property
    def host(self) -> str:
        """The name or address of the host."""

    @property
    def peer(self) -> str:
        """The other end as a whole, such as HOST:PORT."""


_DOING: Mapping[Phase, str] = MappingProxyType(
    {
        Phase.RESOLVE: "resolving {host}",
        Phase.CONNECT: "connecting to {peer}",
        Phase.TLS: "in the TLS handshake with {peer}",
        Phase.PROCESSING: "waiting for the answer of {peer}",
        Phase.TRANSFER: "reading the body from {peer}",
    }
)

_SELF_MADE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
"""Errors of the looker's own: no files or no memory left."""

# The codes of X509_V_ERR_* in OpenSSL's x509_vfy.h.
_CERTIFICATE: Mapping[int, str] = MappingProxyType(
    {
        9: "certificate of {peer} is not valid yet",
        10: "certificate of {peer} has expired",
        18: "certificate of {peer} is self-signed",
        19: "certificate of {peer} is issued by an unknown authority",
        20: "certificate of {peer} is issued by an unknown authority",
        21: "certificate of {peer} is issued by an unknown authority",
        62: "certificate of {peer} is for another name",
        64: "certificate of {peer} is for another address",
    }
)

_EXPIRED = 10

_RESOLVING: Mapping[int, str] = MappingProxyType(
    {
        socket.EAI_NONAME: "{host} not found",
        socket.EAI_NODATA: "{host} has no address",
        socket.EAI_AGAIN: "{host} cannot be resolved now: no answer from the name servers",
        socket.EAI_FAIL: "{host} cannot be resolved: the name servers failed",
    }
)

_CONNECTING: Mapping[int, str] = MappingProxyType(
    {
        errno.ECONNREFUSED: "connection to {peer} refused",
        errno.ECONNRESET: "connection to {peer} reset",
        errno.ECONNABORTED: "connection to {peer} closed",
        errno.EPIPE: "connection to {peer} closed",
        errno.ENETUNREACH: "network of {peer} unreachable",
        errno.EHOSTUNREACH: "{peer} unreachable",
        errno.ETIMEDOUT: "connection to {peer} timed out in the network",
    }
)


def overdue(timeout: float, course: Course, address: Peer) -> Failure:
    """The failure of an attempt whose deadline has passed, in the phase that it was in."""
    doing = _DOING[course.phase].format(host=address.host, peer=address.peer)
    return _failure(Reason.TIMEOUT, f"deadline of {format_duration(timeout)} passed while {doing}")


def failure_of(error: Exception, course: Course, address: Address) -> Failure | None:
    """The failure that an exception means, or None where nobody has foreseen it.

    The details are our own words: what exceptions say is in terms of Python and may quote an
    answer's body.
    """
    match error:
        case RedirectError():
            return _failure(Reason.REDIRECT, f"{address.shown} {error}")
        case TrustError():
            return _failure(Reason.INTERNAL, str(error))
        case aiohttp.ClientConnectorError():
            return _connector_failure(error, course, address)
        case aiohttp.InvalidURL():
            return _failure(Reason.INTERNAL, f"{address.shown} is no address that can be asked")
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return _failure(Reason.PROTOCOL, f"{address.peer} {_malformed(error)}")
        case aiohttp.ClientPayloadError() if _cause(error, ContentEncodingError):
            return _failure(Reason.PROTOCOL, f"{address.peer} {_malformed(error)}")
        case aiohttp.ClientPayloadError():
            return _dropped(error, "in the middle of the body", address)
        case Dropped() | aiohttp.ClientConnectionError():
            return _dropped(error, "before an answer", address)
    return None


def network_failure(error: BaseException, course: Course, peer: Peer) -> Failure | None:
    """The failure that an error of sockets, of name resolution or of TLS means; None for others."""
    match error:
        case socket.gaierror():
            return _dns_failure(error, peer)
        case ssl.SSLCertVerificationError():
            return _certificate_failure(error, course, peer)
        case ssl.SSLError():
            return _tls_failure(error, peer)
        case OSError():
            return _connect_failure(error, course, peer)
    return None


def _connector_failure(
    error: aiohttp.ClientConnectorError, course: Course, address: Address
) -> Failure:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return _dns_failure(error.os_error, address)
        case aiohttp.ClientConnectorCertificateError():
            return _certificate_failure(error.certificate_error, course, address)
        case aiohttp.ClientConnectorSSLError():
            return _tls_failure(error.os_error, address)
    return _connect_failure(error, course, address)


def _connect_failure(error: OSError, course: Course, peer: Peer) -> Failure:
    if error.errno in _SELF_MADE:
        why = os.strerror(error.errno).lower()
        return _failure(Reason.INTERNAL, f"no connection can be opened here: {why}")
    if course.phase is Phase.TLS:
        detail = f"connection to {peer.peer} closed in the TLS handshake"
        return _failure(Reason.CONNECT, detail)
    detail = _CONNECTING.get(error.errno or 0, "connection to {peer} failed")
    return _failure(Reason.CONNECT, detail.format(peer=peer.peer))


def _dns_failure(error: OSError, address: Peer) -> Failure:
    if error.errno in {socket.EAI_MEMORY, socket.EAI_SYSTEM}:
        return _failure(Reason.INTERNAL, f"names cannot be resolved here: asked for {address.host}")
    detail = _RESOLVING.get(error.errno or 0, "{host} cannot be resolved")
    return _failure(Reason.DNS, detail.format(host=address.host))


def _certificate_failure(error: Exception, course: Course, address: Peer) -> Failure:
    code = getattr(error, "verify_code", 0)
    detail = _CERTIFICATE.get(code, "certificate of {peer} is not trusted").format(
        peer=address.peer
    )
    expiry = earliest_expiry(course.refused)
    if code == _EXPIRED and expiry is not None:
        detail += f" on {datetime.fromtimestamp(expiry, UTC):%Y-%m-%d}"
    return _failure(Reason.CERTIFICATE, detail)


def _tls_failure(error: BaseException, address: Peer) -> Failure:
    # OpenSSL's name for it, such as TLSV1_ALERT_PROTOCOL_VERSION, reads well enough as words.
    name = getattr(error, "reason", None) or ""
    why = name.replace("_", " ").lower()
    if name in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}:
        why = "what answers does not speak TLS"
    return _failure(Reason.TLS, f"no TLS with {address.peer}{f': {why}' if why else ''}")


def _dropped(error: Exception, when: str, address: Address) -> Failure:
    """The failure of a connection that ended too early, unless TLS says why it did."""
    if alert := _cause(error, ssl.SSLError):
        return _tls_failure(alert, address)
    how = "reset" if _cause(error, ConnectionResetError) else "closed"
    return _failure(Reason.CONNECT, f"connection to {address.peer} {how} {when}")


def _malformed(error: Exception) -> str:
    """How an answer breaks HTTP, after the name of who gave it."""
    if _cause(error, ContentEncodingError):
        return "answers with a body that is not in its content-encoding"
    if _cause(error, BadStatusLine):
        return "answers with something that is not HTTP/1"
    if _cause(error, LineTooLong):
        return f"answers with a header line of more than {HEADER_LIMIT:,} bytes"
    if getattr(error, "message", "").startswith("Too many headers"):
        return "answers with too many headers"
    return "answers with malformed HTTP"


def _cause(error: BaseException, kind: type[E]) -> E | None:
    """The first of the exceptions behind this one, or itself, that is of this kind."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, kind):
        cause = cause.__cause__
    return cause


def _failure(reason: Reason, detail: str) -> Failure:
    return Failure(reason, "", one_line(detail))
