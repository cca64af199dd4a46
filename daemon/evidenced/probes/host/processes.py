"""The processes of this host, read from /proc.

Formats: proc(5), /proc/pid/stat, /proc/pid/cmdline, /proc/pid/statm, /proc/uptime.
"""

import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
NAME_LIMIT = 15
"""Characters of a process's name that the kernel keeps (TASK_COMM_LEN less the zero at its end)."""

# Positions in /proc/pid/stat, counted from the state, which follows the name in parentheses.
_STATE, _PARENT, _GROUP, _SESSION, _STARTED = 0, 1, 2, 3, 19


@dataclass(frozen=True, slots=True)
class Stat:
    """What /proc/pid/stat says of a process; `started` is in clock ticks since the boot."""

    pid: int
    name: str
    state: str
    parent: int
    group: int
    session: int
    started: int


@dataclass(frozen=True, slots=True)
class Process:
    """A process that is alive; `age` in seconds, `memory` is what is resident, in bytes."""

    pid: int
    name: str
    arguments: tuple[str, ...]
    user: int
    age: float
    memory: int

    @property
    def command(self) -> str:
        """The command line, its arguments parted by spaces."""
        return " ".join(self.arguments)

    def is_called(self, name: str) -> bool:
        """Whether this is its name: the kernel's, or the file name of what was started.

        The kernel cuts names to 15 characters, so a longer one is looked for in the command line:
        as the program, or as the script that an interpreter was given.
        """
        if self.name == name:
            return True
        files = [argument.rpartition("/")[2] for argument in self.arguments[:2]]
        return files[:1] == [name] or (self.name == name[:NAME_LIMIT] and name in files)


def read_stat(pid: int) -> Stat | None:
    """What the kernel says of a process, or None where it is gone or hidden."""
    try:
        text = (PROC / str(pid) / "stat").read_bytes().decode(errors="replace")
    except OSError:
        return None
    # The name may hold spaces and parentheses; no other field does.
    before, _, after = text.rpartition(")")
    fields = after.split()
    return Stat(
        pid=pid,
        name=before.partition("(")[2],
        state=fields[_STATE],
        parent=int(fields[_PARENT]),
        group=int(fields[_GROUP]),
        session=int(fields[_SESSION]),
        started=int(fields[_STARTED]),
    )


def pids() -> Iterator[int]:
    """The numbers of all processes that can be seen."""
    with os.scandir(PROC) as entries:
        for entry in entries:
            if entry.name.isdecimal():
                yield int(entry.name)


def others_are_hidden() -> bool:
    """Whether /proc shows only one's own processes (hidepid=, or ProtectProc= of a unit)."""
    return read_stat(1) is None


def processes() -> tuple[Process, ...]:
    """All processes but the caller's own; those that have ended and await their parent are none."""
    uptime = float((PROC / "uptime").read_text("ascii").split()[0])
    ticks, page, own = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE"), os.getpid()
    found = []
    for pid in pids():
        stat = read_stat(pid)
        if stat is None or stat.state in "ZX" or pid == own:
            continue
        try:
            arguments = (PROC / str(pid) / "cmdline").read_bytes()
            memory = int((PROC / str(pid) / "statm").read_text("ascii").split()[1]) * page
            user = (PROC / str(pid)).stat().st_uid
        except (OSError, IndexError):
            continue
        age = max(uptime - stat.started / ticks, 0.0)
        found.append(Process(pid, stat.name, _split(arguments), user, age, memory))
    return tuple(found)


def _split(arguments: bytes) -> tuple[str, ...]:
    text = arguments.decode(errors="replace").rstrip("\0")
    return tuple(text.split("\0")) if text else ()


def user_number(name: str) -> int | None:
    """The number of a user by name, or by itself; None where there is no such user. Blocks."""
    if name.isdecimal():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None
