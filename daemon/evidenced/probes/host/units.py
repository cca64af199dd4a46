"""The state of systemd's units, as org.freedesktop.systemd1 has it on D-Bus.

Interface: the manual page org.freedesktop.systemd1(5).
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from dbus_fast import Message

from evidenced.probes.host.bus import Bus, BusError

_SYSTEMD = "org.freedesktop.systemd1"
_MANAGER = "/org/freedesktop/systemd1"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_WITH_RESULT = frozenset(
    {"automount", "mount", "path", "scope", "service", "socket", "swap", "timer"}
)
"""Types of units that have a result."""
_NO_FILE = frozenset({"org.freedesktop.DBus.Error.FileNotFound", f"{_SYSTEMD}.NoSuchUnit"})
_MICROSECONDS = 1_000_000
_KEPT = 1000
"""Restarts that are remembered of one unit, which is the most that a check may allow."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit as it is now.

    `load`, `active`, `sub`, `enabled` and `result` are systemd's own words, "" where it has none.
    `since` is when it last became active, in Unix time, and `restarts` how often systemd restarted
    it by itself since it was last started by hand; None where the unit has no such thing.
    """

    name: str
    load: str
    active: str
    sub: str
    enabled: str = ""
    result: str = ""
    since: float | None = None
    restarts: int | None = None

    @property
    def kind(self) -> str:
        """The type of the unit: what stands after the last dot of its name."""
        return self.name.rpartition(".")[2]


class Units:
    """The units of this host, and the restarts that were seen of them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._restarts: dict[str, Restarts] = {}

    async def unit(self, name: str) -> Unit:
        """A unit as it is now; one that does not exist has load `not-found`.

        Raises OSError where there is no bus, BusError where systemd does not answer on it.
        """
        ((row,),) = await self._manager("ListUnitsByNames", "as", [[name]])
        load, active, sub, path = row[2], row[3], row[4], row[6]
        if load == "not-found":
            return Unit(name, load, active, sub)
        kind = name.rpartition(".")[2]
        enabled, entered, result, restarts = await asyncio.gather(
            self._enabled(name),
            self._get(path, "Unit", "ActiveEnterTimestamp"),
            self._of_type(path, kind, "Result", _WITH_RESULT),
            self._of_type(path, kind, "NRestarts", frozenset({"service"})),
        )
        since = entered / _MICROSECONDS if entered else None
        if restarts is not None:
            age = time.time() - since if since else None
            self._restarts.setdefault(name, Restarts()).see(restarts, time.monotonic(), age)
        return Unit(name, load, active, sub, enabled, result or "", since, restarts)

    def restarted(self, name: str, within: float) -> int:
        """How often the unit was seen to be restarted in the last so many seconds."""
        seen = self._restarts.get(name)
        return seen.since(time.monotonic() - within) if seen else 0

    async def _manager(self, member: str, signature: str, body: list[Any]) -> list[Any]:
        return await self._bus.call(
            Message(
                destination=_SYSTEMD,
                path=_MANAGER,
                interface=f"{_SYSTEMD}.Manager",
                member=member,
                signature=signature,
                body=body,
            )
        )

    async def _enabled(self, name: str) -> str:
        """What the files on disk say now; the unit's own property is a copy that may be old."""
        try:
            (state,) = await self._manager("GetUnitFileState", "s", [name])
        except BusError as error:
            if error.name in _NO_FILE:  # A unit without a file, such as one made at run time.
                return ""
            raise
        return str(state)

    async def _of_type(self, path: str, kind: str, name: str, kinds: frozenset[str]) -> Any:  # noqa: ANN401  what D-Bus gives
        return await self._get(path, kind.capitalize(), name) if kind in kinds else None

    async def _get(self, path: str, interface: str, name: str) -> Any:  # noqa: ANN401  what D-Bus gives
        (variant,) = await self._bus.call(
            Message(
                destination=_SYSTEMD,
                path=path,
                interface=_PROPERTIES,
                member="Get",
                signature="ss",
                body=[f"{_SYSTEMD}.{interface}", name],
            )
        )
        return variant.value


class Restarts:
    """The restarts of one service that were seen, from what its counter was each time."""

    def __init__(self) -> None:
        self._counter: int | None = None
        self._seen: deque[tuple[float, int]] = deque(maxlen=_KEPT)

    def see(self, counter: int, now: float, age: float | None) -> None:
        """Note the counter. One that is smaller than before began anew: it was started by hand.

        Of what it counted before it was first seen only the last has a time: the service became
        active `age` seconds ago, where it did.
        """
        if self._counter is None:
            if counter and age is not None:
                self._seen.append((now - age, 1))
        elif counter != self._counter:
            more = counter - self._counter if counter > self._counter else counter
            if more:
                self._seen.append((now, more))
        self._counter = counter

    def since(self, earliest: float) -> int:
        """How many were seen since then."""
        return sum(count for when, count in self._seen if when >= earliest)
