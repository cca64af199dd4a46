"""The requests of one look by HTTP: to checked addresses only, over redirects."""

import socket
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined]
    getproxies_environment,
    proxy_bypass_environment,
)

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from yarl import URL

from evidenced import __version__
from evidenced.config.blackbox.http import HttpClient, HttpModule
from evidenced.config.types import Secret
from evidenced.probes import client
from evidenced.probes.address import Address, shown_from
from evidenced.probes.request import REDIRECTS, Request
from evidenced.publish.blackbox.look import Look

MOST_REDIRECTS = 10
"""Redirects that are followed."""


_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


PHASES = ("connect", "processing", "resolve", "tls", "transfer")


class UnresolvedError(Exception):
    """A host has no address; the log says why."""


class Pinned(AbstractResolver):
    """Gives aiohttp the addresses that were checked, and no others.

    So what a name resolves to can not be another address when it is connected to.
    """

    def __init__(self) -> None:
        self._addresses: dict[str, tuple[str, ...]] = {}

    def pin(self, host: str, *addresses: str) -> None:
        """Connect to these when this host is asked for."""
        self._addresses[host] = addresses

    def address(self, host: str) -> str | None:
        """The address of a host that was pinned."""
        return next(iter(self._addresses.get(host, ())), None)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        """The pinned addresses; OSError where there is none."""
        found = self._addresses.get(host)
        if not found:
            raise OSError(None, f"{host} was not checked")
        return [
            ResolveResult(
                hostname=host, host=each, port=port, family=_family(each), proto=0, flags=_NUMERIC
            )
            for each in found
        ]

    async def close(self) -> None:
        """Nothing to do."""


@dataclass(slots=True)
class Hops:
    """How far a look has come."""

    redirects: int = 0
    followed: bool = True
    """Whether the last answer is where the redirects lead, and not one more of them."""
    resolved: set[str] = field(default_factory=set)


class Requester:
    """Sends the requests of one look. An async context manager: closes what it has opened."""

    def __init__(self, look: Look, keys: HttpModule) -> None:
        self._look = look
        self._keys = keys
        self._pinned = Pinned()
        self._connector = client.connector(self._pinned, keep=None)
        self._session = client.session(self._connector, client.phases())
        self.hops = Hops()

    async def __aenter__(self) -> "Requester":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._connector.close(abort_ssl=True)

    async def send(self, request: Request) -> aiohttp.ClientResponse:
        """The last answer on the way; its body is still to be read.

        Raises UnresolvedError, RefusedError, RedirectError (of a redirect that leads nowhere),
        TrustError, and what aiohttp raises.
        """
        log = self._look.log
        origin = request.address.origin
        while True:
            response = await self._once(request, at_home=request.address.origin == origin)
            location = response.headers.get(hdrs.LOCATION)
            if response.status not in REDIRECTS or not location:
                return response
            self.hops.redirects += 1
            log.tell("Received redirect", location=shown_from(location, request.address))
            if self.hops.redirects > MOST_REDIRECTS or not self._keys.follows:
                log.tell("Not following redirect")
                self.hops.followed = False
                return response
            request = _redirected(request, response.status, location)
            response.close()

    async def _once(self, request: Request, *, at_home: bool) -> aiohttp.ClientResponse:
        look, keys, address = self._look, self._keys, request.address
        proxy = proxy_for(keys, address)
        ip = await self._resolve(address, proxy)
        tls = keys.tls_config
        secure = address.scheme == "https"
        host = request.headers.get(hdrs.HOST)
        name = None
        if secure:
            name = tls.server_name or (_hostname(host) if host else None) if at_home else None
        url = address.url()
        headers = request.headers
        if proxy is not None and ip is not None:
            # The proxy is given the address that was checked, so that it looks up no other.
            url = url.with_host(ip)
            headers = headers.copy()
            headers.setdefault(hdrs.HOST, _authority(address))
            name = name or (address.host if secure else None)
        look.log.tell("Making HTTP request", url=address.shown, host=host or _authority(address))
        return await self._session.request(
            request.method,
            url,
            headers=headers,
            data=None if request.body is None else BytesIO(request.body),
            skip_auto_headers=(hdrs.CONTENT_TYPE, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING),
            allow_redirects=False,
            auto_decompress=False,
            ssl=await look.trust(tls, ("http/1.1",)) if secure else True,
            server_hostname=name,
            proxy=None if proxy is None else await self._proxy(proxy),
            proxy_headers=_proxy_headers(keys, proxy),
        )

    async def _resolve(self, address: Address, proxy: URL | None) -> str | None:
        """The checked address of a host, pinned; None where only the proxy resolves it."""
        keys, look = self._keys, self._look
        if proxy is not None and keys.skip_resolve_phase_with_proxy:
            look.guard.check_by_name(address.host, address.port)
            return None
        first = not self.hops.resolved
        if not first and (known := self._pinned.address(address.host)) is not None:
            look.guard.check_address(address.host, address.port, known)
            return known
        ip = await look.resolve(address.host, address.port, keys, first=first)
        if ip is not None and first:
            look.findings.zero("probe_http_duration_seconds", "phase", PHASES)
        self.hops.resolved.add(address.host)
        if ip is None:
            raise UnresolvedError
        self._pinned.pin(address.host, ip)
        return ip

    async def _proxy(self, proxy: URL) -> URL:
        """The proxy, which is the operator's own choice, with its addresses looked up."""
        found = await self._look.resolver.resolve(proxy.host or "", proxy.port or 0)
        self._pinned.pin(proxy.host or "", *(each["host"] for each in found))
        return proxy


