"""The look at one Unix socket: does it take connections, and does it answer as it should."""

import os

from evidenced.config.kinds.unix import UnixSettings
from evidenced.probes.attempt import Attempt, Failure, Reason
from evidenced.probes.course import Phase
from evidenced.probes.look import LookError
from evidenced.probes.resources import Resources
from evidenced.probes.stream import Local, connect_local
from evidenced.probes.talk import Conversation

_LONGEST = 107
"""Bytes of a socket's path (unix(7))."""


class _Unix(Conversation):
    def __init__(self, settings: UnixSettings, resources: Resources) -> None:
        super().__init__(Local(str(settings.path)), settings, resources)

    async def run(self) -> None:
        """Connect and talk."""
        path = self.peer.peer
        if len(os.fsencode(path)) > _LONGEST:
            detail = "the path is longer than that of a socket can be"
            raise LookError(Reason.INTERNAL, detail)
        await self.talk(await connect_local(path))

    def failure_of(self, error: Exception) -> Failure | None:
        """What the file system says in the way means a failure too."""
        path = self.peer.peer
        if self.course.phase is Phase.CONNECT:
            match error:
                case FileNotFoundError() | NotADirectoryError():
                    return LookError(Reason.CONNECT, f"no socket at {path}").failure
                case PermissionError():
                    detail = f"no permission to connect to {path}: let the daemon's user write it"
                    return LookError(Reason.INTERNAL, detail).failure
                case BlockingIOError():
                    detail = f"{path} takes no more connections: its queue is full"
                    return LookError(Reason.CONNECT, detail).failure
        return super().failure_of(error)


async def probe(settings: UnixSettings, timeout: float, resources: Resources) -> Attempt:
    """Open a connection to a Unix socket, with a dialogue where it is asked for; see `Probe`.

    Facts: `ssl`, and what `certificate_facts` tells. Judgements: those of kind `tcp`.
    """
    return await _Unix(settings, resources).take(timeout)
