"""The prober `websocket`: an upgrade, and maybe a dialogue of messages."""

import asyncio
from contextlib import suppress

import aiohttp
from aiohttp import WSMsgType, hdrs
from multidict import CIMultiDict

from evidenced import __version__
from evidenced.config.blackbox.probers import WebsocketModule
from evidenced.probes import client
from evidenced.probes.address import Address
from evidenced.probes.course import Course
from evidenced.probes.stream import STREAM_LIMIT
from evidenced.probes.trouble import failure_of
from evidenced.probes.trust import TrustError
from evidenced.publish.blackbox.dialogue import heard
from evidenced.publish.blackbox.http_client import Pinned, authorization_of
from evidenced.publish.blackbox.look import Look, why

_FLAG = "probe_websocket_failed_due_to_regex"
_CLOSING = 0.2
"""Seconds that the other end has to answer the end of a WebSocket."""

Socket = aiohttp.ClientWebSocketResponse


async def probe(look: Look) -> bool:
    """Look once; see `Prober`. The deadline holds for the messages as well."""
    keys, findings, log = look.module.websocket, look.findings, look.log
    for name in ("status_code", "connection_upgraded", "failed_due_to_regex"):
        findings.set(f"probe_websocket_{name}")
    try:
        address = _address(look.target)
    except ValueError as error:
        log.fail("Could not parse target URL", err=error)
        return False
    ip = await look.resolve(address.host, address.port, keys)
    if ip is None:
        return False
    pinned = Pinned()
    pinned.pin(address.host, ip)
    connector = client.connector(pinned, keep=None)
    try:
        async with client.session(connector, client.phases()) as session:
            return await _talk(look, keys, session, address)
    except aiohttp.WSServerHandshakeError as error:
        findings.set("probe_websocket_status_code", error.status)
        log.fail("Error upgrading to websocket", status_code=error.status)
    except (aiohttp.ClientError, OSError, TrustError) as error:
        failure = failure_of(error, Course.current(), address)
        log.fail("Error dialing websocket", err=failure.detail if failure else why(error))
    finally:
        await connector.close(abort_ssl=True)
        _tell_phases(look)
    return False


async def _talk(
    look: Look, keys: WebsocketModule, session: aiohttp.ClientSession, address: Address
) -> bool:
    tls = keys.http_config.tls_config
    socket = await session.ws_connect(
        address.url(),
        headers=_headers(keys, address),
        max_msg_size=STREAM_LIMIT,
        ssl=await look.trust(tls, ("http/1.1",)) if address.scheme == "https" else True,
        server_hostname=tls.server_name or None,
    )
    look.findings.set("probe_websocket_status_code", 101)
    look.findings.set("probe_websocket_connection_upgraded", 1)
    look.log.tell("Upgraded to websocket")
    try:
        return await _dialogue(look, keys, socket)
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                await socket.close()


async def _dialogue(look: Look, keys: WebsocketModule, socket: "Socket[bool]") -> bool:
    async def message() -> str | None:
        received = await socket.receive()
        if received.type is WSMsgType.TEXT:
            return str(received.data)
        if received.type is WSMsgType.BINARY:
            return bytes(received.data).decode("utf-8", "replace")
        return None

    for number, turn in enumerate(keys.query_response):
        look.log.tell("Processing query response entry", entry_number=number)
        send = turn.send
        if turn.expect is not None:
            found = await heard(look, turn, message, _FLAG)
            if found is None:
                return False
            send = found
        if send:
            look.log.tell("Sending message")
            await socket.send_str(send)
    return True


def _address(target: str) -> Address:
    scheme, colon, rest = target.partition("://")
    schemes = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
    if not colon:
        return Address.parse(f"http://{target}")
    if scheme.lower() not in schemes:
        raise ValueError(f"a {scheme} address")
    return Address.parse(f"{schemes[scheme.lower()]}://{rest}")


def _headers(keys: WebsocketModule, address: Address) -> CIMultiDict[str]:
    headers = CIMultiDict[str]()
    for name, values in keys.headers.items():
        for value in (values,) if isinstance(values, str) else values:
            headers.add(name, value)
    if (authorization := authorization_of(keys.http_config, address)) is not None:
        headers.setdefault(hdrs.AUTHORIZATION, authorization.reveal())
    headers.setdefault(hdrs.USER_AGENT, f"evidenced/{__version__}")
    return headers


def _tell_phases(look: Look) -> None:
    course = Course.current()
    course.end()
    for phase, seconds in course.phases.items():
        look.findings.set("probe_websocket_duration_seconds", seconds, phase=phase)
