"""Name resolution by the system's resolver, which blocks, without being blocked by it."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from evidenced.probes.threads import in_thread

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""What `socket.getaddrinfo` gives for each address."""

Lookup = Callable[..., Sequence[AddressInfo]]
"""A function with the signature of `socket.getaddrinfo`."""


class Resolver(AbstractResolver):
    """Names to addresses, each lookup in a thread of its own and nothing remembered.

    Probes that ask for a name while it is being looked up share that lookup, so a name whose
    resolution hangs holds one thread however many checks ask for it, and delays no other name.
    """

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        self._lookup = lookup
        self._under_way: dict[tuple[str, int, int], asyncio.Future[Sequence[AddressInfo]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host; raises OSError (socket.gaierror) where there are none."""
        key = (host, port, family)
        lookup = self._under_way.get(key)
        if lookup is None:
            lookup = self._under_way[key] = in_thread(partial(self._look_up, host, port, family))
            lookup.add_done_callback(lambda _: self._under_way.pop(key, None))
        return [
            ResolveResult(
                hostname=host,
                host=_numeric(address),
                port=address[1],
                family=found,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found, _, proto, _, address in await asyncio.shield(lookup)
        ]

    async def close(self) -> None:
        """Nothing to do: a lookup under way ends by itself, and nobody waits for it."""

    def _look_up(self, host: str, port: int, family: int) -> Sequence[AddressInfo]:
        # A family that this host has no address of is left out, unless it is asked for.
        flags = 0 if family else socket.AI_ADDRCONFIG
        try:
            return self._lookup(host, port, family, type=socket.SOCK_STREAM, flags=flags)
        except ValueError:
            # What the IDNA codec refuses, such as a label of more than 63 letters, is no name.
            raise socket.gaierror(socket.EAI_NONAME, "not a host name") from None


def _numeric(address: tuple[Any, ...]) -> str:
    host: str = address[0]
    scope = address[3] if len(address) > 3 else 0
    # A link-local address means nothing without the interface that it is local to.
    return f"{host}%{scope}" if scope and "%" not in host else host
