"""A look at an interface that is asked by HTTP and answers in JSON, in the frame of `Look`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

import aiohttp

from evidenced import __version__
from evidenced.config.kinds.stream import StreamExpect
from evidenced.config.tls import TlsSettings
from evidenced.probes.address import Address
from evidenced.probes.attempt import Failure, Reason
from evidenced.probes.course import Phase
from evidenced.probes.expectations.compare import MISSING
from evidenced.probes.look import Look, LookError
from evidenced.probes.resources import Resources
from evidenced.probes.stream import Local
from evidenced.probes.trouble import failure_of

LIMIT = 4 * 1024 * 1024
"""Bytes of an answer that are read; more is a failure."""

_READ_APART = 64 * 1024
"""Bytes of JSON above which it is read in a thread, so that no other check has to wait."""

_AT_ONCE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, its headers (in any case), and its JSON or MISSING."""

    status: int
    headers: Mapping[str, str]
    document: object

    def at(self, *keys: str) -> object:
        """The value under these keys, one below the other; MISSING where there is none."""
        return at(self.document, *keys)


def at(document: object, *keys: str) -> object:
    """The value under these keys of mappings, one below the other; MISSING where there is none."""
    for key in keys:
        document = document.get(key, MISSING) if isinstance(document, Mapping) else MISSING
    return document


class ApiLook(Look):
    """A look that asks an interface by its base address."""

    def __init__(
        self, base: str, tls: TlsSettings, resources: Resources, latency: float | None = None
    ) -> None:
        super().__init__(Local(base), StreamExpect.model_construct(latency=latency))
        self._base = base
        self._tls = tls
        self._resources = resources

    async def prepare(self) -> None:
        """Read the address, and the authorities to trust."""
        try:
            self.address = Address.parse(self._base)
        except ValueError as error:
            raise LookError(Reason.INTERNAL, f"nothing that can be asked: {error}") from None
        self.peer = self.address
        if self.address.scheme == "https":
            await self._resources.trust(self._tls)

    def failure_of(self, error: Exception) -> Failure | None:
        """What HTTP adds to the failures of a connection."""
        if isinstance(error, LookError):
            return error.failure
        return failure_of(error, self.course, self.address) or super().failure_of(error)

    def under(self, path: str, query: Mapping[str, str] | None = None) -> Address:
        """The address of a path below the base; the path begins with / and is sent as it stands."""
        target = self.address.path.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        return replace(self.address, target=target, user="", fragment="")

    async def get(self, address: Address, headers: Mapping[str, str]) -> Reply:
        """Ask once, without following redirects; raises what `failure_of` knows, and LookError."""
        secure = address.scheme == "https"
        async with self._resources.session(keep=False) as session:
            response = await session.get(
                address.url(),
                headers={"User-Agent": f"evidenced/{__version__}", **headers},
                allow_redirects=False,
                ssl=await self._resources.trust(self._tls) if secure else True,
                server_hostname=self._tls.server_name,
            )
            try:
                self.course.enter(Phase.TRANSFER)
                body = await self._read(response)
            finally:
                response.close()
        reading = partial(_document, body)
        apart = len(body) > _READ_APART
        document = await self._resources.apart(reading) if apart else reading()
        return Reply(response.status, response.headers, document)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        while chunk := await response.content.read(_AT_ONCE):
            body += chunk
            if len(body) > LIMIT:
                detail = f"{self.peer.peer} answers with more than {LIMIT // 1024**2} MiB"
                raise LookError(Reason.TOO_LARGE, detail)
        return bytes(body)


def _document(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return MISSING