def _redirected(request: Request, status: int, location: str) -> Request:
    following = request.redirected(status, location)
    if urlsplit(location.strip()).netloc:
        # A Host of the module's own is for its target, and for paths on it.
        following.headers.pop(hdrs.HOST, None)
    return following


def first_request(address: Address, look: Look, keys: HttpModule) -> Request:
    """The request that a module asks a target with; blocks where its body is in a file."""
    headers = CIMultiDict(keys.headers)
    if look.hostname:
        headers[hdrs.HOST] = look.hostname
    for name, sources in keys.http_headers.items():
        for value in sources.values:
            headers.add(name, value)
        for secret in sources.secrets:
            headers.add(name, secret.reveal())
        for file in sources.files:
            headers.add(name, file.read_text("utf-8").strip())
    if (authorization := authorization_of(keys, address)) is not None:
        headers.setdefault(hdrs.AUTHORIZATION, authorization.reveal())
    headers.setdefault(hdrs.USER_AGENT, f"evidenced/{__version__}")
    body = keys.body_file.read_bytes() if keys.body_file else keys.body.encode() or None
    return Request(replace(address, user=""), keys.method, headers, body)


def authorization_of(keys: HttpClient, address: Address) -> Secret | None:
    """The value of the header Authorization, by the module or the address itself."""
    if keys.basic_auth is not None:
        name, password = keys.basic_auth.username, keys.basic_auth.password
        return Secret(
            aiohttp.encode_basic_auth(
                name.reveal() if name else "", password.reveal() if password else ""
            )
        )
    if keys.authorization is not None and keys.authorization.credentials is not None:
        return Secret(f"{keys.authorization.type} {keys.authorization.credentials.reveal()}")
    if keys.bearer_token is not None:
        return Secret(f"Bearer {keys.bearer_token.reveal()}")
    return Secret(aiohttp.encode_basic_auth(*address.credentials)) if address.credentials else None


def proxy_for(keys: HttpClient, address: Address) -> URL | None:
    """The proxy to ask for an address, or None."""
    if keys.proxy_url:
        bypass = proxy_bypass_environment(address.host, {"no": keys.no_proxy})
        return None if keys.no_proxy and bypass else URL(keys.proxy_url)
    if keys.proxy_from_environment:
        proxies = getproxies_environment()
        found = proxies.get(address.scheme)
        if found and not proxy_bypass_environment(address.host, proxies):
            return URL(found)
    return None


def _proxy_headers(keys: HttpClient, proxy: URL | None) -> CIMultiDict[str] | None:
    if proxy is None:
        return None
    headers = CIMultiDict[str]()
    for name, values in keys.proxy_connect_header.items():
        for value in values:
            headers.add(name, value.reveal())
    return headers


def _authority(address: Address) -> str:
    return urlsplit(str(address)).netloc


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _hostname(host: str) -> str | None:
    with suppress(ValueError):
        return urlsplit(f"//{host}").hostname
    return None
