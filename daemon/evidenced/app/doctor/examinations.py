"""All examinations, made at the same time, each within its deadline."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from evidenced.app.doctor import (
    alertmanager,
    certificates,
    clock,
    configuration,
    grafana,
    hardening,
    ledger,
    names,
    port,
    prometheus,
    store,
)
from evidenced.app.doctor.finding import Finding, not_looked_at
from evidenced.app.doctor.subject import Subject

DEADLINE = 9.0
"""Seconds after which an examination is given up."""

Examine = Callable[[Subject], Awaitable[tuple[Finding, ...]]]

EXAMINATIONS: tuple[tuple[str, Examine], ...] = (
    ("config", configuration.examine),
    ("ledger", ledger.examine),
    ("store", store.examine),
    ("port", port.examine),
    ("time", clock.examine),
    ("dns", names.examine),
    ("certificates", certificates.examine),
    ("prometheus", prometheus.examine),
    ("alertmanager", alertmanager.examine),
    ("grafana", grafana.examine),
    ("unit", hardening.examine),
)
"""Each by its name, in the order in which findings are shown."""

Examined = tuple[tuple[str, tuple[Finding, ...]], ...]


async def examined(
    subject: Subject,
    examinations: tuple[tuple[str, Examine], ...] = EXAMINATIONS,
    deadline: float = DEADLINE,
) -> Examined:
    """The findings of all examinations; one that fails or takes too long spoils no other."""
    made = [_one(name, examine, subject, deadline) for name, examine in examinations]
    found = await asyncio.gather(*made)
    return tuple((name, one) for (name, _), one in zip(examinations, found, strict=True))


async def _one(
    name: str, examine: Examine, subject: Subject, deadline: float
) -> tuple[Finding, ...]:
    try:
        async with asyncio.timeout(deadline):
            return await examine(subject)
    except TimeoutError:
        return (not_looked_at(f"looking took longer than {deadline:g} s", "try again"),)
    except Exception as error:  # noqa: BLE001  one examination must not hide what the others found
        structlog.get_logger().debug("an examination failed", examination=name, exc_info=True)
        return (not_looked_at(f"looking failed in an unforeseen way: {type(error).__name__}"),)
