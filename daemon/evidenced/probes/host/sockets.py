"""The sockets that listen on this host, read from /proc/net.

Format: proc(5), /proc/net/tcp; the words of an address are in the order of the machine's bytes.
"""

import os
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from evidenced.probes.host.processes import PROC, pids, read_stat

_LISTENS = "0A"
"""TCP_LISTEN of the kernel's tcp_states.h."""
_UNCONNECTED = "07"
"""TCP_CLOSE, which is what an unconnected UDP socket is in."""
_STATES = {"tcp": _LISTENS, "udp": _UNCONNECTED}
_SOCKET = re.compile(r"socket:\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that takes what comes to an address and port; `inode` is the kernel's name of it."""

    protocol: str
    address: IPv4Address | IPv6Address
    port: int
    inode: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{host}:{self.port}"


def listeners() -> tuple[Listener, ...]:
    """All sockets that listen, of TCP and of UDP, in the daemon's own network namespace."""
    return tuple(
        listener
        for protocol in _STATES
        for family in ("", "6")
        for listener in _read(protocol, PROC / "thread-self" / "net" / f"{protocol}{family}")
    )


def _read(protocol: str, table: Path) -> Iterator[Listener]:
    try:
        lines = table.read_text("ascii").splitlines()[1:]
    except FileNotFoundError:  # A kernel without IPv6 has no table of it.
        return
    for line in lines:
        fields = line.split()
        if fields[3] == _STATES[protocol]:
            address, _, port = fields[1].partition(":")
            yield Listener(protocol, _address(address), int(port, 16), int(fields[9]))


def _address(text: str) -> IPv4Address | IPv6Address:
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    return ip_address(struct.pack(f"={len(words)}I", *words))


def owners(inodes: Iterable[int]) -> dict[int, str]:
    """The names of the processes that hold these sockets, as far as they may be seen. Blocks."""
    wanted, found = set(inodes), dict[int, str]()
    for pid in pids():
        if wanted <= found.keys():
            break
        for inode in _held(pid):
            if inode in wanted and (stat := read_stat(pid)) is not None:
                found.setdefault(inode, stat.name)
    return found


def _held(pid: int) -> Iterator[int]:
    folder = PROC / str(pid) / "fd"
    try:
        names = os.listdir(folder)  # noqa: PTH208  there are thousands of them
    except OSError:
        return
    for name in names:
        try:
            target = os.readlink(f"{folder}/{name}")  # noqa: PTH115  as above
        except OSError:
            continue
        if held := _SOCKET.fullmatch(target):
            yield int(held[1])
