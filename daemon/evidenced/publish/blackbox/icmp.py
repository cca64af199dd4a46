"""The prober `icmp`: one echo request, and its reply."""

import socket
import time
from contextlib import closing

import icmplib

from evidenced.config.blackbox.probers import IcmpModule
from evidenced.probes.course import Course, Phase
from evidenced.probes.echo import Echoes, EchoV4, EchoV6, open_socket
from evidenced.probes.icmp import NO_PERMISSION
from evidenced.publish.blackbox.look import Look, why

_PAYLOAD = 36
"""Bytes of payload where the module names no size."""

_IP_MTU_DISCOVER, _IP_PMTUDISC_DO = 10, 2
"""Of Linux (linux/in.h): forbid fragments. The socket module does not name them."""

_LONG = 3600.0
"""Seconds to wait for the reply: the deadline is the caller's."""


async def probe(look: Look) -> bool:
    """Look once; see `Prober`."""
    keys, findings, log = look.module.icmp, look.findings, look.log
    for phase in ("resolve", "rtt", "setup"):
        findings.set("probe_icmp_duration_seconds", phase=phase)
    address = await look.resolve(look.target.strip("[]"), None, keys)
    course = Course.current()
    findings.set(
        "probe_icmp_duration_seconds",
        findings.value("probe_dns_lookup_time_seconds"),
        phase="resolve",
    )
    if address is None:
        log.fail("Error resolving address")
        return False
    began = time.monotonic()
    try:
        with closing(open_socket(address)) as pinging:
            _set_up(pinging, keys)
            ttl = keys.ttl or 64
            echoes = Echoes(pinging, address, 1, keys.payload_size or _PAYLOAD, ttl)
            findings.set("probe_icmp_duration_seconds", time.monotonic() - began, phase="setup")
            course.enter(Phase.PROCESSING)
            log.tell("Creating socket", address=address)
            await echoes.run(0.0, _LONG)
    except icmplib.SocketPermissionError:
        log.fail("Error listening to socket", err=NO_PERMISSION)
        return False
    except (icmplib.ICMPLibError, OSError) as error:
        log.fail("Error writing to socket", err=why(error))
        return False
    if not echoes.times:
        log.fail("Host is unreachable")
        return False
    findings.set("probe_icmp_duration_seconds", echoes.average, phase="rtt")
    if echoes.hop_limit is not None:
        findings.set("probe_icmp_reply_hop_limit", echoes.hop_limit)
    log.tell("Found matching reply packet")
    return True


def _set_up(pinging: EchoV4 | EchoV6, keys: IcmpModule) -> None:
    if keys.source_ip_address:
        pinging.sock.bind((keys.source_ip_address, 0))
    if keys.dont_fragment and isinstance(pinging, EchoV4):
        pinging.sock.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, _IP_PMTUDISC_DO)
