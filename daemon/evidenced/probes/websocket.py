"""The look at one WebSocket: the handshake, and a dialogue of messages where it is asked for."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import WSMsgType, hdrs

from evidenced import __version__
from evidenced.config.dialogue import Message
from evidenced.config.kinds.websocket import WebSocketSettings
from evidenced.config.types import Pattern
from evidenced.probes.address import Address
from evidenced.probes.attempt import Attempt, Failure, Judgement, Reason
from evidenced.probes.client import WatchedResponse
from evidenced.probes.expectations.compare import literal
from evidenced.probes.hearing import Hearing, filled
from evidenced.probes.look import Look, LookError
from evidenced.probes.resources import Resources
from evidenced.probes.stream import STREAM_LIMIT, FloodError
from evidenced.probes.trouble import failure_of

if TYPE_CHECKING:
    import ssl

_SWITCHING = 101

_CLOSING = 0.2
"""Seconds that the other end has to answer the end of a WebSocket, after the look is over."""

_ENDED = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED})


class _WebSocket(Look):
    def __init__(self, settings: WebSocketSettings, resources: Resources) -> None:
        self._address = Address.parse(settings.http_url)
        super().__init__(self._address, settings.expect)
        self._settings = settings
        self._resources = resources
        self._context: ssl.SSLContext | bool = True
        self._captures: tuple[str, ...] = ()
        self._received = 0
        self._hearing: Hearing | None = None

    async def prepare(self) -> None:
        """Read the authorities to trust."""
        if self._address.scheme == "https":
            self._context = await self._resources.trust(self._settings.tls)

    async def run(self) -> None:
        """Do the handshake, go through the dialogue, and end it."""
        async with self._resources.session(keep=False) as session:
            session.trace_configs.append(self._watch())
            socket = await session.ws_connect(
                replace(self._address, user="").url(),
                headers=self._headers(),
                max_msg_size=STREAM_LIMIT,
                ssl=self._context,
                server_hostname=self._settings.tls.server_name,
            )
            self.facts["upgraded"] = True
            self.judgements.append(_status(_SWITCHING))
            for index, turn in enumerate(self._settings.dialogue):
                await self._turn(socket, index, turn)
            self.finish()
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING):
                    await socket.close()

    def failure_of(self, error: Exception) -> Failure | None:
        """What aiohttp raises means a failure too."""
        if isinstance(error, aiohttp.WSServerHandshakeError):
            if error.status != _SWITCHING:
                judgement = _status(error.status)
                self.judgements.append(judgement)
                return Failure.of(judgement)
            detail = f"{self.peer.peer} answers 101 without a sound WebSocket handshake"
            return LookError(Reason.PROTOCOL, detail).failure
        return failure_of(error, self.course, self._address) or super().failure_of(error)

    def late(self, timeout: float) -> Failure:
        """A deadline that passes in the dialogue says what was waited for."""
        if self._hearing is None:
            return super().late(timeout)
        self.judgements.append(self._hearing.judged(met=False))
        return self._hearing.late(timeout)

    def _headers(self) -> dict[str, str]:
        headers = {"User-Agent": f"evidenced/{__version__}"}
        if self._address.credentials is not None:
            headers[hdrs.AUTHORIZATION] = aiohttp.encode_basic_auth(*self._address.credentials)
        written = {name: value.reveal() for name, value in self._settings.headers.items()}
        replaced = {name.lower() for name in written}
        return {n: v for n, v in headers.items() if n.lower() not in replaced} | written

    def _watch(self) -> aiohttp.TraceConfig:
        """Hooks that see the answer, also one that is no handshake, and follow no redirect.

        As browsers do: what a redirect leads to is another site, which gets no credentials.
        """

        async def answered(
            session: aiohttp.ClientSession,
            context: SimpleNamespace,
            params: aiohttp.TraceRequestEndParams | aiohttp.TraceRequestRedirectParams,
        ) -> None:
            self._see(params.response)

        async def redirected(
            session: aiohttp.ClientSession,
            context: SimpleNamespace,
            params: aiohttp.TraceRequestRedirectParams,
        ) -> None:
            self._see(params.response)
            params.response.close()
            self.judgements.append(_status(params.response.status))
            failure = Failure.of(self.judgements[-1])
            raise LookError(failure.reason, failure.detail, failure.expectation)

        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(answered)
        trace.on_request_redirect.append(redirected)
        trace.freeze()
        return trace

    def _see(self, response: aiohttp.ClientResponse) -> None:
        self.facts |= {
            "status_code": response.status,
            "upgraded": False,
            "ssl": self._address.scheme == "https",
        }
        if isinstance(response, WatchedResponse):
            self.chain = response.chain
            if response.peer:
                self.facts["address"] = response.peer[0]
                self.facts["ip_protocol"] = 6 if ":" in response.peer[0] else 4

    async def _turn(
        self, socket: "aiohttp.ClientWebSocketResponse[bool]", index: int, turn: Message
    ) -> None:
        if turn.expect is not None:
            await self._hear(socket, index, turn.expect)
        if turn.send is not None:
            try:
                await socket.send_str(filled(turn.send, self._captures))
            except (ConnectionError, aiohttp.ClientError):
                raise self._dropped() from None

    async def _hear(
        self, socket: "aiohttp.ClientWebSocketResponse[bool]", index: int, pattern: Pattern
    ) -> None:
        """Read on to the first message that matches."""
        self._hearing = hearing = Hearing(index, f"a message to match {literal(str(pattern))}")
        while (text := await self._message(socket)) is not None:
            captures = pattern.captures(text)
            if captures is not None:
                self._captures = captures
                self.judgements.append(hearing.judged(met=True, found="one that does"))
                self._hearing = None
                return
            hearing.heard += 1
        judgement = hearing.judged(met=False, found=f"the end, after {hearing.heard} others")
        self.judgements.append(judgement)
        failure = Failure.of(judgement)
        raise LookError(failure.reason, failure.detail, failure.expectation)

    async def _message(self, socket: "aiohttp.ClientWebSocketResponse[bool]") -> str | None:
        """The next message, None where the other end has ended the dialogue."""
        message = await socket.receive()
        if message.type in _ENDED:
            if socket.close_code in (None, aiohttp.WSCloseCode.ABNORMAL_CLOSURE):
                raise self._dropped()
            return None
        if message.type is WSMsgType.ERROR:
            self._broken(message.data)
        data = message.data if isinstance(message.data, bytes) else str(message.data).encode()
        self._received += len(data)
        if self._received > STREAM_LIMIT:
            raise FloodError(f"sends more than {STREAM_LIMIT // 1024} KiB")
        return data.decode("utf-8", "replace")

    def _broken(self, error: object) -> None:
        too_big = aiohttp.WSCloseCode.MESSAGE_TOO_BIG
        if isinstance(error, aiohttp.WebSocketError):
            if error.code == too_big:
                raise FloodError(f"sends a message of more than {STREAM_LIMIT // 1024} KiB")
            detail = f"{self.peer.peer} sends what is no WebSocket message"
            raise LookError(Reason.PROTOCOL, detail)
        raise self._dropped()

    def _dropped(self) -> LookError:
        detail = f"connection to {self.peer.peer} closed in the middle of the dialogue"
        return LookError(Reason.CONNECT, detail)


def _status(found: int) -> Judgement:
    met = found == _SWITCHING
    return Judgement("status", met, f"status {_SWITCHING}", str(found), Reason.STATUS)


async def probe(settings: WebSocketSettings, timeout: float, resources: Resources) -> Attempt:
    """Do a WebSocket handshake, with a dialogue where it is asked for; see `Probe`.

    Facts: `status_code`, `upgraded`, `ssl`, `address` (the one connected to), `ip_protocol`, and
    what `certificate_facts` tells. Judgements: `status` where there was an answer, `dialogue[N]`
    for each turn that expects something and was come to, `certificate:…`, `latency`.
    """
    return await _WebSocket(settings, resources).take(timeout)
