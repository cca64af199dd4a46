"""ICMP echo: sockets with and without privileges, and a round of requests and their replies.

icmplib makes the packets and the sockets. Replies are received here, because its own receiving
gives no hop limit and takes its times from the clock on the wall.
"""

import asyncio
import ctypes
import errno
import socket
import struct
import time
from collections.abc import Iterable

import icmplib
from icmplib.utils import unique_identifier

_ECHO_REPLIES = frozenset({0, 129})
_ERRORS = frozenset({1, 3, 11})
"""Types of "destination unreachable" and "time exceeded" (RFC 792; RFC 4443, 3.1 and 3.3)."""

_IPV6_RECVHOPLIMIT, _IP_RECVTTL = 51, 12
"""Options of Linux (linux/in6.h, linux/in.h) that the socket module does not always name."""

_SO_ATTACH_FILTER = 26

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED})
"""Errors that say that the host cannot be reached."""

_RECEIVED_AT_ONCE = 64
"""Packets taken before the event loop gets its turn."""

Ancillary = Iterable[tuple[int, int, bytes]]


class EchoV4(icmplib.ICMPv4Socket):  # type: ignore[misc]  # icmplib has no types
    """A socket for ICMP that also tells the hop limit of what it receives."""

    def __init__(self, *, privileged: bool) -> None:
        super().__init__(privileged=privileged)
        self.identifier: int = unique_identifier()
        self.blocking = False
        self.sock.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
        if privileged:
            _attach(self.sock, _filter(self.identifier, reply=0, errors=(3, 11), ip_header=True))

    def parsed(self, packet: bytes) -> icmplib.ICMPReply | None:
        """The reply in a packet, or None where it is none."""
        return self._parse_reply(packet, None, 0.0)


class EchoV6(icmplib.ICMPv6Socket):  # type: ignore[misc]
    """The same for IPv6."""

    def __init__(self, *, privileged: bool) -> None:
        super().__init__(privileged=privileged)
        self.identifier: int = unique_identifier()
        self.blocking = False
        self.sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVHOPLIMIT, 1)
        if privileged:
            _attach(self.sock, _filter(self.identifier, reply=129, errors=(1, 3), ip_header=False))

    def parsed(self, packet: bytes) -> icmplib.ICMPReply | None:
        """The reply in a packet, or None where it is none."""
        return self._parse_reply(packet, None, 0.0)


def open_socket(address: str) -> EchoV4 | EchoV6:
    """A socket for echoes to this address: one without privileges where the system allows it.

    Its `identifier` is one that no other socket of this process has; without privileges the kernel
    puts one of its own instead.

    Raises icmplib.SocketPermissionError where it allows neither, and icmplib.ICMPSocketError.
    """
    kind = EchoV6 if ":" in address else EchoV4
    try:
        return kind(privileged=False)
    except icmplib.ICMPSocketError:
        return kind(privileged=True)


def _filter(
    identifier: int, *, reply: int, errors: tuple[int, int], ip_header: bool
) -> tuple[tuple[int, int, int, int], ...]:
    """A classic BPF program that lets pass only our replies, and errors.

    Without it a raw socket is given everybody's, and with hundreds of them at once each would
    overflow with the replies to the others. Opcodes: linux/bpf_common.h.
    """
    return (
        (0xB1 if ip_header else 0x01, 0, 0, 0),  # x = length of the IP header, or 0
        (0x50, 0, 0, 0),  # a = type
        (0x15, 4, 0, errors[0]),
        (0x15, 3, 0, errors[1]),
        (0x15, 0, 3, reply),
        (0x48, 0, 0, 4),  # a = identifier
        (0x15, 0, 1, identifier),
        (0x06, 0, 0, 0xFFFFFFFF),  # all of it
        (0x06, 0, 0, 0),  # nothing of it
    )


def _attach(raw: socket.socket, program: tuple[tuple[int, int, int, int], ...]) -> None:
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in program))
    fprog = struct.pack("HL", len(program), ctypes.addressof(code))
    raw.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)


class Echoes:
    """One round of echo requests, and the round-trip times of those that came back.

    `times` are in seconds by sequence number, `refused` says that somebody on the way said that the
    host cannot be reached, `hop_limit` is that of the last reply.
    """

    def __init__(
        self, pinging: EchoV4 | EchoV6, address: str, count: int, size: int, hops: int = 64
    ) -> None:
        self.times: dict[int, float] = {}
        self.refused = False
        self.hop_limit: int | None = None
        self._sent: dict[int, float] = {}
        self._pinging = pinging
        self._address = address
        self._count = count
        self._size = size
        self._hops = hops
        self._id = pinging.identifier
        self._all_back = asyncio.Event()

    async def run(self, pace: float, seconds: float) -> None:
        """Send all, one after `pace`, and return when all are back or the seconds are over.

        Raises OSError where nothing can be sent here.
        """
        loop = asyncio.get_running_loop()
        loop.add_reader(self._pinging.sock, self._receive)
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                for sequence in range(self._count):
                    if sequence:
                        await asyncio.sleep(pace)
                    self._send(sequence)
                await self._all_back.wait()
        except TimeoutError:
            return
        finally:
            loop.remove_reader(self._pinging.sock)

    @property
    def sent(self) -> int:
        """How many were sent."""
        return len(self._sent)

    @property
    def loss(self) -> float:
        """The percentage of those sent that did not come back."""
        return 100.0 * (self.sent - len(self.times)) / self.sent if self._sent else 100.0

    @property
    def average(self) -> float:
        """The average round trip in seconds; there must be one."""
        return sum(self.times.values()) / len(self.times)

    def _send(self, sequence: int) -> None:
        request = icmplib.ICMPRequest(
            self._address, self._id, sequence, payload_size=self._size, ttl=self._hops
        )
        self._sent[sequence] = time.monotonic()
        try:
            self._pinging.send(request)
        except icmplib.ICMPLibError as error:
            # icmplib keeps the error's number only in what it was raised from.
            cause = error.__context__
            if not isinstance(cause, OSError) or cause.errno not in _NO_WAY:
                raise cause or error from None
            self.refused = True
        # Without privileges the kernel puts an identifier of its own.
        self._id = request.id

    def _receive(self) -> None:
        for _ in range(_RECEIVED_AT_ONCE):
            try:
                packet, ancillary, _, source = self._pinging.sock.recvmsg(65_535, 256)
            except BlockingIOError:
                return
            except OSError:
                self.refused = True
                return
            self._take(packet, ancillary, source[0], time.monotonic())

    def _take(self, packet: bytes, ancillary: Ancillary, source: str, now: float) -> None:
        reply = self._pinging.parsed(packet)
        if reply is None or reply.id != self._id or reply.sequence not in self._sent:
            return
        if reply.type in _ERRORS:
            self.refused = True
        if reply.type not in _ECHO_REPLIES or reply.sequence in self.times:
            return
        if source.partition("%")[0] != self._address.partition("%")[0]:
            return
        self.times[reply.sequence] = now - self._sent[reply.sequence]
        self.hop_limit = _hop_limit(ancillary) or self.hop_limit
        if len(self.times) == self._count:
            self._all_back.set()


def _hop_limit(ancillary: Ancillary) -> int | None:
    kinds = {(socket.IPPROTO_IP, socket.IP_TTL), (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT)}
    for level, kind, data in ancillary:
        if (level, kind) in kinds and len(data) >= 4:
            limit: int = struct.unpack("i", data[:4])[0]
            return limit
    return None
