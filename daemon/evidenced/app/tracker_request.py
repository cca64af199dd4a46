"""One request to the API of an issue tracker, within its deadline and the limits of the forge."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
import structlog
from aiohttp import hdrs
from yarl import URL

from evidenced import __version__
from evidenced.config.tracker import TrackerSettings
from evidenced.config.types import format_duration
from evidenced.probes.address import Address
from evidenced.probes.attempt import one_line
from evidenced.probes.course import Course
from evidenced.probes.excerpt import credentials_in, without
from evidenced.probes.expectations.compare import MISSING
from evidenced.probes.forgeapi import api_base, headers
from evidenced.probes.forgelimits import seconds_to_wait
from evidenced.probes.jsonapi import at
from evidenced.probes.resources import Resources
from evidenced.probes.trouble import failure_of

LIMIT = 16 * 1024 * 1024
"""The most bytes of an answer: more is no page of issues."""

BETWEEN = 1.0
"""Seconds between two requests that write, as GitHub's "Best practices for using the REST API" asks
for."""

_AT_ONCE = 64 * 1024
_REFUSED = frozenset({400, 403, 409, 413, 422, 451})
_MOVED = frozenset({301, 302, 303, 307, 308})


class TrackerError(Exception):
    """The tracker did not do what it was asked for; the message says why, and has no secrets.

    `done` is whether it may have done it all the same.
    """

    def __init__(self, message: str, *, done: bool = False) -> None:
        super().__init__(message)
        self.done = done


class LimitedError(TrackerError):
    """The forge wants no requests for a while."""


class AbsentError(TrackerError):
    """What is asked for is not there, any more or for this token."""


class RefusedError(TrackerError):
    """The forge understood the request, and does not do it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its headers (in any case), its JSON, and the query of the page after it."""

    headers: Mapping[str, str]
    document: object
    following: str | None


class Api:
    """The API of one forge, asked with one token."""

    def __init__(self, settings: TrackerSettings, resources: Resources) -> None:
        self.settings = settings
        self._resources = resources
        self._wrote: float | None = None
        self._base = api_base(settings)
        token = settings.token.reveal() if settings.token else ""
        self._quota = (self._base, token)

    @property
    def left(self) -> float:
        """For how many seconds the forge wants no requests."""
        return self._resources.forges.left(self._quota)

    async def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | str = "",
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """Ask for a path below the API's base; raises TrackerError."""
        if self.left:
            raise LimitedError("the forge limits our requests")
        if method != hdrs.METH_GET:
            await self._pace()
        asked = query if isinstance(query, str) else urlencode(query)
        address = Address.parse(f"{self._base}{path}{f'?{asked}' if asked else ''}")
        course, writes = Course(), method != hdrs.METH_GET
        try:
            async with asyncio.timeout(self.settings.timeout):
                with course:
                    return await self._answer(method, address, body)
        except TimeoutError:
            after = format_duration(self.settings.timeout)
            raise TrackerError(f"no answer within {after}", done=writes) from None
        except TrackerError:
            raise
        except aiohttp.ClientConnectorError as error:
            raise TrackerError(_why(error, course, address)) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise TrackerError(_why(error, course, address), done=writes) from None

    async def _pace(self) -> None:
        if self._wrote is not None:
            await asyncio.sleep(max(self._wrote + BETWEEN - time.monotonic(), 0.0))
        self._wrote = time.monotonic()

    async def _answer(
        self, method: str, address: Address, body: Mapping[str, object] | None
    ) -> Answer:
        tls = self.settings.tls
        ours = {hdrs.USER_AGENT: f"evidenced/{__version__}", hdrs.ACCEPT: "application/json"}
        async with (
            self._resources.session(keep=False) as session,
            session.request(
                method,
                address.url(),
                json=body,
                headers=ours | headers(self.settings),
                allow_redirects=False,
                ssl=await self._resources.trust(tls) if address.scheme == "https" else True,
                server_hostname=tls.server_name,
            ) as response,
        ):
            document = _document(await _read(response))
            self._judge(method, response, document)
            return Answer(response.headers, document, _following(response))

    def _judge(self, method: str, response: aiohttp.ClientResponse, document: object) -> None:
        """Raise what an answer means that is no success, and keep the limits that it tells."""
        status = response.status
        said = at(document, "message")
        wait = seconds_to_wait(status, response.headers, said)
        if wait is not None:
            self._resources.forges.wait(self._quota, wait)
        if status // 100 == 2:
            return
        told = credentials_in(headers(self.settings))
        text = (
            f"{status}: {one_line(without(told, said))}" if isinstance(said, str) else f"{status}"
        )
        if wait is not None and status < 500:
            raise LimitedError(f"the forge limits our requests ({text})")
        if status in (404, 410) or status in _MOVED:
            raise AbsentError(f"not there, or not for this token ({text})")
        if status in _REFUSED:
            raise RefusedError(f"refused ({text})")
        # What a server or a proxy before it fails at may be done all the same.
        done = method != hdrs.METH_GET and (status >= 500 or status == 408)
        raise TrackerError(f"answered with {text}", done=done)


def _why(error: Exception, course: Course, address: Address) -> str:
    failure = failure_of(error, course, address)
    if failure is not None:
        return failure.detail
    structlog.get_logger().warning(
        "an unforeseen trouble with the tracker", kind=type(error).__name__
    )
    return f"no answer: {type(error).__name__}"


def _following(response: aiohttp.ClientResponse) -> str | None:
    """The query of the next page (RFC 8288), which may count by pages or by a cursor.

    Of its address only the query is taken: a forge behind a proxy may not know its own name.
    """
    if "next" not in response.links:
        return None
    return URL(str(response.links["next"]["url"])).raw_query_string or None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    while chunk := await response.content.read(_AT_ONCE):
        body += chunk
        if len(body) > LIMIT:
            raise TrackerError(f"answered with more than {LIMIT // 1024**2} MiB", done=True)
    return bytes(body)


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return MISSING
