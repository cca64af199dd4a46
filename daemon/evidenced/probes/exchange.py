"""One request and its answer, over redirects, with what is seen on the way."""

from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.client import responses

import aiohttp
from aiohttp import hdrs

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.address import Address, shown_from
from evidenced.probes.attempt import Fact
from evidenced.probes.certificate import certificate_facts
from evidenced.probes.course import Course, Phase
from evidenced.probes.excerpt import excerpt, unrepeated
from evidenced.probes.expectations.answer import Answer, Body, Redirected
from evidenced.probes.expectations.status import is_status
from evidenced.probes.plain import First
from evidenced.probes.request import REDIRECTS, RedirectError, Request
from evidenced.probes.resources import Resources
from evidenced.probes.shown import answer_lines
from evidenced.probes.trace import Mark, listening, note
from evidenced.probes.visitor import Response, Visitor, sent

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
        self, settings: HttpSettings, course: Course, first: First, begun: float = 0.0
    ) -> None:
        """Of the course, what came before `begun` seconds is no part of this exchange."""
        self._settings = settings
        self._course = course
        self._begun = begun
        self._request = first.request
        self._plain = first.plain
        self._origin = self._request.address.origin
        self._asked: list[tuple[str, Address]] = []
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

    async def run(self, visitor: Visitor, resources: Resources) -> Answer:
        """Send the request, follow redirects, read the answer; the clock stops at its last byte.

        Raises RedirectError, what aiohttp raises where there is no answer, and what `Wires.send`
        raises where there is no connection.
        """
        while True:
            response = await self._send(visitor, resources)
            try:
                if not self._redirect(response):
                    return await self._receive(response)
                if response.first is not None:
                    self._course.skip(response.first)
            finally:
                response.close()

    async def _send(self, visitor: Visitor, resources: Resources) -> Response:
        request, settings = self._request, self._settings
        self._asked.append((request.method, request.address))
        self._answered = {}
        context = None
        if request.address.scheme == "https":
            context = await resources.trust(settings.tls)
        at_home = request.address.origin == self._origin
        name = settings.tls.server_name if at_home else None
        if settings.proxy is None and not self._course.route.fits(request.address.host):
            raise RouteError(f"{request.address.host} is no IPv{settings.ip} address")
        response: Response
        try:
            if self._plain is not None and not self._way:
                response = await visitor.plainly(self._plain, context, name)
            else:
                response = await visitor.send(request, context, name, settings.proxy)
        except aiohttp.InvalidURL:
            if not self._way:
                raise
            raise RedirectError("is where a redirect leads, and cannot be asked") from None
        self._see(response)
        return response

    def _sent(self) -> Request:
        """The request with all that goes along with it, for a proxy too."""
        return sent(self._request, self._settings.proxy)

    def unrepeated(self, text: str) -> str:
        """A text of an answer, without what it repeats of the request."""
        return unrepeated(text, self._sent())

    def _redirect(self, response: Response) -> bool:
        """Whether the answer is a redirect to follow; the next request is then the one it asks for.

        Raises RedirectError where it would be followed but for what is wrong with it.
        """
        location = response.headers.get(hdrs.LOCATION)
        if location:
            self._facts["location"] = self.unrepeated(shown_from(location, self.address))
        if response.status not in REDIRECTS or not location or not self._follows(response.status):
            return False
        request = self._request.redirected(response.status, location)
        if len(self._way) >= self._limit:
            asked_before = (request.method, request.address) in self._asked
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

    async def _receive(self, response: Response) -> Answer:
        self._course.enter(Phase.TRANSFER, response.first)
        limit = self._settings.body_limit
        body = await self._read(response, BODY_LIMIT if limit is None else limit)
        self._course.end(response.last)
        if listening():
            for line in excerpt(body, response.content_type, self._sent()):
                note(Mark.HEARD, line)
        return Answer(
            url=str(self.address),
            status=response.status,
            headers=tuple(response.headers.items()),
            body=body,
            duration=self._course.duration - self._begun,
            version=_version(response),
            way=tuple(self._way),
            chain=response.chain,
        )

    async def _read(self, response: Response, limit: int) -> Body:
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

    def _see(self, response: Response) -> None:
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
        # Of a proxy it would be its own address.
        if response.peer and self._settings.proxy is None:
            self._answered["address"] = response.peer[0]
            self._answered["ip_protocol"] = 6 if ":" in response.peer[0] else 4
        self._answered |= certificate_facts(response.chain)
        if listening():
            # The phrase beside the status is whatever the other end likes, so the usual one it is.
            phrase = responses.get(response.status, "")
            said = f"HTTP/{_version(response)} {response.status} {phrase}".rstrip()
            for line in answer_lines(said, response.headers.items(), self.address):
                note(Mark.HEARD, unrepeated(line, self._sent()))


def _version(response: Response) -> str:
    version = response.version
    return f"{version.major}.{version.minor}" if version else ""


@lru_cache(maxsize=4096)
def _time(text: str | None) -> float | None:
    """A date of HTTP in Unix time. Remembered, because it takes as long to read as all the rest."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
