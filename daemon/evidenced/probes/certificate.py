"""What a TLS handshake has shown: certificates, trusted or not, and what it agreed on."""

import ssl
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from evidenced.probes.attempt import Fact, one_line
from evidenced.probes.trust import Handshake

_VERSION = "TLSv"

_REMEMBERED = 4096
"""Certificates and chains that are not read again: a server shows the same ones for months, and to
read them takes as long as the handshake."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The certificates of one handshake.

    `presented` are those that the peer has sent, its own first; `verified` are those that its trust
    rests on, from its own to the root, and none where it was not verified. What cannot be read as a
    certificate is left out. `version` is such as `TLS 1.3`, `cipher` such as
    `TLS_AES_256_GCM_SHA384`; both are empty where the handshake failed.
    """

    presented: tuple[x509.Certificate, ...] = ()
    verified: tuple[x509.Certificate, ...] = ()
    version: str = ""
    cipher: str = ""

    @property
    def leaf(self) -> x509.Certificate | None:
        """The peer's own certificate."""
        return self.presented[0] if self.presented else None


NOTHING_SHOWN = Chain()
"""What a connection without TLS has shown."""


def refused_chain(presented: Sequence[bytes]) -> Chain:
    """The chain of a handshake that failed, of the certificates (DER) that were kept of it."""
    return Chain(presented=_read(presented)) if presented else NOTHING_SHOWN


def read_chain(tls: ssl.SSLObject | ssl.SSLSocket | None) -> Chain:
    """The chain of a handshake that succeeded, whether certificates were verified in it or not.

    Empty where this is not a TLS connection of ours (see `trust.Handshake`).
    """
    if not isinstance(tls, Handshake):
        return NOTHING_SHOWN
    cipher = tls.cipher()
    return Chain(
        presented=_read(tls.shown()),
        # OpenSSL builds a chain also where nobody asks whether it holds.
        verified=_read(_verified(tls)) if tls.context.verify_mode is ssl.CERT_REQUIRED else (),
        version=(tls.version() or "").replace(_VERSION, "TLS "),
        cipher=cipher[0] if cipher else "",
    )


def certificate_facts(chain: Chain) -> dict[str, Fact]:
    """What a chain is worth knowing for; a fact that could not be seen is absent.

    Facts: `cert_expiry` (the first of the presented certificates to expire),
    `cert_chain_expiry` (the first of those that its trust rests on; both in Unix time),
    `cert_subject`, `cert_issuer`, `cert_names`, `cert_serial` and `cert_fingerprint` (SHA-256) of
    the peer's own, `tls_version`, `tls_cipher`.
    """
    return {} if chain is NOTHING_SHOWN else dict(_facts(chain))


@lru_cache(maxsize=_REMEMBERED)
def _facts(chain: Chain) -> Mapping[str, Fact]:
    facts: dict[str, Fact] = {}
    for name, certificates in (
        ("cert_expiry", chain.presented),
        ("cert_chain_expiry", chain.verified),
    ):
        if certificates:
            facts[name] = min(each.not_valid_after_utc.timestamp() for each in certificates)
    if chain.leaf is not None:
        facts |= {
            "cert_subject": one_line(subject(chain.leaf)),
            "cert_issuer": one_line(issuer(chain.leaf)),
            "cert_names": ",".join(names(chain.leaf)),
            "cert_serial": f"{chain.leaf.serial_number:x}",
            "cert_fingerprint": chain.leaf.fingerprint(hashes.SHA256()).hex(),
        }
    if chain.version:
        facts["tls_version"] = chain.version
    if chain.cipher:
        facts["tls_cipher"] = chain.cipher
    return facts


def subject(certificate: x509.Certificate) -> str:
    """Whose certificate it is, as in RFC 4514."""
    return _name(certificate.subject)


def issuer(certificate: x509.Certificate) -> str:
    """Who issued the certificate, as in RFC 4514."""
    return _name(certificate.issuer)


def names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The host names and IP addresses that a certificate is for (subjectAltName)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    hosts = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return (*hosts, *map(str, addresses))


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether a certificate is signed with its own key."""
    try:
        certificate.verify_directly_issued_by(certificate)
    except Exception:  # noqa: BLE001  each algorithm has errors of its own, and all mean no
        return False
    return True


def _name(name: x509.Name) -> str:
    return name.rfc4514_string()


def _verified(tls: Handshake) -> Iterable[bytes]:
    if sys.version_info >= (3, 13):
        return tls.get_verified_chain()
    # Public since Python 3.13 only; there before.
    chain = tls._sslobj.get_verified_chain()  # type: ignore[attr-defined]  # noqa: SLF001
    return tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in chain or ())


def _read(certificates: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """Those of the certificates (DER) that can be read, their dates and names above all."""
    read = map(_read_one, certificates)
    return tuple(each for each in read if each is not None)


@lru_cache(maxsize=_REMEMBERED)
def _read_one(certificate: bytes) -> x509.Certificate | None:
    try:
        each = x509.load_der_x509_certificate(certificate)
        each.not_valid_after_utc.timestamp()
        each.subject.rfc4514_string()
        each.issuer.rfc4514_string()
    except (ValueError, OverflowError):
        return None
    return each
