"""Lists of targets that are asked for by HTTP, again and again, off the beat of the checks."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs

from evidenced.app.listing import Key, Listing, Listings
from evidenced.app.loading import Loaded
from evidenced.config.discovery import HttpDiscovery
from evidenced.config.targets import LIST_LIMIT, Target, read_list
from evidenced.config.types import format_duration
from evidenced.probes.address import Address
from evidenced.probes.course import Course
from evidenced.probes.request import authorization
from evidenced.probes.resources import Resources
from evidenced.probes.trouble import failure_of

_AT_ONCE = 64 * 1024
_APART = 64 * 1024
"""Bytes of a list above which it is read in a thread, for the loop not to wait."""

REFRESH = "X-Prometheus-Refresh-Interval-Seconds"
"""What Prometheus tells the other end of its pace ("Writing HTTP service discovery")."""

log = structlog.get_logger()


async def fetched(listing: Listing, resources: Resources) -> Listing:
    """The list as the other end has it now; as it was, with a problem, where it gives none."""
    source = listing.source
    if not isinstance(source, HttpDiscovery):
        return listing
    course = Course()
    address = Address.parse(source.url)
    try:
        async with asyncio.timeout(source.timeout):
            tls = await resources.trust(source.tls)
            with course:
                content = await _content(source, address, resources, tls)
        targets = await _targets(content)
        return await asyncio.to_thread(listing.with_targets, targets)
    except TimeoutError:
        return listing.with_problem(f"no list within {format_duration(source.timeout)}")
    except ValueError as error:
        return listing.with_problem(str(error))
    except Exception as error:
        failure = failure_of(error, course, address)
        if failure is None:
            log.exception("a list was not asked for, in an unforeseen way", source=listing.shown)
            return listing.with_problem("failed in an unforeseen way; see the log")
        return listing.with_problem(failure.detail)


async def _content(
    source: HttpDiscovery, address: Address, resources: Resources, tls: object
) -> bytes:
    """The body of the answer; raises ValueError where it is none that holds a list."""
    headers = {name: value.reveal() for name, value in source.headers.items()}
    headers.setdefault(hdrs.ACCEPT, "application/json")
    headers[REFRESH] = f"{source.refresh:g}"
    if given := authorization(source.auth, address.credentials):
        headers.setdefault(hdrs.AUTHORIZATION, given)
    async with (
        resources.session(keep=False) as session,
        session.get(
            address.url(),
            headers=headers,
            allow_redirects=False,
            ssl=tls,  # type: ignore[arg-type]
            server_hostname=source.tls.server_name,
        ) as response,
    ):
        if response.status != 200:
            raise ValueError(f"answered with status {response.status}")
        if response.content_type != "application/json":
            raise ValueError("answered with something else than application/json")
        body = bytearray()
        while chunk := await response.content.read(_AT_ONCE):
            body += chunk
            if len(body) > LIST_LIMIT:
                break
        return bytes(body)


async def _targets(content: bytes) -> tuple[Target, ...]:
    if len(content) <= _APART:
        return read_list(content, as_json=True)
    return await asyncio.to_thread(read_list, content, as_json=True)


async def completed(loaded: Loaded) -> Loaded:
    """The same with all its lists, each asked for once; for a command that takes one look."""
    before = loaded.listings
    async with Resources() as resources:
        after = await asyncio.gather(*(fetched(each, resources) for each in before.values()))
    return loaded.with_listings(dict(zip(before, after, strict=True)))


class Polling:
    """Asks for each list at its own pace, and hands on what came of it.

    `listings` are those in force; a list that is no longer among them is no longer asked for.
    """

    def __init__(
        self,
        resources: Resources,
        listings: Callable[[], Listings],
        adopt: Callable[[Key, Listing], Awaitable[None]],
    ) -> None:
        self._resources = resources
        self._listings = listings
        self._adopt = adopt
        self._changed = asyncio.Event()
        self._tasks: dict[Key, tuple[HttpDiscovery, asyncio.Task[None]]] = {}

    def changed(self) -> None:
        """Take over other lists."""
        self._changed.set()

    async def run(self) -> None:
        """Ask until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._changed.clear()
                    self._take_over(group)
                    await self._changed.wait()
        finally:
            self._tasks.clear()

    def _take_over(self, group: asyncio.TaskGroup) -> None:
        wanted = {
            key: listing.source
            for key, listing in self._listings().items()
            if isinstance(listing.source, HttpDiscovery)
        }
        for key, (source, task) in list(self._tasks.items()):
            if wanted.get(key) != source:
                task.cancel()
                del self._tasks[key]
        for key, source in wanted.items():
            if key not in self._tasks:
                task = group.create_task(self._poll(key, source), name=f"list {key[1]}")
                self._tasks[key] = (source, task)

    async def _poll(self, key: Key, source: HttpDiscovery) -> None:
        while True:
            began = time.monotonic()
            listing = self._listings().get(key)
            if listing is not None:
                await self._adopt(key, await fetched(listing, self._resources))
            await asyncio.sleep(max(0.0, source.refresh - (time.monotonic() - began)))
