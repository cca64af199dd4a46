"""One look at each of the addresses that a name resolves to."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from aiohttp.abc import ResolveResult

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.address import Address
from evidenced.probes.attempt import Attempt, Failure, Judgement, Outcome, Reason, one_line
from evidenced.probes.course import Course, Phase
from evidenced.probes.resources import Resources
from evidenced.probes.route import FAMILIES, Route
from evidenced.probes.trouble import network_failure, overdue
from evidenced.probes.visit import Visit
from evidenced.probes.visitor import Visitor

_MOST = 64
"""The most addresses of one name: more would be an attack on others by way of us."""

_WORST_FIRST = (Outcome.FAILURE, Outcome.UNKNOWN, Outcome.SUCCESS)


async def look_at_each(settings: HttpSettings, timeout: float, resources: Resources) -> Attempt:
    """Resolve the name, look at all of its addresses at once, and tell of the worst.

    The attempt is that of an address that failed, or else of the slowest; the name resolution is a
    part of each. A judgement is met where it is met at every address.
    """
    course = Course(route=Route(FAMILIES[settings.ip]))
    try:
        address = Address.parse(settings.address)
    except ValueError as error:
        return _ended(course, Failure(Reason.INTERNAL, "", f"nothing that can be asked: {error}"))
    try:
        async with asyncio.timeout(timeout) as deadline:
            with course:
                course.enter(Phase.RESOLVE)
                found = await _addresses(address, course.route, resources)
    except (OSError, ValueError) as error:
        if isinstance(error, TimeoutError) and deadline.expired():
            return _ended(course, overdue(timeout, course, address))
        failure = network_failure(error, course, address)
        return _ended(course, failure or Failure(Reason.DNS, "", one_line(str(error))))
    return _worst(
        found,
        await asyncio.gather(
            *(_look(settings, timeout, resources, address.host, each, course) for each in found)
        ),
    )


async def _addresses(
    address: Address, route: Route, resources: Resources
) -> Sequence[ResolveResult]:
    """The addresses of the host, each once; raises OSError, or ValueError where they are amiss."""
    if not route.fits(address.host):
        raise ValueError(f"{address.host} is no address of the version of IP that is asked for")
    found = await resources.resolver.resolve(address.host, address.port, route.family)
    each = tuple({one["host"]: one for one in found}.values())
    if len(each) > _MOST:
        raise ValueError(f"{address.host} has {len(each)} addresses, which is more than {_MOST}")
    return each


async def _look(
    settings: HttpSettings,
    timeout: float,
    resources: Resources,
    host: str,
    at: ResolveResult,
    resolved: Course,
) -> Attempt:
    route = Route(resolved.route.family, host, at)
    visit = Visit(settings, resources, route, resolved)

    async def ask(visitor: Visitor) -> None:
        await visit.ask(visitor, settings)

    return await visit.take(timeout, ask)


def _worst(found: Sequence[ResolveResult], attempts: Sequence[Attempt]) -> Attempt:
    order = partial(_order, attempts)
    index = min(range(len(attempts)), key=order)
    worst, failed = attempts[index], [a for a in attempts if a.outcome is not Outcome.SUCCESS]
    failure = worst.failure
    if failure is not None:
        others = len(failed) - 1
        more = f" and {others} more of {len(found)}" if others else ""
        said = f"{found[index]['host']}{more}: {failure.detail}"
        failure = replace(failure, detail=one_line(said))
    facts = {**worst.facts, "addresses": len(found), "addresses_failed": len(failed)}
    expiries = [float(a.facts["cert_expiry"]) for a in attempts if "cert_expiry" in a.facts]
    if expiries:
        facts["cert_expiry"] = min(expiries)
    return replace(worst, failure=failure, judgements=_merged(found, attempts), facts=facts)


def _order(attempts: Sequence[Attempt], index: int) -> tuple[int, float]:
    attempt = attempts[index]
    slowness = -attempt.duration if attempt.outcome is Outcome.SUCCESS else 0.0
    return (_WORST_FIRST.index(attempt.outcome), slowness)


def _merged(found: Sequence[ResolveResult], attempts: Sequence[Attempt]) -> tuple[Judgement, ...]:
    """Each judgement once: the first that is not met, with its address, or one that is."""
    merged: dict[str, Judgement] = {}
    for at, attempt in zip(found, attempts, strict=True):
        for judgement in attempt.judgements:
            if not judgement.met:
                found_at = one_line(f"{judgement.found} at {at['host']}")
                named = replace(judgement, found=found_at)
                if judgement.name not in merged or merged[judgement.name].met:
                    merged[judgement.name] = named
            else:
                merged.setdefault(judgement.name, judgement)
    return tuple(merged.values())


def _ended(course: Course, failure: Failure) -> Attempt:
    """The attempt that ended before there was an address to look at."""
    internal = failure.reason is Reason.INTERNAL
    return Attempt(
        Outcome.UNKNOWN if internal else Outcome.FAILURE,
        course.started,
        course.duration,
        failure,
        phases=course.phases if course.begun else {},
    )
