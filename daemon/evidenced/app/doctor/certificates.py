"""How long the certificates of TLS targets are still good."""

import asyncio
import ssl
import time

from evidenced.app.doctor.endpoints import Endpoint, endpoints
from evidenced.app.doctor.finding import Finding, not_looked_at, ok, problem, some, warning
from evidenced.app.doctor.subject import Subject
from evidenced.config.rulefile import CertificateRules
from evidenced.probes.certificate import Chain, certificate_facts, read_chain
from evidenced.probes.course import Course
from evidenced.probes.resources import Resources
from evidenced.probes.trust import TrustError

PATIENCE = 5.0
"""Seconds in which a handshake must be done."""

AT_ONCE, MOST = 20, 100
"""Handshakes at the same time, and ends that are tried; of more, the first ones."""

DAY = 86_400


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """The days left of each certificate that a check meets."""
    checks = subject.loaded.plan.checks if subject.loaded else ()
    ends = [(one, one.tls) for one in endpoints(checks) if one.tls is not None][:MOST]
    if not ends:
        return (not_looked_at("no check leads to TLS"),)
    free = asyncio.Semaphore(AT_ONCE)

    async def look(end: Endpoint) -> Finding:
        async with free:
            return await _look(end, subject.resources, subject.config.rules.certificate)

    found = await asyncio.gather(*(look(end) for end, _ in ends))
    bad = [one for one in found if one.mend]
    good = [one.what for one in found if not one.mend]
    return (*bad, *((ok(some(good, 3)),) if good else ()))


async def _look(end: Endpoint, resources: Resources, rules: CertificateRules) -> Finding:
    who = f"{end.host}:{end.port}"
    try:
        async with asyncio.timeout(PATIENCE):
            chain = await _chain(end, resources)
    except ssl.SSLCertVerificationError as error:
        return problem(
            f"the certificate of {who} is not trusted: {error.verify_message}",
            "renew or complete the chain of that server, or name its authority in `tls.ca_file`",
        )
    except (OSError, TrustError) as error:
        what = f"no certificate of {who} was seen: {_why(error)}"
        return not_looked_at(what, "see why nothing answers there: `evidenced check --verbose`")
    return _judged(who, chain, rules)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no handshake within {PATIENCE:g} s"
    said = error.strerror if isinstance(error, OSError) else str(error)
    return said or type(error).__name__


async def _chain(end: Endpoint, resources: Resources) -> Chain:
    context = await resources.trust(end.tls, alpn=()) if end.tls else None
    with Course():  # The handshake notes in it what was shown.
        _, writer = await asyncio.open_connection(
            end.host, end.port, ssl=context, server_hostname=end.name or end.host
        )
    try:
        return read_chain(writer.get_extra_info("ssl_object"))
    finally:
        writer.transport.abort()


def _judged(who: str, chain: Chain, rules: CertificateRules) -> Finding:
    facts = certificate_facts(chain)
    expiry = facts.get("cert_chain_expiry", facts.get("cert_expiry"))
    if not isinstance(expiry, float):
        return not_looked_at(f"{who} has shown no certificate", "see what listens there")
    left = expiry - time.time()
    mend = f"renew the certificate of {who}, and see why that did not happen by itself"
    if left <= 0:
        return problem(f"the certificate of {who} has expired", mend)
    what = f"{who}: {left / DAY:.0f} days left"
    if left < rules.critical:
        return problem(what, mend)
    return warning(what, mend) if left < rules.warning else ok(what)
