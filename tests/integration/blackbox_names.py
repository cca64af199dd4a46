"""A name server on loopback, honest about one zone and hostile about other names."""

import asyncio
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

ZONE = {
    ("www.bakery.test.", "A"): ["www.bakery.test. 60 IN A 192.0.2.1"],
    ("many.bakery.test.", "A"): [f"many.bakery.test. 60 IN A 192.0.2.{i}" for i in (1, 2, 3)],
    ("www.bakery.test.", "AAAA"): ["www.bakery.test. 60 IN AAAA 2001:db8::1"],
    ("bakery.test.", "SOA"): [
        "bakery.test. 300 IN SOA ns.bakery.test. admin.bakery.test. 1000 7200 3600 1209600 300"
    ],
    ("bakery.test.", "MX"): [
        "bakery.test. 60 IN MX 10 mx1.bakery.test.",
        "bakery.test. 60 IN MX 20 mx2.bakery.test.",
    ],
    ("bakery.test.", "TXT"): ['bakery.test. 60 IN TXT "v=spf1 -all" "second; part"'],
    ("version.bind.", "TXT"): ['version.bind. 0 CH TXT "oven 1"'],
}
NS = dns.rrset.from_text("bakery.test.", 60, "IN", "NS", "ns.bakery.test.")
GLUE = dns.rrset.from_text("ns.bakery.test.", 60, "IN", "A", "192.0.2.53")


def name_answer(wire: bytes) -> bytes | None:
    question = dns.message.from_wire(wire)
    reply = dns.message.make_response(question)
    asked = question.question[0]
    name = asked.name.to_text()
    if name == "silent.test.":
        return None
    if name == "garbage.test.":
        return b"\x01\x02not dns at all"
    if name == "other.test.":
        reply.id ^= 1
    codes = {"refused.test.": dns.rcode.REFUSED, "fail.test.": dns.rcode.SERVFAIL}
    if name in codes:
        reply.set_rcode(codes[name])
        return reply.to_wire()
    if name == "recursive.test." and not question.flags & dns.flags.RD:
        reply.set_rcode(dns.rcode.REFUSED)
        return reply.to_wire()
    kind = dns.rdatatype.to_text(asked.rdtype)
    found = ZONE.get((name, kind))
    if found is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()
    for line in found:
        owner, ttl, klass, rrtype, data = line.split(" ", 4)
        reply.answer.append(dns.rrset.from_text(owner, int(ttl), klass, rrtype, data))
    if name.endswith("bakery.test."):
        reply.authority.append(NS)
        reply.additional.append(GLUE)
    return reply.to_wire()


class Names(asyncio.DatagramProtocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if (reply := name_answer(data)) is not None:
            self.transport.sendto(reply, addr)


async def names(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    length = int.from_bytes(await reader.readexactly(2), "big")
    if (reply := name_answer(await reader.readexactly(length))) is not None:
        writer.write(len(reply).to_bytes(2, "big") + reply)
    await reader.read()
