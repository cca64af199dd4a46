"""The daemon's own sign of life, sent to a dead man's switch outside while its checks keep time."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver

from evidenced.config.heartbeat import HeartbeatSettings
from evidenced.evidence.repeats import Repeats
from evidenced.probes.client import connector
from evidenced.publish.metrics_daemon import Sent

STUCK = 60.0
"""Seconds by which the schedule may be behind: beyond these the daemon runs, but does not watch."""


class Heartbeat:
    """Sends a request each `every`, as long as the schedule is not stuck.

    `settings` are those in force (None: nobody is told), `behind` how many seconds the schedule is.
    """

    def __init__(
        self,
        settings: Callable[[], HeartbeatSettings | None],
        behind: Callable[[], float],
        resolver: AbstractResolver,
    ) -> None:
        self._settings = settings
        self._behind = behind
        self._resolver = resolver
        self._changed = asyncio.Event()
        self._log = structlog.get_logger()
        self._repeats = Repeats()
        self._failures = 0
        self._last_success: float | None = None

    @property
    def sent(self) -> Sent:
        """How it went so far."""
        if self._settings() is None:
            return Sent()
        return Sent(self._failures, self._last_success)

    def changed(self) -> None:
        """See whether there are other settings: they are taken over at once."""
        self._changed.set()

    async def run(self) -> None:
        """Send until cancelled."""
        async with aiohttp.ClientSession(
            connector=connector(self._resolver, keep=None), cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            settings: HeartbeatSettings | None = None
            due = 0.0
            while True:
                self._changed.clear()
                if (current := self._settings()) != settings:
                    settings, due = current, time.monotonic()
                if settings is not None and due <= time.monotonic():
                    due = time.monotonic() + settings.every
                    await self._beat(session, settings)
                left = None if settings is None else max(0.0, due - time.monotonic())
                # Not wait_for: in Python 3.11 it loses a cancellation that comes with the event.
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._changed.wait()

    async def _beat(self, session: aiohttp.ClientSession, settings: HeartbeatSettings) -> None:
        behind = self._behind()
        if behind > STUCK:
            self._tell("not sent: the schedule does not keep time", behind_seconds=round(behind))
            return
        why = await _send(session, settings)
        if why is None:
            self._last_success = time.time()
            self._repeats.over(None, self._log.info, "heartbeat is sent again")
        else:
            self._failures += 1
            self._tell("failed", reason=why)

    def _tell(self, trouble: str, **more: object) -> None:
        """Log what is wrong, summed up over an outage, and never the address."""
        self._repeats.trouble(None, self._log.warning, f"heartbeat {trouble}", **more)


async def _send(session: aiohttp.ClientSession, settings: HeartbeatSettings) -> str | None:
    """Send one; why it failed, or None. What is said has nothing of the address in it."""
    url = "" if settings.url is None else settings.url.reveal()
    timeout = min(settings.timeout, settings.every)
    try:
        async with (
            asyncio.timeout(timeout),
            session.request(settings.method, url, allow_redirects=False) as response,
        ):
            return None if response.status // 100 == 2 else f"status {response.status}"
    except TimeoutError:
        return f"no answer within {timeout:g} s"
    except aiohttp.ClientConnectorDNSError:
        return "the name cannot be resolved"
    except aiohttp.ClientSSLError:
        return "no TLS, or a certificate that is not trusted"
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return f"no answer: {type(error).__name__}"
