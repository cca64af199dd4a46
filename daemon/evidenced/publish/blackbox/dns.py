"""The prober `dns`: one question to one name server, and what the answer must be."""

import asyncio
from collections.abc import Sequence
from contextlib import closing

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from evidenced.config.blackbox.probers import DnsModule, Records
from evidenced.probes.course import Course, Phase
from evidenced.probes.stream import FloodError, LeftoverError
from evidenced.probes.trust import TrustError
from evidenced.publish.blackbox.guard import split_host
from evidenced.publish.blackbox.look import Look, why
from evidenced.publish.blackbox.stream import dial

_PORT, _TLS_PORT = 53, 853


class AnswerError(Exception):
    """What came is no answer to the question; the text says why."""


async def probe(look: Look) -> bool:
    """Look once; see `Prober`."""
    keys, findings, log = look.module.dns, look.findings, look.log
    assert keys is not None  # noqa: S101  the configuration sees to it
    for name in ("answer_rrs", "authority_rrs", "additional_rrs", "query_succeeded"):
        findings.set(f"probe_dns_{name}")
    for phase in ("connect", "request", "resolve"):
        findings.set("probe_dns_duration_seconds", phase=phase)
    try:
        host, port = split_host(look.target, _TLS_PORT if keys.dns_over_tls else _PORT)
    except ValueError as error:
        log.fail("Error splitting target address and port", err=error)
        return False
    try:
        address = await look.resolve(host, port, keys)
        if address is None:
            return False
        log.tell("Making DNS query", query=keys.query_name, type=keys.query_type)
        answer = await _ask(look, keys, host, address, port)
    except (AnswerError, FloodError, LeftoverError, OSError, TrustError) as error:
        log.fail("Error while sending a DNS query", err=why(error))
        return False
    finally:
        _tell_phases(look)
    return _judge(look, keys, answer)


async def _ask(
    look: Look, keys: DnsModule, host: str, address: str, port: int
) -> dns.message.Message:
    question = dns.message.make_query(
        dns.name.from_text(keys.query_name), keys.query_type, keys.query_class
    )
    if not keys.recursion_desired:
        question.flags &= ~dns.flags.RD
    if keys.transport_protocol == "udp":
        wire = await _by_udp(question.to_wire(), address, port, keys.source_ip_address)
    else:
        wire = await _by_stream(look, keys, question.to_wire(), (host, address, port))
    try:
        answer = dns.message.from_wire(wire, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError):
        raise AnswerError("the answer is not DNS") from None
    if answer.id != question.id:
        raise AnswerError("id mismatch")
    return answer


async def _by_udp(question: bytes, address: str, port: int, source: str) -> bytes:
    # Connected, so that the network's refusals come back and nobody else can answer.
    transport, heard = await asyncio.get_running_loop().create_datagram_endpoint(
        _Heard, remote_addr=(address, port), local_addr=(source, 0) if source else None
    )
    with closing(transport):
        Course.current().enter(Phase.PROCESSING)
        transport.sendto(question)
        return await heard.answer


async def _by_stream(
    look: Look, keys: DnsModule, question: bytes, server: tuple[str, str, int]
) -> bytes:
    host, address, port = server
    stream = await dial(address, port, keys.source_ip_address)
    if keys.dns_over_tls:
        context = await look.trust(keys.tls_config, ("dot",))
        await stream.start_tls(context, keys.tls_config.server_name or host)
    Course.current().enter(Phase.PROCESSING)
    # RFC 1035, 4.2.2: each message after two bytes that say how long it is.
    stream.send(len(question).to_bytes(2, "big") + question)
    length = int.from_bytes(await stream.exactly(2), "big")
    wire = await stream.exactly(length)
    if not length or len(wire) < length:
        raise AnswerError("closed before an answer")
    return wire


class _Heard(asyncio.DatagramProtocol):
    """The first datagram that comes, or the error that comes instead."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self.answer.done():
            self.answer.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self.answer.cancel()


def _judge(look: Look, keys: DnsModule, answer: dns.message.Message) -> bool:
    findings, log = look.findings, look.log
    rcode = dns.rcode.to_text(answer.rcode())
    log.tell("Got response", rcode=rcode)
    # blackbox_exporter counts the pseudo-record OPT as well, which is no RRset here.
    extra = len(answer.additional) + (answer.opt is not None)
    findings.set("probe_dns_answer_rrs", len(answer.answer))
    findings.set("probe_dns_authority_rrs", len(answer.authority))
    findings.set("probe_dns_additional_rrs", extra)
    findings.set("probe_dns_query_succeeded", 1)
    if dns.rdatatype.from_text(keys.query_type) == dns.rdatatype.SOA:
        findings.set("probe_dns_serial")
        for record in answer.answer:
            if record.rdtype == dns.rdatatype.SOA:
                findings.set("probe_dns_serial", record[0].serial)
    if rcode not in {each.upper() for each in keys.valid_rcodes}:
        log.fail("Rcode is not one of the valid rcodes", rcode=rcode)
        return False
    return all(
        _records_are_good(look, name, section, rules)
        for name, section, rules in (
            ("Answer", answer.answer, keys.validate_answer_rrs),
            ("Authority", answer.authority, keys.validate_authority_rrs),
            ("Additional", answer.additional, keys.validate_additional_rrs),
        )
    )


def _records_are_good(
    look: Look, name: str, section: Sequence[dns.rrset.RRset], rules: Records
) -> bool:
    lines = [_line(each) for each in section]
    must_match = rules.fail_if_not_matches_regexp or rules.fail_if_none_matches_regexp
    amiss = (
        (not lines and bool(must_match)),
        any(p.found_in(line) for line in lines for p in rules.fail_if_matches_regexp),
        # Whatever its name says, in blackbox_exporter this key is for what must match.
        any(not p.found_in(line) for line in lines for p in rules.fail_if_all_match_regexp),
        any(not p.found_in(line) for line in lines for p in rules.fail_if_not_matches_regexp),
        bool(lines)
        and bool(rules.fail_if_none_matches_regexp)
        and not any(p.found_in(line) for line in lines for p in rules.fail_if_none_matches_regexp),
    )
    if any(amiss):
        look.log.fail(f"{name} RRs validation failed")
        return False
    return True


def _line(record: dns.rrset.RRset) -> str:
    """A record as text, its parts apart by tabs."""
    return "\t".join(
        (
            record.name.to_text(),
            str(record.ttl),
            dns.rdataclass.to_text(record.rdclass),
            dns.rdatatype.to_text(record.rdtype),
            record[0].to_text(),
        )
    )


def _tell_phases(look: Look) -> None:
    course = Course.current()
    course.end()
    spent = course.phases
    for phase, seconds in (
        ("resolve", spent.get(Phase.RESOLVE, 0.0)),
        ("connect", spent.get(Phase.CONNECT, 0.0) + spent.get(Phase.TLS, 0.0)),
        ("request", spent.get(Phase.PROCESSING, 0.0)),
    ):
        look.findings.set("probe_dns_duration_seconds", seconds, phase=phase)
