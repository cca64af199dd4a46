"""The look at a name server: one question by UDP, TCP or TLS, and its answer."""

import asyncio
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_address

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset

from evidenced.config.kinds.dns import PORTS, DnsSettings, parse_server
from evidenced.config.kinds.stream import StreamExpect
from evidenced.probes.attempt import Attempt, Reason
from evidenced.probes.course import Phase
from evidenced.probes.expectations.dns import DnsAnswer, Record, judge_dns
from evidenced.probes.look import Look, LookError
from evidenced.probes.resources import Resources
from evidenced.probes.stream import Endpoint, connect
from evidenced.probes.threads import in_thread

_ALPN = ("dot",)
"""What is offered in the handshake (RFC 7858, 3.2, as registered with IANA)."""


async def probe(settings: DnsSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at a name server; see `Probe` for what holds for all kinds.

    Facts: `query_succeeded` (whether there was an answer at all, whatever it says), `rcode`,
    `answer_rrs`, `authority_rrs` and `additional_rrs` (how many records), `serial` (of the first
    SOA record in the answer), `transport` (the one that gave the answer), `address`, `ip_protocol`.
    Phases: `resolve` (of the server's name), `connect` (TLS with it) and `request`.
    """
    attempt = await _DnsLook(settings, resources).take(timeout)
    spent = attempt.phases
    phases = {
        "resolve": spent.get(Phase.RESOLVE),
        "connect": spent.get(Phase.CONNECT, 0.0) + spent.get(Phase.TLS, 0.0) if spent else None,
        "request": spent.get(Phase.PROCESSING),
    }
    return replace(
        attempt, phases={name: seconds for name, seconds in phases.items() if seconds is not None}
    )


class _DnsLook(Look):
    def __init__(self, settings: DnsSettings, resources: Resources) -> None:
        server = parse_server(settings.server or "system")
        port = server.port or PORTS[settings.transport]
        expect = StreamExpect.model_construct(latency=settings.expect.latency)
        super().__init__(Endpoint(server.host, port), expect)
        self._endpoint = Endpoint(server.host, port)
        self._settings = settings
        self._resources = resources

    async def prepare(self) -> None:
        """Find the system's server where none is named, and read the authorities to trust."""
        if self._settings.server is None:
            host = await in_thread(_system_server)
            self.peer = self._endpoint = Endpoint(host, self._endpoint.port)
        if self._settings.transport == "tls":
            await self._resources.trust(self._settings.tls, _ALPN)

    async def run(self) -> None:
        """Ask, read, judge."""
        settings = self._settings
        self.facts["query_succeeded"] = False
        question = dns.message.make_query(settings.name, settings.type, settings.class_)
        if not settings.recursion:
            question.flags &= ~dns.flags.RD
        transport = settings.transport
        if transport == "udp":
            answer = await self._by_udp(question)
            if answer.flags & dns.flags.TC:
                transport = "tcp"
        if transport != "udp":
            answer = await self._by_stream(question, secure=transport == "tls")
        self.course.end()
        seen = _seen(answer)
        self.facts |= {
            "query_succeeded": True,
            "transport": transport,
            "rcode": seen.rcode,
            "answer_rrs": len(seen.answers),
            "authority_rrs": len(seen.authority),
            "additional_rrs": len(seen.additional),
        }
        if seen.serial is not None:
            self.facts["serial"] = seen.serial
        self.judgements += judge_dns(settings.expect, seen)

    async def _by_udp(self, question: dns.message.Message) -> dns.message.Message:
        self.course.enter(Phase.RESOLVE)
        address = await self._address()
        self.course.enter(Phase.CONNECT)
        self._saw(address)
        # Connected, so that the network's refusals come back and nobody else can answer.
        transport, heard = await asyncio.get_running_loop().create_datagram_endpoint(
            _Heard, remote_addr=(address, self._endpoint.port)
        )
        with closing(transport):
            self.course.enter(Phase.PROCESSING)
            transport.sendto(question.to_wire())
            return self._read(await heard.answer, question)

    async def _by_stream(
        self, question: dns.message.Message, *, secure: bool
    ) -> dns.message.Message:
        stream = await connect(self._endpoint, self._resources)
        self.facts |= stream.address_facts
        if secure:
            tls = self._settings.tls
            name = tls.server_name or self._endpoint.host
            self.chain = await stream.start_tls(await self._resources.trust(tls, _ALPN), name)
        self.course.enter(Phase.PROCESSING)
        # RFC 1035, 4.2.2: each message after two bytes that say how long it is.
        stream.send(question.to_wire(prepend_length=True))
        length = int.from_bytes(await stream.exactly(2), "big")
        wire = await stream.exactly(length)
        if not length or len(wire) < length:
            detail = f"connection to {self.peer.peer} closed before an answer"
            raise LookError(Reason.CONNECT, detail)
        return self._read(wire, question)

    async def _address(self) -> str:
        host = self._endpoint.host
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            return (await self._resources.resolver.resolve(host, self._endpoint.port))[0]["host"]
        return host

    def _saw(self, address: str) -> None:
        self.facts |= {"address": address, "ip_protocol": 6 if ":" in address else 4}

    def _read(self, wire: bytes, question: dns.message.Message) -> dns.message.Message:
        try:
            answer = dns.message.from_wire(wire)
        except (dns.exception.DNSException, ValueError) as error:
            detail = f"{self.peer.peer} answers with something that is not DNS"
            raise LookError(Reason.PROTOCOL, detail) from error
        if not question.is_response(answer):
            raise LookError(Reason.PROTOCOL, f"{self.peer.peer} answers another question")
        return answer


class _Heard(asyncio.DatagramProtocol):
    """The first datagram that comes, or the error that comes instead."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Called by the loop."""
        if not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        """Called by the loop."""
        if not self.answer.done():
            self.answer.set_exception(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.answer.cancel()


def _system_server() -> str:
    """The first name server of the system; blocks, because it reads /etc/resolv.conf."""
    try:
        servers = dns.resolver.Resolver().nameservers
    except (dns.exception.DNSException, OSError):
        servers = []
    if not servers:
        raise LookError(
            Reason.DEPENDENCY, "/etc/resolv.conf names no server here: name one under server"
        )
    return str(servers[0])


def _seen(answer: dns.message.Message) -> DnsAnswer:
    serials = (
        record.serial
        for each in answer.answer
        if each.rdtype == dns.rdatatype.SOA
        for record in each
    )
    return DnsAnswer(
        dns.rcode.to_text(answer.rcode()),
        _records(answer.answer),
        _records(answer.authority),
        _records(answer.additional),
        next(serials, None),
    )


def _records(section: Iterable[dns.rrset.RRset]) -> tuple[Record, ...]:
    return tuple(
        Record(
            f"{each.name} {each.ttl} {dns.rdataclass.to_text(each.rdclass)} "
            f"{dns.rdatatype.to_text(each.rdtype)} {record.to_text()}",
            record.to_text(),
        )
        for each in section
        for record in each
    )
