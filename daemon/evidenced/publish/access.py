"""Who may see what: users, tokens and certificates before every path, and limits on what costs.

Two layers: `web` says who may read, the tokens of `tokens` and of checks who may change. What
changes something asks for its own token alone, since a request has one `Authorization`; the admin
token also opens what is read, since who may change the daemon may see it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import hdrs, web

from evidenced.config.types import Secret
from evidenced.config.web import WebSettings
from evidenced.publish.access_errors import SERVER, Handler, plainly
from evidenced.publish.access_groups import (
    READING,
    cost_of,
    group_of,
    has_own_token,
    resource_of,
)
from evidenced.publish.access_names import names_of
from evidenced.publish.access_password import BusyError, Passwords, shown
from evidenced.publish.access_rate import Limit, Rates, site_of
from evidenced.publish.bearer import bears
from evidenced.publish.problem import problem

FAILURES = Limit(interval=5.0, burst=10)
"""How often an address may show what opens nothing."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Access:
    """Stands before an application; `settings` and `admin_token` are those in force."""

    settings: Callable[[], WebSettings]
    admin_token: Callable[[], Secret | None]
    passwords: Passwords = field(default_factory=Passwords)
    failures: Rates = field(default_factory=Rates)
    costly: Rates = field(default_factory=Rates)

    def middlewares(self) -> Sequence[Any]:
        """What each request goes through, the outermost first."""
        return (plainly, self.admit, self.bound)

    async def dress(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        """Set the headers of each answer; for the signal `on_response_prepare`."""
        response.headers[hdrs.SERVER] = SERVER
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        for name, value in self.settings().http_server_config.headers.items():
            if value:
                response.headers.setdefault(name, value)

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who may see the path; a problem for everyone else."""
        settings = self.settings()
        if not _is_named(request, settings):
            return problem(403, "the certificate has none of the names that are let in")
        if not settings.guarded:
            return await handler(request)
        resource = resource_of(request)
        if has_own_token(request.method, resource):
            return await self._at_its_own_door(request, handler)
        if request.method in READING and group_of(resource) in settings.public:
            return await handler(request)
        return await self._refusal(request, settings) or await handler(request)

    @web.middleware
    async def bound(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let an address ask only so often for what costs."""
        cost = cost_of(request.method, resource_of(request))
        if cost:
            rate = self.settings().rate_limit
            limit = Limit(rate.interval, rate.burst)
            wait = self.costly.take(site_of(request.remote), limit, cost)
            if wait > 0:
                return _too_many("expected fewer requests from one address", wait)
        return await handler(request)

    async def _refusal(self, request: web.Request, settings: WebSettings) -> web.Response | None:
        """Why the request is not let in; None where it is."""
        authorization = request.headers.get(hdrs.AUTHORIZATION)
        if authorization is None:
            return _challenge(settings)
        tokens = [self.admin_token(), *settings.bearer_tokens.values()]
        # Each is compared, so that the time does not say which one it was.
        if sum(bears(request, token) for token in tokens):
            return None
        given = shown(authorization)
        if given is not None and self.passwords.remembers(settings.basic_auth_users, given):
            return None
        site = site_of(request.remote)
        wait = self.failures.take(site, FAILURES)
        if wait > 0:
            return _too_many("expected fewer wrong credentials from one address", wait)
        if given is not None:
            try:
                right = await self.passwords.right(settings.basic_auth_users, given)
            except BusyError:
                self.failures.give_back(site)
                return problem(503, "too many passwords wait", headers={hdrs.RETRY_AFTER: "1"})
            if right:
                self.failures.give_back(site)
                return None
        log.warning("wrong credentials", address=request.remote, path=request.path)
        return _challenge(settings)

    async def _at_its_own_door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let the resource itself look at its token, but not at one guess after the other."""
        if hdrs.AUTHORIZATION not in request.headers or bears(request, self.admin_token()):
            return await handler(request)
        site = site_of(request.remote)
        wait = self.failures.take(site, FAILURES)
        if wait > 0:
            return _too_many("expected fewer wrong credentials from one address", wait)
        response = await handler(request)
        if response.status != web.HTTPUnauthorized.status_code:
            self.failures.give_back(site)
        return response


def _is_named(request: web.Request, settings: WebSettings) -> bool:
    """Whether the caller's certificate has one of the names asked for, where any is asked for."""
    tls = settings.tls_server_config
    if tls is None or not tls.client_allowed_sans:
        return True
    transport = request.transport
    certificate = None if transport is None else transport.get_extra_info("peercert")
    return not names_of(certificate or {}).isdisjoint(tls.client_allowed_sans)


def _challenge(settings: WebSettings) -> web.Response:
    """What the caller may show (RFC 9110, section 11.6.1)."""
    answer = problem(401, "expected a user with a password, or a bearer token, that is let in")
    if settings.basic_auth_users:
        answer.headers.add(hdrs.WWW_AUTHENTICATE, 'Basic realm="evidenced", charset="UTF-8"')
    if settings.bearer_tokens:
        answer.headers.add(hdrs.WWW_AUTHENTICATE, 'Bearer realm="evidenced"')
    return answer


def _too_many(said: str, wait: float) -> web.Response:
    return problem(429, said, headers={hdrs.RETRY_AFTER: str(math.ceil(wait))})
