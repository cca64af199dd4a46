"""One request and its answer, over redirects, with what is seen on the way."""

from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.address import Address, shown_from
from evidenced.probes.attempt import Fact
from evidenced.probes.certificate import Chain, certificate_facts
from evidenced.probes.client import WatchedResponse
from evidenced.probes.course import Course, Phase
from evidenced.probes.expectations.answer import Answer, Body, Redirected
from evidenced.probes.expectations.status import is_status
from evidenced.probes.proxied import proxy_authorization
from evidenced.probes.request import REDIRECTS, RedirectError, Request
from evidenced.probes.resources import Resources
from evidenced.probes.shown import answer_lines
from evidenced.probes.trace import Mark, listening, note

BODY_LIMIT = 1024 * 1024
"""Bytes of a body that are read where the settings name no limit."""

_MOST_REDIRECTS = 10
_AT_ONCE = 64 * 1024


class RouteError(Exception):
    """The host cannot be reached by the version of IP that is asked for; the text says why."""


class Exchange:
    """The exchange of one attempt, which says at any time how far it has come.

    Redirects are followed here and not by aiohttp: so each hop is timed and seen, addresses are
    sent as they were written, and nothing that might be a credential goes to another origin.
    """

    def __init__(
        self, settings: HttpSettings, course: Course, request: Request, begun: float = 0.0
    ) -> None:
        """Of the course, what came before `begun` seconds is no part of this exchange."""
        self._settings = settings
        self._course = course
        self._begun = begun
        self._request = request
        self._origin = self._request.address.origin
        self._asked: set[tuple[str, str]] = set()
        self._way: list[Redirected] = []
        self._facts: dict[str, Fact] = {}
        self._answered: dict[str, Fact] = {}

    @property
    def address(self) -> Address:
        """The address that is being asked."""
        return self._request.address

    @property
    def facts(self) -> dict[str, Fact]:
        """What was seen so far; of the answers only what the last one asked for has told."""
        return {**self._facts, **self._answered}

    async def run(self, session: aiohttp.ClientSession, resources: Resources) -> Answer:
        """Send the request, follow redirects, read the answer; the clock stops at its last byte.

        Raises RedirectError, and what aiohttp raises where there is no answer.
        """
        while True:
            response = await self._send(session, resources)
            try:
                if not self._redirect(response):
                    return await self._receive(response)
            finally:
                response.close()

    async def _send(
        self, session: aiohttp.ClientSession, resources: Resources
    ) -> aiohttp.ClientResponse:
        request, settings = self._request, self._settings
        self._asked.add((request.method, str(request.address)))
        self._answered = {}
        secure = request.address.scheme == "https"
        context = await resources.trust(settings.tls) if secure else True
        at_home = request.address.origin == self._origin
        if settings.proxy is None and not self._course.route.fits(request.address.host):
            raise RouteError(f"{request.address.host} is no IPv{settings.ip} address")
        try:
            response = await session.request(
                request.method,
                request.address.url(),
                headers=self._headers(secure=secure),
                data=None if request.body is None else BytesIO(request.body),
                # A body is of the type that the check says it is, or of none.
                skip_auto_headers=(hdrs.CONTENT_TYPE,),
                allow_redirects=False,
                ssl=context,
                server_hostname=settings.tls.server_name if at_home else None,
                **_through(settings.proxy, secure=secure),
            )
        except aiohttp.InvalidURL:
            if not self._way:
                raise
            raise RedirectError("is where a redirect leads, and cannot be asked") from None
        self._see(response)
        return response

    def _headers(self, *, secure: bool) -> CIMultiDict[str]:
        """The headers, with the credentials for a proxy that itself reads the request."""
        authorization = proxy_authorization(self._settings.proxy)
        if authorization is None or secure:
            return self._request.headers
        headers = self._request.headers.copy()
        headers[hdrs.PROXY_AUTHORIZATION] = authorization
        return headers

    def _redirect(self, response: aiohttp.ClientResponse) -> bool:
        """Whether the answer is a redirect to follow; the next request is then the one it asks for.

        Raises RedirectError where it would be followed but for what is wrong with it.
        """
        location = response.headers.get(hdrs.LOCATION)
        if location:
            self._facts["location"] = shown_from(location, self.address)
        if response.status not in REDIRECTS or not location or not self._follows(response.status):
            return False
        request = self._request.redirected(response.status, location)
        if len(self._way) >= self._limit:
            asked_before = (request.method, str(request.address)) in self._asked
            raise RedirectError(
                f"redirects in a loop, back to {request.address.shown}"
                if asked_before
                else f"redirects more than {self._limit} times, on to {request.address.shown}"
            )
        self._way.append(Redirected(str(self.address), response.status, location))
        self._facts["redirects"] = len(self._way)
        self._request = request
        return True

    def _follows(self, status: int) -> bool:
        # A redirect that is itself what is expected is the end of the way.
        expect = self._settings.expect
        return self._limit > 0 and expect.location is None and not is_status(status, expect.status)

    @property
    def _limit(self) -> int:
        follow = self._settings.follow_redirects
        return _MOST_REDIRECTS if follow is True else int(follow)

    async def _receive(self, response: aiohttp.ClientResponse) -> Answer:
        self._course.enter(Phase.TRANSFER)
        limit = self._settings.body_limit
        body = await self._read(response, BODY_LIMIT if limit is None else limit)
        self._course.end()
        return Answer(
            url=str(self.address),
            status=response.status,
            headers=tuple(response.headers.items()),
            body=body,
            duration=self._course.duration - self._begun,
            version=_version(response),
            way=tuple(self._way),
            chain=response.chain if isinstance(response, WatchedResponse) else Chain(),
        )

    async def _read(self, response: aiohttp.ClientResponse, limit: int) -> Body:
        """Read up to so many bytes, and one more to know whether there are more."""
        data = bytearray()
        self._answered["body_bytes"] = 0
        while len(data) <= limit:
            chunk = await response.content.read(min(_AT_ONCE, limit + 1 - len(data)))
            if not chunk:
                break
            data += chunk
            self._answered["body_bytes"] = min(len(data), limit)
        complete = len(data) <= limit
        return Body(bytes(data[:limit]), complete, response.charset)

    def _see(self, response: aiohttp.ClientResponse) -> None:
        self._facts.setdefault("redirects", 0)
        length = response.content_length
        self._answered |= {
            "status_code": response.status,
            "content_length": -1 if length is None else length,
            "ssl": self.address.scheme == "https",
            "final_url": self.address.shown,
        }
        if response.version is not None:
            self._answered["version"] = float(f"{response.version.major}.{response.version.minor}")
        if (modified := _time(response.headers.get(hdrs.LAST_MODIFIED))) is not None:
            self._answered["last_modified"] = modified
        if isinstance(response, WatchedResponse):
            # Of a proxy it would be its own address.
            if response.peer and self._settings.proxy is None:
                self._answered["address"] = response.peer[0]
                self._answered["ip_protocol"] = 6 if ":" in response.peer[0] else 4
            self._answered |= certificate_facts(response.chain)
        if listening():
            said = f"HTTP/{_version(response)} {response.status} {response.reason or ''}"
            for line in answer_lines(said, response.headers.items(), self.address):
                note(Mark.HEARD, line)


def _version(response: aiohttp.ClientResponse) -> str:
    version = response.version
    return f"{version.major}.{version.minor}" if version else ""


def _through(proxy: str | None, *, secure: bool) -> dict[str, Any]:
    """What aiohttp is told of a proxy, the credentials apart from its address."""
    if proxy is None:
        return {}
    authorization = proxy_authorization(proxy) if secure else None
    headers = {hdrs.PROXY_AUTHORIZATION: authorization} if authorization else None
    return {"proxy": Address.parse(proxy).url(), "proxy_headers": headers}


def _time(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
