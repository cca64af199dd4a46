"""The look at a host by ICMP echo: several requests, and the replies that come by the deadline."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from types import MappingProxyType

import icmplib

from evidenced.config.kinds.icmp import IcmpExpect, IcmpSettings
from evidenced.config.kinds.stream import StreamExpect
from evidenced.config.types import format_duration
from evidenced.probes.attempt import Attempt, Fact, Judgement, Reason
from evidenced.probes.course import Phase
from evidenced.probes.echo import Echoes, EchoV4, EchoV6, open_socket
from evidenced.probes.look import Look, LookError
from evidenced.probes.resources import Resources

NO_PERMISSION = (
    "no permission for ICMP here: take the daemon's group into the sysctl "
    "net.ipv4.ping_group_range, or give the daemon CAP_NET_RAW"
)

_MARGIN = 0.01
"""Seconds before the deadline at which waiting ends, to judge those replies that came."""

_FAMILIES: Mapping[str, socket.AddressFamily] = MappingProxyType(
    {"any": socket.AF_UNSPEC, "4": socket.AF_INET, "6": socket.AF_INET6}
)


async def probe(settings: IcmpSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at a host by ICMP echo; see `Probe` for what holds for all kinds.

    Facts: `sent`, `received`, `loss` (in percent), `rtt_min`, `rtt_avg` and `rtt_max` (seconds),
    `hop_limit` (of the last reply), `address`, `ip_protocol`. Phases: `resolve`, `setup` (of the
    socket) and `rtt`, which is the average round trip and not the time that was waited.
    """
    attempt = await _IcmpLook(settings, timeout, resources).take(timeout)
    phases = {
        "resolve": attempt.phases.get(Phase.RESOLVE),
        "setup": attempt.phases.get(Phase.CONNECT),
        "rtt": attempt.facts.get("rtt_avg"),
    }
    return replace(
        attempt, phases={name: float(value) for name, value in phases.items() if value is not None}
    )


@dataclass(frozen=True, slots=True)
class _Host:
    host: str

    @property
    def peer(self) -> str:
        """The host."""
        return self.host


class _IcmpLook(Look):
    def __init__(self, settings: IcmpSettings, timeout: float, resources: Resources) -> None:
        super().__init__(_Host(settings.host), StreamExpect())
        self._settings = settings
        self._timeout = timeout
        self._resources = resources

    async def run(self) -> None:
        """Resolve, send, receive, judge."""
        settings = self._settings
        self.course.enter(Phase.RESOLVE)
        found = await self._resources.resolver.resolve(settings.host, 0, _FAMILIES[settings.ip])
        address = found[0]["host"]
        self.facts |= {"address": address, "ip_protocol": 6 if ":" in address else 4}
        self.course.enter(Phase.CONNECT)
        with closing(_open(address)) as pinging:
            self.course.enter(Phase.PROCESSING)
            left = self._timeout - self.course.duration - _MARGIN
            echoes = Echoes(pinging, address, settings.count, settings.payload_size)
            # Where the timeout has no room for all intervals, the last echo keeps half of it.
            pace = min(settings.interval, max(left, 0.0) / (2 * settings.count))
            await echoes.run(pace, left)
        self.course.end()
        self.facts |= _facts(echoes)
        if echoes.refused and not echoes.times:
            raise LookError(Reason.CONNECT, f"{settings.host} unreachable")
        self.judgements += _judge(settings.expect, echoes, self._timeout)


def _open(address: str) -> EchoV4 | EchoV6:
    try:
        return open_socket(address)
    except icmplib.SocketPermissionError as error:
        raise LookError(Reason.DEPENDENCY, NO_PERMISSION) from error
    except icmplib.ICMPSocketError as error:
        detail = f"no socket for ICMP can be opened here: {error}"
        raise LookError(Reason.INTERNAL, detail) from error


def _facts(echoes: Echoes) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "sent": echoes.sent,
        "received": len(echoes.times),
        "loss": echoes.loss,
    }
    if times := echoes.times.values():
        facts |= {"rtt_min": min(times), "rtt_avg": echoes.average, "rtt_max": max(times)}
    if echoes.hop_limit is not None:
        facts["hop_limit"] = echoes.hop_limit
    return facts


def _judge(expect: IcmpExpect, echoes: Echoes, timeout: float) -> Iterator[Judgement]:
    within = f"of {echoes.sent} echoes within {format_duration(timeout)}"
    found = f"{len(echoes.times)} replies" if echoes.times else "none"
    if expect.loss is None:
        met, expected = bool(echoes.times), f"a reply to one {within}"
    else:
        met = echoes.loss <= expect.loss
        expected = f"a loss of at most {expect.loss:g} % {within}"
        found = f"{echoes.loss:.3g} %"
    yield Judgement("loss", met, expected, found, Reason.TIMEOUT)
    if expect.rtt is not None and echoes.times:
        average = echoes.average
        yield Judgement(
            "rtt",
            average <= expect.rtt,
            f"an average round trip within {format_duration(expect.rtt)}",
            f"{average * 1000:.3g}ms",
            Reason.LATENCY,
        )
