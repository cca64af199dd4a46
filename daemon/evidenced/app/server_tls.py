"""The TLS that the HTTP interface speaks, out of its settings."""

import ssl
from typing import TypeAlias

from evidenced.config.web_tls import CIPHERS, VERSIONS, TlsServer

Context: TypeAlias = ssl.SSLContext


def server_context(tls: TlsServer) -> Context:
    """The context of a listener; raises OSError where a file of it is no good. Blocks on them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A key that asks for a password must not ask on the terminal.
    context.load_cert_chain(tls.cert_file, tls.key_file, password="")
    context.minimum_version = VERSIONS[tls.min_version]
    context.maximum_version = VERSIONS[tls.max_version]
    suites = [CIPHERS[name] for name in tls.cipher_suites if name in CIPHERS]
    if suites:
        context.set_ciphers(":".join(suites))
    if not tls.prefer_server_cipher_suites:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    if tls.verifies:
        required = tls.asks_for_certificate
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
        context.load_verify_locations(tls.client_ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context
