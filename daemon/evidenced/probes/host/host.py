"""What looks at the host share: one walk through /proc, one connection to D-Bus, some threads."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from evidenced.probes.host.bus import Bus
from evidenced.probes.host.child import Children
from evidenced.probes.host.processes import others_are_hidden, processes
from evidenced.probes.host.shared import Shared
from evidenced.probes.host.sockets import listeners
from evidenced.probes.host.units import Units
from evidenced.probes.threads import Workers

_READERS = 16
"""Threads that read files: so many may hang on a dead file system before the others wait."""

T = TypeVar("T")


class Host:
    """What one daemon knows of the host; to be made inside its event loop and closed at its end."""

    def __init__(self) -> None:
        self._bus = Bus()
        self._readers = Workers(_READERS)
        self.children = Children()
        self.units = Units(self._bus)
        self.processes = Shared(lambda: None if others_are_hidden() else processes())
        self.listeners = Shared(listeners)

    async def read(self, call: Callable[[], T]) -> T:
        """What a call that reads files returns, made in a thread."""
        return await self._readers.run(call)

    async def close(self) -> None:
        """Let go of everything; what was started is killed and gone."""
        await asyncio.gather(
            self.children.close(),
            self.processes.close(),
            self.listeners.close(),
            self._bus.close(),
        )
