"""`GET /probe`: one look at a target by a module, answered as blackbox_exporter does."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote

import structlog
from aiohttp import hdrs, web

from evidenced.config.blackbox.http import header
from evidenced.config.blackbox.model import Module
from evidenced.probes.course import Course
from evidenced.probes.resolver import Lookup, Resolver
from evidenced.probes.resources import Resources
from evidenced.probes.threads import Workers
from evidenced.publish.blackbox import dns, grpc, http, icmp, stream, websocket
from evidenced.publish.blackbox.debug import debug_text
from evidenced.publish.blackbox.families import Findings
from evidenced.publish.blackbox.guard import Guard, RefusedError
from evidenced.publish.blackbox.log import ProbeLog
from evidenced.publish.blackbox.look import Look, Prober, every_address
from evidenced.publish.exposition import render

DEFAULT_MODULE = "http_2xx"
SCRAPE_TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds"
NO_TIMEOUT = 120.0
"""Seconds where neither the caller nor the module names a timeout."""

_WORKERS = 2
"""Threads that search bodies."""

_PROBERS: Mapping[str, Prober] = MappingProxyType(
    {
        "http": http.probe,
        "tcp": stream.probe_tcp,
        "unix": stream.probe_unix,
        "dns": dns.probe,
        "icmp": icmp.probe,
        "grpc": grpc.probe,
        "websocket": websocket.probe,
    }
)

log = structlog.get_logger()


class BadRequestError(Exception):
    """A request that cannot be answered; the text says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Settings:
    """What `/probe` answers from: modules by name, whom it may look at, the time kept back."""

    modules: Mapping[str, Module]
    guard: Guard
    timeout_offset: float


class ProbeHandler:
    """Answers `/probe`; at most so many looks are under way at a time, further ones wait."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        resources: Resources,
        concurrency: int,
        lookup: Lookup = every_address,
    ) -> None:
        self._settings = settings
        self._resources = resources
        self._resolver = Resolver(lookup)
        self._workers = Workers(_WORKERS)
        self._free = asyncio.Semaphore(concurrency)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        settings = self._settings()
        try:
            module = _module(request, settings)
            seconds = probe_timeout(
                module.timeout, request.headers.get(SCRAPE_TIMEOUT), settings.timeout_offset
            )
            target = _target(request)
            hostname = request.query.get("hostname", "")
            look = self._look(_with_hostname(module, hostname), target, hostname, settings.guard)
            await self._free.acquire()
            try:
                await self._take(look, seconds, request.query.get("module", DEFAULT_MODULE))
            finally:
                self._free.release()
        except BadRequestError as error:
            return web.Response(status=error.status, text=f"{error}\n")
        except RefusedError as error:
            log.warning("probe refused", why=str(error))
            return web.Response(status=403, text=f"{error}\n")
        if request.query.get("debug") == "true":
            return web.Response(text=debug_text(look.log, look.findings, look.module))
        body, headers = render(
            look.findings.registry,
            request.headers.get(hdrs.ACCEPT, ""),
            request.headers.get(hdrs.ACCEPT_ENCODING, ""),
        )
        return web.Response(body=body, headers=headers)

    def _look(self, module: Module, target: str, hostname: str, guard: Guard) -> Look:
        probe_log = ProbeLog(target=shown_target(target))
        return Look(
            module=module,
            target=target,
            hostname=hostname,
            findings=Findings(),
            log=probe_log,
            guard=guard,
            resources=self._resources,
            resolver=self._resolver,
            workers=self._workers,
        )

    async def _take(self, look: Look, seconds: float, name: str) -> None:
        """Look once, within the seconds, and tell how it went. Raises RefusedError."""
        look.log.tell(
            "Beginning probe", module=name, probe=look.module.prober, timeout_seconds=seconds
        )
        began = time.monotonic()
        success = False
        try:
            async with asyncio.timeout(seconds) as deadline:
                with Course():
                    success = await _PROBERS[look.module.prober](look)
        except RefusedError:
            raise
        except Exception as error:
            if isinstance(error, TimeoutError) and deadline.expired():
                look.log.fail("Deadline passed", timeout_seconds=seconds)
            else:
                log.exception("probe failed in an unforeseen way", module=name)
                look.log.fail("Probe failed in an unforeseen way; see the daemon's log")
        took = time.monotonic() - began
        look.findings.set("probe_success", success)
        look.findings.set("probe_duration_seconds", took)
        look.findings.set("probe_timeout_seconds", seconds)
        if success:
            look.log.tell("Probe succeeded", duration_seconds=took)
        else:
            look.log.fail("Probe failed", duration_seconds=took)


def probe_timeout(module: float, header_value: str | None, offset: float) -> float:
    """Seconds for a look: the module's timeout, or the scrape's less the offset if that is less.

    A scrape's timeout that is shorter than the offset is taken whole, where blackbox_exporter gives
    a look no time at all. Raises BadRequestError where the header is no number.
    """
    try:
        scrape = float(header_value) if header_value else 0.0
    except ValueError:
        scrape = math.nan
    if math.isnan(scrape):
        raise BadRequestError(
            500, "Failed to parse timeout from Prometheus header: expected a number of seconds"
        )
    scrape = min(scrape, NO_TIMEOUT) if scrape > 0 else NO_TIMEOUT
    left = scrape - offset if scrape > offset else scrape
    return min(module, left) if module > 0 else left


def shown_target(target: str) -> str:
    """The target without user information and without what its query says."""
    scheme, mark, rest = target.rpartition("://")
    authority, slash, path = rest.partition("/")
    authority = authority.rpartition("@")[2]
    path, query, _ = path.partition("?")
    return f"{scheme}{mark}{authority}{slash}{path}{'?…' if query else ''}"


def _module(request: web.Request, settings: Settings) -> Module:
    name = request.query.get("module") or DEFAULT_MODULE
    module = settings.modules.get(name)
    if module is None:
        raise BadRequestError(400, f'Unknown module "{name}"')
    return module


def _target(request: web.Request) -> str:
    target = request.query.get("target", "")
    if not target:
        raise BadRequestError(400, "Target parameter is missing")
    scheme, mark, rest = target.rpartition("://")
    # Some callers encode all of it once more than a query is; then its colons are encoded too.
    return unquote(target) if "%" in f"{scheme}{mark}{rest.partition('/')[0]}" else target


def _with_hostname(module: Module, hostname: str) -> Module:
    """The module for a target that goes by another name; BadRequestError where it has its own."""
    if not hostname:
        return module
    if module.prober == "http":
        own = header(module.http.headers, "host")
        if own is not None and own != hostname:
            raise BadRequestError(
                400,
                f"Host header defined both in module configuration ({own}) and with "
                f"URL-parameter 'hostname' ({hostname})",
            )
    if module.prober == "tcp" and not module.tcp.tls_config.server_name:
        tls = module.tcp.tls_config.model_copy(update={"server_name": hostname})
        tcp = module.tcp.model_copy(update={"tls_config": tls})
        return module.model_copy(update={"tcp": tcp})
    return module
