"""TLS for probes: contexts by settings, and what a handshake shows even when it fails."""

import ssl
import sys
from collections.abc import Iterable

from cryptography import x509

from evidenced.config.kinds.http import TlsSettings
from evidenced.probes.course import Course, Phase


class TrustError(Exception):
    """The authorities to trust cannot be read: the looker's fault, not the target's."""


class Handshake(ssl.SSLObject):
    """A TLS connection that tells the current course when its handshake begins.

    aiohttp's trace hooks know no border between connecting and TLS, but the object that does the
    handshake is of the class that `SSLContext.sslobject_class` names, a documented hook of Python.
    asyncio and uvloop both run it in the context of the task that opened the connection.

    It also keeps the certificates that were not trusted, because an expired certificate's date is
    wanted most when it has expired.
    """

    def do_handshake(self) -> None:
        """Begin or go on with the handshake."""
        course = Course.current()
        course.enter(Phase.TLS)
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError:
            course.refused = self.shown()
            raise

    def shown(self) -> tuple[bytes, ...]:
        """The certificates that the peer has shown, DER, its own first, trusted or not."""
        if sys.version_info >= (3, 13):
            return tuple(self.get_unverified_chain())
        # Public since Python 3.13 only; there before.
        chain = self._sslobj.get_unverified_chain()  # type: ignore[attr-defined]
        return tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in chain or ())


def build_context(tls: TlsSettings) -> ssl.SSLContext:
    """A client's context for these settings; blocks, because it reads the authorities' files.

    Raises TrustError where they cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except ssl.SSLError as error:
        raise TrustError(f"cannot read the authorities in {tls.ca_file}: not PEM") from error
    except OSError as error:
        why = error.strerror or "unreadable"
        raise TrustError(f"cannot read the authorities in {tls.ca_file}: {why}") from error
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = Handshake
    return context


def earliest_expiry(certificates: Iterable[bytes]) -> float | None:
    """When the first of these certificates (DER) expires, in seconds since the epoch.

    None where there is none that can be read.
    """
    expiries = []
    for certificate in certificates:
        try:
            read = x509.load_der_x509_certificate(certificate)
            expiries.append(read.not_valid_after_utc.timestamp())
        except (ValueError, OverflowError):
            continue
    return min(expiries, default=None)
