"""How often each address may do something: buckets of tokens, of which there are only so many."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST = 10_000
"""Addresses that are remembered; the one not heard of for longest is forgotten first."""

_PREFIX = 64
"""The bits of an IPv6 address that tell one site from another (RFC 4291, section 2.5.4)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket of `burst` tokens, into which one more comes each `interval` seconds."""

    interval: float
    burst: int


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rates:
    """One bucket an address."""

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, address: str, limit: Limit, count: int = 1) -> float:
        """Take so many tokens, and give 0; or the seconds until there will be so many.

        What costs more than a full bucket is had for a full one. An interval of 0 is no limit.
        """
        if limit.interval <= 0:
            return 0.0
        bucket = self._filled(address, limit)
        wanted = min(count, limit.burst)
        if bucket.left < wanted:
            return (wanted - bucket.left) * limit.interval
        bucket.left -= wanted
        return 0.0

    def give_back(self, address: str, count: int = 1) -> None:
        """Put back what turned out not to be used."""
        if address in self._buckets:
            self._buckets[address].left += count

    def _filled(self, address: str, limit: Limit) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = self._buckets[address] = _Bucket(limit.burst, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(address)
        bucket.left = min(limit.burst, bucket.left + (now - bucket.at) / limit.interval)
        bucket.at = now
        return bucket


def site_of(address: str | None) -> str:
    """What stands for one caller: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _PREFIX), strict=False))
    return str(found)
