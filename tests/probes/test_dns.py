"""The probe on name servers of our own, by UDP, TCP and TLS, that answer well and badly."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from evidenced.config.kinds.dns import DnsSettings
from evidenced.probes import dns as kind
from evidenced.probes.attempt import Attempt, Outcome, Reason
from evidenced.probes.resolver import Resolver
from evidenced.probes.resources import Resources
from stopwatch import Stopwatch

Answers = Callable[[dns.message.Message], dns.message.Message | bytes | None]
Ask = Callable[..., Coroutine[Any, Any, Attempt]]

ZONE = {
    "A": "bakery.example. 300 IN A 192.0.2.1\nbakery.example. 300 IN A 192.0.2.22",
    "SOA": "bakery.example. 300 IN SOA ns1.bakery.example. pat.bakery.example. 1000 2 3 4 5",
    "MX": "bakery.example. 300 IN MX 10 mail.bakery.example.",
}


def rrsets(text: str) -> list[dns.rrset.RRset]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for line in text.splitlines():
        name, _, class_, type_, data = line.split(" ", 4)
        found.setdefault((name, class_, type_), []).append(data)
    return [dns.rrset.from_text(n, 300, c, t, *data) for (n, c, t), data in found.items()]


def from_zone(question: dns.message.Message) -> dns.message.Message:
    answer = dns.message.make_response(question, recursion_available=True)
    asked = question.question[0]
    kind_of = dns.rdatatype.to_text(asked.rdtype)
    if str(asked.name) != "bakery.example.":
        answer.set_rcode(dns.rcode.NXDOMAIN)
        answer.authority += rrsets(ZONE["SOA"])
    elif kind_of in ZONE:
        answer.answer += rrsets(ZONE[kind_of])
        answer.authority += rrsets("bakery.example. 300 IN NS ns1.bakery.example.")
        answer.additional += rrsets("ns1.bakery.example. 300 IN A 192.0.2.53")
    return answer


def with_code(code: dns.rcode.Rcode) -> Answers:
    def answer(question: dns.message.Message) -> dns.message.Message:
        message = dns.message.make_response(question)
        message.set_rcode(code)
        return message

    return answer


@dataclass
class NameServer:
    """A name server on one port of loopback, for UDP and TCP; what it was asked, and over what."""

    answers: Answers
    port: int = 0
    asked: list[tuple[str, dns.message.Message]] = field(default_factory=list)

    def reply(self, transport: str, wire: bytes) -> bytes | None:
        question = dns.message.from_wire(wire)
        self.asked.append((transport, question))
        answer = self.answers(question)
        if isinstance(answer, dns.message.Message):
            try:
                return answer.to_wire(max_size=512 if transport == "udp" else 65535)
            except dns.exception.TooBig:
                short = dns.message.make_response(question)
                short.flags |= dns.flags.TC
                return short.to_wire()
        return answer

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                answer = self.reply("tcp", await reader.readexactly(length))
                if answer is None:
                    await reader.read()
                    return
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self.server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self.server.reply("udp", data)
        if answer is not None:
            self.transport.sendto(answer, addr)


NameServers = Callable[..., Awaitable[NameServer]]


@pytest.fixture
async def name_server() -> AsyncIterator[NameServers]:
    started: list[tuple[asyncio.Server, asyncio.BaseTransport | None]] = []

    async def start(answers: Answers = from_zone, tls: ssl.SSLContext | None = None) -> NameServer:
        server = NameServer(answers)
        tcp = await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=tls)
        server.port = tcp.sockets[0].getsockname()[1]
        udp = None
        if tls is None:
            udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: Datagrams(server), ("127.0.0.1", server.port)
            )
        started.append((tcp, udp))
        return server

    yield start
    for tcp, udp in started:
        tcp.close()
        if udp is not None:
            udp.close()


@pytest.fixture
def ask(resources: Resources) -> Ask:
    async def take(server: NameServer, timeout: float = 30.0, /, **settings: object) -> Attempt:
        all_of_them = {
            "name": "bakery.example",
            "server": f"127.0.0.1:{server.port}",
            **settings,
        }
        return await kind.probe(DnsSettings.model_validate(all_of_them), timeout, resources)

    return take


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_good_answer_and_its_facts(
    name_server: NameServers, ask: Ask, transport: str
) -> None:
    server = await name_server()
    attempt = await ask(server, transport=transport, expect={"answers": {"contains": "192.0.2.1"}})
    assert attempt.failure is None
    assert attempt.outcome is Outcome.SUCCESS
    assert attempt.facts == {
        "query_succeeded": True,
        "transport": transport,
        "rcode": "NOERROR",
        "answer_rrs": 2,
        "authority_rrs": 1,
        "additional_rrs": 1,
        "address": "127.0.0.1",
        "ip_protocol": 4,
    }
    assert set(attempt.phases) == {"resolve", "connect", "request"}
    assert sum(attempt.phases.values()) == pytest.approx(attempt.duration, abs=0.005)
    ((over, question),) = server.asked
    assert over == transport
    assert question.flags & dns.flags.RD


async def test_what_is_asked_is_what_is_written(name_server: NameServers, ask: Ask) -> None:
    server = await name_server()
    await ask(server, type="txt", **{"class": "ch"}, name="version.bind", recursion=False)
    ((_, question),) = server.asked
    assert str(question.question[0]) == "version.bind. CH TXT"
    assert not question.flags & dns.flags.RD


async def test_over_tls(name_server: NameServers, ask: Ask, authority: object) -> None:
    context, file = authority.context("ns.bakery.example"), authority.file  # type: ignore[attr-defined]
    server = await name_server(tls=context)
    tls = {"ca_file": file, "server_name": "ns.bakery.example"}
    attempt = await ask(server, transport="tls", tls=tls)
    assert attempt.failure is None
    assert attempt.facts["transport"] == "tls"
    assert attempt.facts["cert_expiry"] > time.time()  # type: ignore[operator]
    wrong = await ask(server, transport="tls", tls=tls | {"server_name": "other.example"})
    assert wrong.failure
    assert wrong.failure.reason is Reason.CERTIFICATE
    assert wrong.facts["query_succeeded"] is False
    assert "connect" in wrong.phases


async def test_a_server_by_name_is_resolved(
    name_server: NameServers, ask: Ask, resources: Resources
) -> None:
    def only_4(host: str, port: int, family: int, **more: Any) -> Any:  # noqa: ANN401  as it is
        return socket.getaddrinfo(host, port, socket.AF_INET, **more)

    # Of many hosts the first address of this name is ::1, where nobody listens.
    resources.resolver = Resolver(only_4)
    server = await name_server()
    for transport in ("udp", "tcp"):
        attempt = await ask(server, transport=transport, server=f"localhost:{server.port}")
        assert attempt.failure is None
        assert attempt.phases["resolve"] > 0


@pytest.mark.parametrize(
    ("code", "expect", "met"),
    [
        (dns.rcode.NOERROR, {}, True),
        (dns.rcode.NXDOMAIN, {}, False),
        (dns.rcode.NXDOMAIN, {"rcode": "nxdomain"}, True),
        (dns.rcode.NOERROR, {"rcode": "NXDOMAIN"}, False),
        (dns.rcode.SERVFAIL, {}, False),
        (dns.rcode.SERVFAIL, {"rcode": ["NOERROR", "SERVFAIL"]}, True),
        (dns.rcode.REFUSED, {}, False),
    ],
)
async def test_the_response_code(
    name_server: NameServers, ask: Ask, code: dns.rcode.Rcode, expect: object, met: bool
) -> None:
    attempt = await ask(await name_server(with_code(code)), expect=expect)
    assert (attempt.outcome is Outcome.SUCCESS) is met
    assert attempt.facts["query_succeeded"] is True
    assert attempt.facts["rcode"] == dns.rcode.to_text(code)
    if not met:
        assert attempt.failure
        assert (attempt.failure.reason, attempt.failure.expectation) == (Reason.STATUS, "rcode")
        assert dns.rcode.to_text(code) in attempt.failure.detail


async def test_records_that_are_not_expected(name_server: NameServers, ask: Ask) -> None:
    server = await name_server()
    attempt = await ask(server, expect={"answers": {"contains": "192.0.2.2"}})
    assert attempt.failure
    assert attempt.failure.reason is Reason.BODY
    assert attempt.failure.detail == (
        'expected answers to contain "192.0.2.2", found 192.0.2.1, 192.0.2.22'
    )


async def test_the_serial(name_server: NameServers, ask: Ask) -> None:
    server = await name_server()
    good = await ask(server, type="SOA", expect={"serial": {"ge": 1000}})
    assert good.failure is None
    assert good.facts["serial"] == 1000
    behind = await ask(server, type="SOA", expect={"serial": {"gt": 1000}})
    assert behind.failure
    assert behind.failure.expectation == "serial"
    none = await ask(server, type="A", expect={"serial": {"gt": 1000}})
    assert none.failure
    assert none.failure.detail == "expected serial to be more than 1000, found nothing"


async def test_a_truncated_answer_is_asked_for_by_tcp(name_server: NameServers, ask: Ask) -> None:
    def long(question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.answer += rrsets(
            "\n".join(f"bakery.example. 300 IN A 192.0.2.{last}" for last in range(1, 101))
        )
        return answer

    server = await name_server(long)
    attempt = await ask(server, expect={"answers": {"length": 100}})
    assert attempt.failure is None
    assert (attempt.facts["transport"], attempt.facts["answer_rrs"]) == ("tcp", 100)
    assert [over for over, _ in server.asked] == ["udp", "tcp"]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_silence_ends_at_the_deadline(
    name_server: NameServers, ask: Ask, transport: str
) -> None:
    server = await name_server(lambda _: None)
    watch = Stopwatch()
    attempt = await ask(server, 0.2, transport=transport)
    assert watch.own() < 0.2 + 0.15
    assert attempt.failure
    assert attempt.failure.reason is Reason.TIMEOUT
    assert attempt.failure.detail == (
        f"deadline of 200ms passed while waiting for the answer of 127.0.0.1:{server.port}"
    )
    assert attempt.facts["query_succeeded"] is False


def other_question(question: dns.message.Message) -> dns.message.Message:
    return dns.message.make_response(dns.message.make_query("other.example", "A", id=question.id))


def other_id(question: dns.message.Message) -> dns.message.Message:
    answer = dns.message.make_response(question)
    answer.id ^= 1
    return answer


@pytest.mark.parametrize(
    ("answers", "detail"),
    [
        pytest.param(lambda _: b"hello", "something that is not DNS", id="too short"),
        pytest.param(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n", "not DNS", id="HTTP"),
        pytest.param(lambda q: q.to_wire()[:-3], "not DNS", id="cut"),
        pytest.param(lambda q: q.to_wire(), "another question", id="echo"),
        pytest.param(other_question, "another question", id="another question"),
        pytest.param(other_id, "another question", id="another number"),
    ],
)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_garbage(
    name_server: NameServers, ask: Ask, answers: Answers, detail: str, transport: str
) -> None:
    attempt = await ask(await name_server(answers), transport=transport)
    assert attempt.failure
    assert attempt.failure.reason is Reason.PROTOCOL
    assert detail in attempt.failure.detail
    assert attempt.facts["query_succeeded"] is False


async def test_a_server_that_hangs_up(serve: Callable[..., Awaitable[int]], ask: Ask) -> None:
    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"\x00\x40half")
        await writer.drain()

    attempt = await ask(NameServer(from_zone, await serve(hangs_up)), transport="tcp")
    assert attempt.failure
    assert attempt.failure.reason is Reason.CONNECT


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_nobody_there(name_server: NameServers, ask: Ask, transport: str) -> None:
    attempt = await ask(NameServer(from_zone, 1), transport=transport)
    assert attempt.failure
    assert attempt.failure.reason is Reason.CONNECT
    assert attempt.failure.detail == "connection to 127.0.0.1:1 refused"


async def test_a_server_without_a_name(ask: Ask) -> None:
    attempt = await ask(NameServer(from_zone, 53), server="nowhere.invalid")
    assert attempt.failure
    assert attempt.failure.reason is Reason.DNS
    assert attempt.failure.detail.startswith("nowhere.invalid ")


async def test_the_system_server_is_that_of_resolv_conf(ask: Ask) -> None:
    # Whether it answers is the network's affair; that it is found, or its absence told, is ours.
    attempt = await ask(NameServer(from_zone), 0.2, server=None)
    if attempt.failure and attempt.failure.reason is Reason.DEPENDENCY:
        assert attempt.outcome is Outcome.UNKNOWN
        assert "/etc/resolv.conf" in attempt.failure.detail
    else:
        assert "address" in attempt.facts


async def test_cancelling_goes_through(name_server: NameServers, ask: Ask) -> None:
    server = await name_server(lambda _: None)
    task = asyncio.create_task(ask(server))
    while not server.asked:
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_latency(name_server: NameServers, ask: Ask) -> None:
    attempt = await ask(await name_server(), expect={"latency": "1ms"})
    slow = attempt.duration > 0.001
    assert (attempt.outcome is Outcome.FAILURE) is slow
    assert [each.name for each in attempt.judgements] == ["rcode", "latency"]
