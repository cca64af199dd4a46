"""Which paths belong together, which have a token of their own, and what they cost."""

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

from evidenced.config.web import Group

READING = frozenset({"GET", "HEAD"})
"""The methods that change nothing (RFC 9110, section 9.2.1) and that this interface answers."""

LIST_COST = 5
"""What a list or a proof page counts, where a look at a target counts one."""

_ALONE: Mapping[str, Group] = MappingProxyType(
    {
        "/": "status",
        "/events": "status",
        "/favicon.ico": "status",
        "/metrics": "metrics",
        "/probe": "probe",
        "/rules": "api",
        "/-/healthy": "health",
        "/-/ready": "health",
    }
)

_BELOW: Mapping[str, Group] = MappingProxyType(
    {
        "/claims/": "status",
        "/static": "status",
        "/badge/": "badges",
        "/feed": "badges",
        "/api/v1/": "api",
    }
)

_OWN_TOKEN = (
    "/-/reload",
    "/api/v1/push/",
    "/api/v1/maintenance",
    "/api/v1/drills",
    "/api/v1/ledger/",
)
"""Where what changes something asks for the admin token, or for that of a check, itself."""


def resource_of(request: web.Request) -> str:
    """The resource that answers a request, as it was registered; empty where none does.

    Not the path: that may be written in more than one way.
    """
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical


def group_of(resource: str) -> Group | None:
    """The group that a resource belongs to; None for one that can never be open to all."""
    if resource in _ALONE:
        return _ALONE[resource]
    if resource.endswith(".atom"):
        return "badges"
    return next((group for start, group in _BELOW.items() if resource.startswith(start)), None)


def has_own_token(method: str, resource: str) -> bool:
    """Whether a request of this method is let in by a token that only this resource knows."""
    return method not in READING and resource.startswith(_OWN_TOKEN)


def cost_of(method: str, resource: str) -> int:
    """What a request counts for the limit of its address; 0 where it is not limited."""
    if method not in READING:
        return 0
    match group_of(resource):
        case "probe":
            return 1
        case "api":
            return 1 if resource.endswith("}") else LIST_COST
        case "status" if resource.startswith("/claims/"):
            return LIST_COST
    return 0
