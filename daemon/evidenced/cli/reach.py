"""How a command reaches a daemon: at which address, what it shows, and whom its TLS trusts."""

import os
import ssl
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from evidenced.cli.client import base_url, own_url
from evidenced.config.problem import ConfigError
from evidenced.config.types import Secret

if TYPE_CHECKING:
    from evidenced.config.model import Config
    from evidenced.config.web_tls import TlsServer

CA_FILE, CERT_FILE, KEY_FILE = "EVIDENCED_CA_FILE", "EVIDENCED_CERT_FILE", "EVIDENCED_KEY_FILE"
TOKEN = "EVIDENCED_TOKEN"  # noqa: S105  the name of a variable
"""The variable with the token that opens what is read, where the daemon asks for one."""


class Reach(NamedTuple):
    """An address, the token to show there, and the trust of TLS where it is one of https."""

    url: str
    token: Secret | None
    tls: ssl.SSLContext | None


def own(config: "Config") -> Reach:
    """The daemon of this configuration, for reading; ConfigError where nobody knows its address."""
    web = config.web
    token = _from_environment()
    if token is None and web.guarded:
        # What opens least is shown first.
        token = next(iter(web.bearer_tokens.values()), config.tokens.admin)
    return Reach(own_url(config), token, own_trust(config))


def given(url: str | None) -> Reach:
    """The daemon at an address that was given, for reading; ConfigError where it is none."""
    found = base_url(url)
    return Reach(found, _from_environment(), trust(found))


def own_trust(config: "Config") -> ssl.SSLContext | None:
    """Whom to trust to be the daemon of this configuration: who has its certificate.

    It is asked at an address that its certificate need not name, so it is known by the very
    certificate, and by no other of the same authority.
    """
    url, tls = own_url(config), config.web.tls_server_config
    if tls is None or os.environ.get(CA_FILE):
        return trust(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=_certificate(tls))
    return _showing(context)


def trust(url: str) -> ssl.SSLContext | None:
    """Whom to trust at an address of https: the system's authorities, or $EVIDENCED_CA_FILE.

    Raises ConfigError where a file that the environment names is no good.
    """
    if urlsplit(url).scheme != "https":
        return None
    file = os.environ.get(CA_FILE) or None
    try:
        context = ssl.create_default_context(cafile=file)
    except OSError as error:
        raise ConfigError(f"{CA_FILE}: {file}: {_why(error)}") from None
    return _showing(context)


def _showing(context: ssl.SSLContext) -> ssl.SSLContext:
    """The context with the certificate to show, where the environment names one."""
    file, key = os.environ.get(CERT_FILE), os.environ.get(KEY_FILE)
    if file:
        try:
            context.load_cert_chain(file, key or None, password="")
        except OSError as error:
            raise ConfigError(f"{CERT_FILE}: {file}: {_why(error)}") from None
    return context


def _certificate(tls: "TlsServer") -> str:
    """The daemon's own certificate, which stands first in its file (RFC 8446, section 4.4.2)."""
    # Costly to import, and most daemons on the own host are asked without TLS.
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificates(tls.cert_file.read_bytes())
    except (OSError, ValueError):
        raise ConfigError(f"{tls.cert_file}: no certificate can be read in it") from None
    return found[0].public_bytes(Encoding.PEM).decode()


def _from_environment() -> Secret | None:
    token = os.environ.get(TOKEN)
    return Secret(token) if token else None


def _why(error: OSError) -> str:
    known = None if isinstance(error, ssl.SSLError) else error.strerror
    return known or "no certificate in it"
