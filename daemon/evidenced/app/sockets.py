"""Sockets that the service manager holds for this process: the protocol of sd_listen_fds(3).

They stay open while the daemon is started anew: who connects meanwhile waits, and is not refused.
"""

import os
import socket
from collections.abc import MutableMapping

FIRST = 3
"""The number of the first descriptor that is handed over."""

_FAMILIES = (socket.AF_INET, socket.AF_INET6)


def inherited(environ: MutableMapping[str, str], first: int = FIRST) -> list[socket.socket]:
    """The sockets to listen on that were handed over to this process; mostly none.

    What tells of them is taken out of the environment, for it is for this process alone. Raises
    OSError, naming the socket, where one is nothing that HTTP can be served on.
    """
    for_whom = environ.pop("LISTEN_PID", "")
    count = environ.pop("LISTEN_FDS", "")
    names = environ.pop("LISTEN_FDNAMES", "").split(":")
    if for_whom != str(os.getpid()) or not count.isdecimal():
        return []
    numbers = range(first, first + int(count))
    for number in numbers:
        os.set_inheritable(number, False)
    sockets = [socket.socket(fileno=number) for number in numbers]
    for at, one in enumerate(sockets):
        if not _serves(one):
            name = names[at] if at < len(names) and names[at] else str(at)
            for each in sockets:
                each.close()
            raise OSError(f"the socket {name} was handed over, which is no listening one of TCP")
        one.setblocking(False)
    return sockets


def _serves(one: socket.socket) -> bool:
    return (
        one.family in _FAMILIES
        and one.type == socket.SOCK_STREAM
        and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
    )
