"""The probers `tcp` and `unix`: a connection, TLS where asked for, and a dialogue on it."""

import asyncio

from evidenced.config.blackbox.probers import QueryResponse, TcpModule, UnixModule
from evidenced.probes.course import Course, Phase
from evidenced.probes.stream import FloodError, LeftoverError, Stream, connect_local
from evidenced.probes.trust import TrustError
from evidenced.publish.blackbox.dialogue import heard
from evidenced.publish.blackbox.guard import split_host
from evidenced.publish.blackbox.look import Look, why

_FLAG = "probe_failed_due_to_regex"


async def probe_tcp(look: Look) -> bool:
    """Look once at a port; see `Prober`."""
    keys = look.module.tcp
    _begin(look, keys.query_response)
    try:
        host, port = split_host(look.target)
    except ValueError as error:
        look.log.fail("Error splitting target address and port", err=error)
        return False
    address = await look.resolve(host, port, keys)
    if address is None:
        look.log.fail("Error dialing TCP", err="no address")
        return False
    try:
        stream = await dial(address, port, keys.source_ip_address)
    except OSError as error:
        look.log.fail("Error dialing TCP", err=why(error))
        return False
    return await _Talk(look, keys, host).take(stream)


async def probe_unix(look: Look) -> bool:
    """Look once at a Unix socket; see `Prober`."""
    keys = look.module.unix
    _begin(look, keys.query_response)
    look.guard.check_path(look.target)
    try:
        stream = await connect_local(look.target)
    except (OSError, ValueError) as error:
        look.log.fail("Error dialing Unix socket", err=why(error))
        return False
    return await _Talk(look, keys, keys.tls_config.server_name).take(stream)


async def dial(address: str, port: int, source: str = "") -> Stream:
    """Connect to an address that was checked; raises OSError."""
    Course.current().enter(Phase.CONNECT)
    _, stream = await asyncio.get_running_loop().create_connection(
        Stream, address, port, local_addr=(source, 0) if source else None
    )
    Course.current().enter(Phase.PROCESSING)
    return stream


def _begin(look: Look, turns: tuple[QueryResponse, ...]) -> None:
    look.findings.set(_FLAG)
    if any(turn.expect_bytes for turn in turns):
        look.findings.set("probe_failed_due_to_bytes")


class _Talk:
    """What is said on one connection."""

    def __init__(self, look: Look, keys: TcpModule | UnixModule, name: str) -> None:
        self._look = look
        self._keys = keys
        self._name = keys.tls_config.server_name or name

    async def take(self, stream: Stream) -> bool:
        """Go through the dialogue; whether it went as the module says."""
        log = self._look.log
        try:
            if self._keys.tls:
                await self._secure(stream)
            for number, turn in enumerate(self._keys.query_response):
                log.tell("Processing query response entry", entry_number=number)
                if not await self._turn(stream, turn):
                    return False
        except (OSError, FloodError, LeftoverError, TrustError) as error:
            # Errors of TLS are errors of the system too.
            log.fail("Error on connection", err=why(error))
            return False
        return True

    async def _turn(self, stream: Stream, turn: QueryResponse) -> bool:
        look, send = self._look, turn.send
        if turn.expect is not None:
            found = await heard(look, turn, stream.line, _FLAG)
            if found is None:
                return False
            send = found
        if turn.expect_bytes and not await self._same_bytes(stream, turn.expect_bytes.encode()):
            return False
        if send:
            # What is sent may be a password, so it is not told.
            look.log.tell("Sending line")
            stream.send(f"{send}\n".encode())
        if turn.starttls:
            await self._secure(stream)
        return True

    async def _same_bytes(self, stream: Stream, wanted: bytes) -> bool:
        found = await stream.exactly(len(wanted))
        same = found == wanted
        self._look.findings.set("probe_failed_due_to_bytes", not same)
        if not same:
            self._look.log.fail("Bytes did not match", read=len(found))
        return same

    async def _secure(self, stream: Stream) -> None:
        context = await self._look.trust(self._keys.tls_config)
        chain = await stream.start_tls(context, self._name or "")
        Course.current().enter(Phase.PROCESSING)
        self._look.tell_tls(chain)
