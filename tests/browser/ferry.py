"""A small ferry line, its ledger, and what a browser sees of the daemon that watches it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from aiohttp import web
from playwright.async_api import BrowserContext, Page

from evidenced.app.daemon import Daemon

LEDGER = """# State

**Last Updated**: 2026-11-20 08:15 UTC

## CLOSED

- **Double bookings**: A berth was sold twice. PR #31. Proof: `docs/double.md` (Closed: 2026-10-02)

## STABLE

- **Timetable**: /timetable returns 200 ✅
- **Fares**: /fares returns 200 ✅
- **Harbour map**: /map returns 200 ✅

## IN PROGRESS

- **Night ferries**: Tickets for the night
  - **DoD**:
    - A cabin is on the ticket

## BLOCKED

- (none)

## NEXT

### 1) Bicycles
- **DoD**:
  - A bicycle can be booked
"""


@dataclass
class Line:
    """The site of the ferry line: each page answers 200 until another answer is set for it."""

    bodies: dict[str, tuple[int, str, Mapping[str, str]]] = field(default_factory=dict)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        status, body, headers = self.bodies.get(request.path, (200, "All aboard", {}))
        return web.Response(status=status, text=body, headers=headers, content_type="text/html")

    def fail(self, path: str, body: str = "sunk", headers: Mapping[str, str] | None = None) -> None:
        self.bodies[path] = (500, body, headers or {})

    def mend(self) -> None:
        self.bodies.clear()


@dataclass(frozen=True)
class Watching:
    """A daemon, and the address of its pages."""

    daemon: Daemon
    url: str


@dataclass
class Visit:
    """A page in the browser, and all that it said and asked for."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def violations(self) -> list[str]:
        """What the Content-Security-Policy had to stop."""
        found: list[str] = await self.page.evaluate("window.stopped")
        return found


Watch = Callable[..., AbstractAsyncContextManager[Watching]]
"""Runs a daemon on the line while a block lasts."""

Visits = Callable[..., Awaitable[Visit]]
"""Opens an address."""
