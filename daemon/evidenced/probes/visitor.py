"""Who asks in one attempt: over a wire where that will do, else with all that a browser brings."""

import ssl
from dataclasses import replace
from io import BytesIO
from types import TracebackType
from typing import Any, Self, cast

import aiohttp
from aiohttp import hdrs

from evidenced.probes.address import Address
from evidenced.probes.client import WatchedResponse
from evidenced.probes.plain import Plain
from evidenced.probes.proxied import proxy_authorization
from evidenced.probes.request import Request
from evidenced.probes.resources import Resources
from evidenced.probes.wire import Heard

Response = Heard | WatchedResponse
"""The head of an answer, whatever way it came, and the body to be read."""


class Visitor:
    """Sends the requests of one attempt; what one answer sets as cookies goes along with the next.

    An async context manager, which closes what it opened.
    """

    def __init__(self, resources: Resources, *, keep: bool) -> None:
        """With `keep`, a connection of an earlier attempt may be used and is kept for a later."""
        self._resources = resources
        self._keep = keep
        self._session: aiohttp.ClientSession | None = None
        self._cookies: list[tuple[Address, list[str]]] = []

    async def plainly(
        self, plain: Plain, context: ssl.SSLContext | None, server_hostname: str | None
    ) -> Heard:
        """Send a first request over a wire; raises what `Wires.send` raises."""
        heard = await self._resources.wires.send(plain, context, server_hostname, keep=self._keep)
        if set_by_it := heard.headers.getall(hdrs.SET_COOKIE, ()):
            self._cookies.append((plain.request.address, list(set_by_it)))
        return heard

    async def send(
        self,
        request: Request,
        context: ssl.SSLContext | None,
        server_hostname: str | None,
        proxy: str | None = None,
    ) -> WatchedResponse:
        """Send a request with the cookies so far, through a proxy if there is one.

        Raises what aiohttp raises.
        """
        secure = request.address.scheme == "https"
        response = await self._client().request(
            request.method,
            request.address.url(),
            # A proxy itself reads the request, and so its credentials, unless TLS goes through it.
            headers=(request if secure else sent(request, proxy)).headers,
            data=None if request.body is None else BytesIO(request.body),
            # A body is of the type that the check says it is, or of none.
            skip_auto_headers=(hdrs.CONTENT_TYPE,),
            allow_redirects=False,
            ssl=True if context is None else context,
            server_hostname=server_hostname,
            **_through(proxy, secure=secure),
        )
        return cast("WatchedResponse", response)

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = self._resources.session(keep=self._keep)
            for address, cookies in self._cookies:
                self._session.cookie_jar.update_cookies_from_headers(cookies, address.url())
        return self._session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()


def sent(request: Request, proxy: str | None) -> Request:
    """The request with all that goes along with it, for a proxy too."""
    authorization = proxy_authorization(proxy)
    if authorization is None:
        return request
    headers = request.headers.copy()
    headers[hdrs.PROXY_AUTHORIZATION] = authorization
    return replace(request, headers=headers)


def _through(proxy: str | None, *, secure: bool) -> dict[str, Any]:
    """What aiohttp is told of a proxy, the credentials apart from its address."""
    if proxy is None:
        return {}
    authorization = proxy_authorization(proxy) if secure else None
    headers = {hdrs.PROXY_AUTHORIZATION: authorization} if authorization else None
    return {"proxy": Address.parse(proxy).url(), "proxy_headers": headers}
