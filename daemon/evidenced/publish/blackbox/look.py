"""What one look of `/probe` goes by, and what every prober does alike: resolve, and tell of TLS."""

import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address

from cryptography.hazmat.primitives import hashes

from evidenced.config.blackbox.base import Addressed, TlsConfig
from evidenced.config.blackbox.model import Module
from evidenced.probes.certificate import Chain, issuer, names, subject
from evidenced.probes.course import Course, Phase
from evidenced.probes.resolver import AddressInfo, Resolver
from evidenced.probes.resources import Resources
from evidenced.probes.threads import Workers, in_thread
from evidenced.probes.trust import build_context
from evidenced.publish.blackbox.families import Findings
from evidenced.publish.blackbox.guard import Guard
from evidenced.publish.blackbox.log import ProbeLog

_NO_CHAIN = -62135596800.0
"""What blackbox_exporter says of a chain that nobody verified: the year 1, Go's zero time."""

_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193
"""FNV-1a, 32 bits (the Internet Draft draft-eastlake-fnv)."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one target by one module."""

    module: Module
    target: str
    hostname: str
    findings: Findings
    log: ProbeLog
    guard: Guard
    resources: Resources
    resolver: Resolver
    workers: Workers
    """Where bodies are searched: other threads than those of the checks, which must not wait for
    what somebody asks `/probe` for."""

    async def resolve(
        self, host: str, port: int | None, keys: Addressed, *, first: bool = True
    ) -> str | None:
        """The one address of a host to connect to, which was checked; None where there is none.

        `first` tells of the address in metrics, as for the target itself and not for where it
        redirects to. Raises RefusedError.
        """
        if first:
            self.tell_no_address()
        if not _literal(host):
            self.guard.check_name(host, port)
        self.log.tell(
            "Resolving target address", target=host, ip_protocol=keys.preferred_ip_protocol
        )
        course = Course.current()
        course.enter(Phase.RESOLVE)
        began = time.monotonic()
        try:
            found = await self.resolver.resolve(host, port or 0)
        except OSError as error:
            self.log.fail("Resolution with IP protocol failed", target=host, err=error.strerror)
            return None
        finally:
            if first:
                self.findings.set("probe_dns_lookup_time_seconds", time.monotonic() - began)
            course.enter(Phase.CONNECT)
        address = _choose([each["host"] for each in found], keys)
        if address is None:
            self.log.fail("Resolution with IP protocol failed", target=host, err="no such address")
            return None
        self.guard.check_address(host, port, address)
        self.log.tell("Resolved target address", target=host, ip=address)
        if first:
            self.findings.set("probe_ip_protocol", 6 if ":" in address else 4)
            self.findings.set("probe_ip_addr_hash", _hash(address))
        return address

    def tell_no_address(self) -> None:
        """Tell that no address was found, or none yet."""
        for name in ("ip_protocol", "dns_lookup_time_seconds", "ip_addr_hash"):
            self.findings.set(f"probe_{name}")

    async def trust(self, tls: TlsConfig, alpn: tuple[str, ...] = ()) -> ssl.SSLContext:
        """The TLS context of a module; raises TrustError."""
        settings = tls.settings
        if tls.newest is None:
            return await self.resources.trust(settings, alpn)
        context = await in_thread(partial(build_context, settings, alpn))
        context.maximum_version = ssl.TLSVersion[f"TLSv{tls.newest.replace('.', '_')}"]
        return context

    def tell_tls(self, chain: Chain) -> None:
        """Tell of a handshake that succeeded."""
        findings = self.findings
        for name, certificates, default in (
            ("probe_ssl_earliest_cert_expiry", chain.presented, 0.0),
            ("probe_ssl_last_chain_expiry_timestamp_seconds", chain.verified, _NO_CHAIN),
        ):
            expiries = [each.not_valid_after_utc.timestamp() for each in certificates]
            findings.set(name, min(expiries, default=default))
        findings.set("probe_tls_version_info", 1, version=chain.version)
        if (leaf := chain.leaf) is not None:
            serial = f"{leaf.serial_number:x}"
            findings.set(
                "probe_ssl_last_chain_info",
                1,
                fingerprint_sha256=leaf.fingerprint(hashes.SHA256()).hex(),
                subject=subject(leaf),
                issuer=issuer(leaf),
                subjectalternative=",".join(_dns_names(chain)),
                # Hexadecimal by the byte: its leading zero stays.
                serialnumber=serial.zfill(len(serial) + len(serial) % 2),
            )


Prober = Callable[[Look], Awaitable[bool]]
"""Look once, tell in the findings and the log what is seen; whether it is as the module asks.

Raises RefusedError where the target is not to be looked at, and whatever else goes wrong.
"""


def why(error: BaseException) -> str:
    """What an error says, in a few words; never a text of the peer's."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or 'failed').replace('_', ' ').lower()}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def every_address(
    host: str,
    port: int,
    family: int = 0,
    *,
    type: int = 0,  # noqa: A002  as getaddrinfo has it
    flags: int = 0,
) -> Sequence[AddressInfo]:
    """`socket.getaddrinfo` for addresses of both protocols, whether this host has both or not."""
    return socket.getaddrinfo(host, port, family, type, 0, flags & ~socket.AI_ADDRCONFIG)


def _literal(host: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(host.partition("%")[0]))
    return False


def _choose(addresses: list[str], keys: Addressed) -> str | None:
    """The first address of the preferred protocol, or of the other where that will do."""
    wants_six = keys.preferred_ip_protocol == "ip6"
    preferred = [each for each in addresses if (":" in each) is wants_six]
    others = addresses if keys.ip_protocol_fallback else []
    return next(iter([*preferred, *others]), None)


def _hash(address: str) -> int:
    value = _FNV_OFFSET
    for byte in socket.inet_pton(
        socket.AF_INET6 if ":" in address else socket.AF_INET, address.partition("%")[0]
    ):
        value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return value


def _dns_names(chain: Chain) -> list[str]:
    return [name for name in names(chain.leaf) if not _literal(name)] if chain.leaf else []
