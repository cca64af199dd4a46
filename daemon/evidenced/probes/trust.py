"""TLS for probes: contexts by settings, and what a handshake shows even when it fails."""

import ssl
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from cryptography import x509

from evidenced.config.tls import TlsSettings
from evidenced.probes.course import Course, Phase
from evidenced.probes.trace import Mark, listening, note

_VERSIONS: Mapping[str, ssl.TLSVersion] = MappingProxyType(
    {
        "1.0": ssl.TLSVersion.TLSv1,
        "1.1": ssl.TLSVersion.TLSv1_1,
        "1.2": ssl.TLSVersion.TLSv1_2,
        "1.3": ssl.TLSVersion.TLSv1_3,
    }
)


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
            note(Mark.INFO, "TLS: the certificate is not trusted")
            note_certificates(course.refused)
            raise
        note(Mark.INFO, lambda: f"{self.version()} with {(self.cipher() or ('',))[0]}")
        note_certificates(self.shown)

    def shown(self) -> tuple[bytes, ...]:
        """The certificates that the peer has shown, DER, its own first, trusted or not."""
        if sys.version_info >= (3, 13):
            return tuple(self.get_unverified_chain())
        # Public since Python 3.13 only; there before.
        chain = self._sslobj.get_unverified_chain()  # type: ignore[attr-defined]
        return tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in chain or ())


def build_context(tls: TlsSettings, alpn: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
    """A client's context for these settings; blocks, because it reads the authorities' files.

    `alpn` are the protocols to offer, none where it is empty.

    Raises TrustError where they cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except ssl.SSLError as error:
        raise TrustError(f"cannot read the authorities in {tls.ca_file}: not PEM") from error
    except OSError as error:
        why = error.strerror or "unreadable"
        raise TrustError(f"cannot read the authorities in {tls.ca_file}: {why}") from error
    _show_certificate(context, tls)
    if tls.min_version is not None:
        context.minimum_version = _VERSIONS[tls.min_version]
        if tls.min_version < "1.2":
            # OpenSSL's default level allows none of the signatures of such old versions.
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    context.sslobject_class = Handshake
    return context


def _show_certificate(context: ssl.SSLContext, tls: TlsSettings) -> None:
    if tls.cert_file is None:
        return
    # Without a password OpenSSL would ask for it on the terminal.
    password = tls.key_password.reveal() if tls.key_password else ""
    try:
        context.load_cert_chain(tls.cert_file, tls.key_file, password)
    except ssl.SSLError as error:
        raise TrustError(f"cannot use the certificate in {tls.cert_file} with its key") from error
    except OSError as error:
        why = error.strerror or "unreadable"
        raise TrustError(f"cannot read the certificate in {tls.cert_file}: {why}") from error


def note_certificates(shown: Sequence[bytes] | Callable[[], Sequence[bytes]]) -> None:
    """Say to whoever listens whose certificate was shown, by whom it was issued, and until when."""
    if not listening():
        return
    for der in (shown() if callable(shown) else shown)[:1]:
        try:
            read = x509.load_der_x509_certificate(der)
            lines = [
                f"  subject: {read.subject.rfc4514_string()}",
                f"  issuer: {read.issuer.rfc4514_string()}",
                f"  valid from: {read.not_valid_before_utc:%Y-%m-%d %H:%M} UTC",
                f"  valid until: {read.not_valid_after_utc:%Y-%m-%d %H:%M} UTC",
            ]
        except (ValueError, OverflowError):
            lines = ["  a certificate that cannot be read"]
        for line in lines:
            note(Mark.INFO, line)


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
