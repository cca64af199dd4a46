"""What a program leaves behind, found and killed.

A program is started as the leader of a session and group of its own, with a mark in its
environment. Whatever is in its group is killed at once. What moved to another group is found by
its session, what moved to another session by the mark. A process escapes only where it does both
and wiped its environment, or where it runs as another user whom the daemon may not signal.
"""

import os
import signal
from contextlib import suppress

from evidenced.probes.host.processes import PROC, Stat, pids, read_stat

MARK = "EVIDENCED_RUN"
"""The variable with the mark."""

_ROUNDS = 10
"""How often what is left is looked for at most: it may be starting more while it is killed."""


def kill_group(leader: int) -> None:
    """Kill all that is in a program's own group; its leader must not have been reaped yet."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_rest(leader: int, mark: str) -> None:
    """Find and kill what is left of a program, until there is nothing; reads all of /proc."""
    for _ in range(_ROUNDS):
        if sum(_kill(stat) for stat in _left(leader, mark)) == 0:
            return


def _left(leader: int, mark: str) -> list[Stat]:
    wanted = f"{MARK}={mark}".encode()
    stats = (stat for pid in pids() if pid != leader and (stat := read_stat(pid)))
    return [stat for stat in stats if stat.session == leader or wanted in _environment(stat.pid)]


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _kill(stat: Stat) -> bool:
    """Kill a process, and say whether it was there to be killed."""
    if stat.state == "Z":
        # Where the daemon is the first process of a container, orphans become its own children.
        if stat.parent == os.getpid():
            with suppress(ChildProcessError):
                os.waitpid(stat.pid, os.WNOHANG)
        return False
    try:
        handle = os.pidfd_open(stat.pid)
    except OSError:
        return False
    try:
        # Its number may have gone to another process since it was found.
        again = read_stat(stat.pid)
        if again is None or again.started != stat.started:
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
