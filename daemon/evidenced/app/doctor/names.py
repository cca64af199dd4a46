"""Whether this host resolves the names that checks lead to."""

import asyncio
from collections.abc import Iterable

from evidenced.app.doctor.endpoints import endpoints
from evidenced.app.doctor.finding import Finding, not_looked_at, ok, problem, some
from evidenced.app.doctor.subject import Subject
from evidenced.config.words import counted
from evidenced.probes.resolver import Resolver

PATIENCE = 5.0
"""Seconds in which a name must be resolved: as long as glibc waits for one server."""

MOST = 200
"""Names that are tried; of more, the first ones."""


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """Which names have an address."""
    checks = subject.loaded.plan.checks if subject.loaded else ()
    names = list(dict.fromkeys(one.host for one in endpoints(checks) if one.is_name))[:MOST]
    if not names:
        return (not_looked_at("no check leads to a name"),)
    resolver = subject.resources.resolver
    failed = {
        name: why
        for name, why in zip(names, await _tried(resolver, names), strict=True)
        if why is not None
    }
    if not failed:
        return (ok(f"{counted(len(names), 'name')} of checks resolved: {some(names, 3)}"),)
    mend = "see /etc/resolv.conf and `getent hosts NAME`; a name that is gone: correct the check"
    if len(failed) == len(names) > 1:
        name, why = next(iter(failed.items()))
        return (problem(f"no name of {len(names)} is resolved, {name}: {why}", mend),)
    return tuple(problem(f"{name} is not resolved: {why}", mend) for name, why in failed.items())


async def _tried(resolver: Resolver, names: Iterable[str]) -> list[str | None]:
    return await asyncio.gather(*(_why_not(resolver, name) for name in names))


async def _why_not(resolver: Resolver, name: str) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            found = await resolver.resolve(name)
    except TimeoutError:
        return f"no answer within {PATIENCE:g} s"
    except OSError as error:
        return error.strerror or type(error).__name__
    return None if found else "it has no address"
