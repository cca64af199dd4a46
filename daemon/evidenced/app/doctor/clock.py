"""Whether this host's clock is right: by what keeps it, and by the clocks of targets."""

import asyncio
import time
from email.utils import parsedate_to_datetime
from statistics import median

import aiohttp
from aiohttp import hdrs
from dbus_fast import Message

from evidenced.app.doctor.endpoints import endpoints
from evidenced.app.doctor.finding import Finding, not_looked_at, ok, warning
from evidenced.app.doctor.subject import Subject
from evidenced.config.tls import TlsSettings
from evidenced.config.types import format_duration
from evidenced.config.words import counted
from evidenced.probes.address import Address
from evidenced.probes.course import Course
from evidenced.probes.host.bus import Bus, BusError
from evidenced.probes.resources import Resources
from evidenced.probes.trust import TrustError

PATIENCE = 4.0
"""Seconds in which the bus or a target must answer."""

MOST = 5
"""Targets of which the clock is asked."""

SKEW = 5.0
"""Seconds by which the clock may differ: a Date has whole seconds and is as old as the way is
long."""

_TIMEDATE = "org.freedesktop.timedate1"
_MEND = "`timedatectl set-ntp true`, or run chrony; see `timedatectl timesync-status`"


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """What timedated says of the clock, and how far it is from those of targets."""
    return await asyncio.gather(_kept(), _compared(subject))


async def _kept() -> Finding:
    bus = Bus()
    try:
        async with asyncio.timeout(PATIENCE):
            synchronized = await _synchronized(bus)
    except (OSError, BusError, ValueError) as error:  # a TimeoutError is an OSError
        said = type(error).__name__
        return not_looked_at(f"what keeps the clock: systemd-timedated does not say ({said})")
    finally:
        await bus.close()
    if synchronized:
        return ok("the clock is kept by NTP")
    return warning("the clock is not synchronized by NTP", _MEND)


async def _synchronized(bus: Bus) -> bool:
    """The property NTPSynchronized (org.freedesktop.timedate1(5))."""
    (variant,) = await bus.call(
        Message(
            destination=_TIMEDATE,
            path="/org/freedesktop/timedate1",
            interface="org.freedesktop.DBus.Properties",
            member="Get",
            signature="ss",
            body=[_TIMEDATE, "NTPSynchronized"],
        )
    )
    return bool(variant.value)


async def _compared(subject: Subject) -> Finding:
    checks = subject.loaded.plan.checks if subject.loaded else ()
    sites: dict[tuple[str, str, int], tuple[Address, TlsSettings | None]] = {}
    for one in endpoints(checks):
        if one.address is not None:
            sites.setdefault(one.address.origin, (one.address, one.tls))
    asked = [_ahead(*site, subject.resources) for site in list(sites.values())[:MOST]]
    ahead = [seconds for seconds in await asyncio.gather(*asked) if seconds is not None]
    if not ahead:
        return not_looked_at("the clocks of targets: none of them tells the time over HTTP")
    skew = median(ahead)
    if abs(skew) < SKEW:
        return ok(f"the clock agrees with that of {counted(len(ahead), 'target')}")
    which = "ahead of" if skew > 0 else "behind"
    what = f"the clock is {format_duration(float(round(abs(skew))))} {which} those of targets"
    return warning(what, _MEND)


async def _ahead(address: Address, tls: TlsSettings | None, resources: Resources) -> float | None:
    """Seconds by which our clock is ahead of the one of a site; None where that is not known.

    The site's Date (RFC 9110, section 6.6.1) is held against the middle of the exchange.
    """
    try:
        async with asyncio.timeout(PATIENCE), resources.session(keep=False) as session:
            context = await resources.trust(tls or TlsSettings())
            name = tls.server_name if tls else None
            began, clock = time.time(), time.monotonic()
            url = address.url().origin()
            with Course():
                async with session.head(
                    url, allow_redirects=False, ssl=context, server_hostname=name
                ) as response:
                    middle = began + (time.monotonic() - clock) / 2
                    date = parsedate_to_datetime(response.headers[hdrs.DATE])
    except (aiohttp.ClientError, OSError, ValueError, KeyError, TrustError):
        return None
    # A Date is cut to the second: in the middle of it is the best guess.
    return middle - (date.timestamp() + 0.5)
