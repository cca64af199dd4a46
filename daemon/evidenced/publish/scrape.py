"""A scrape of a daemon, written piece by piece, so that the loop goes on meanwhile."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Any, TypeVar

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from evidenced.publish.exposition import LEVEL, accepts_gzip, encoder
from evidenced.publish.metrics_checks import CHECK_FAMILIES, check_labels, info_family, user_labels
from evidenced.publish.metrics_claims import CLAIM_FAMILIES, claim_labels
from evidenced.publish.metrics_drill import told_here, with_drills
from evidenced.publish.metrics_family import Family, labelled
from evidenced.publish.series import Series
from evidenced.watch.board import Board, CheckStatus

_PIECE = 128 * 1024
"""Characters that are written at once."""

_AT_ONCE = 64
"""Checks that are put into words before others have their turn: some two milliseconds."""

_AWAITED = 600.0
"""Seconds after a scrape in which another one is to be expected."""

_END = b"# EOF\n"

_ON_BEHALF = (hdrs.FORWARDED, hdrs.VIA, hdrs.X_FORWARDED_FOR)
"""By one of these a proxy says that it asks for somebody else, who may be far away."""

T = TypeVar("T")

Encode = Callable[[Any], bytes]
"""How a format writes out a registry."""


class Scrape:
    """What a scrape is answered with: checks and claims as the board has them, and the rest."""

    def __init__(self, board: Board, location: str | None, rest: CollectorRegistry) -> None:
        """Read this board; a location becomes a label on everything that has none of its own."""
        self._board = board
        self._name = location
        self._location = labelled(location)
        self._rest = rest
        self._plan: object = None
        self._asked = -_AWAITED
        self._checks = self._series((info_family(()), *CHECK_FAMILIES))
        self._claims = Series(
            CLAIM_FAMILIES,
            lambda claim: {**claim_labels(claim), **self._location},
            named=lambda claim: claim.item,
        )

    def saw(self, name: str) -> None:
        """Put a check into words now that it changed, so that the next scrape need not."""
        if time.monotonic() - self._asked < _AWAITED and self._plan is self._board.plan:
            status = self._board.checks.get(name)
            if status is not None:
                self._checks.see(name, status)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a scrape, in the format and the encoding that it asks for.

        What is long goes to the same host as it is: to pack it and to unpack it again would cost
        more than all else of a scrape.
        """
        encode, content_type = encoder(request.headers.get(hdrs.ACCEPT, ""))
        headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
        pieces = self.pieces(encode)
        first = await anext(pieces)
        packer = None
        if accepts_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, "")) and not (
            len(first) >= _PIECE and beside(request)
        ):
            headers["Content-Encoding"] = "gzip"
            packer = zlib.compressobj(LEVEL, wbits=31)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        if request.method == hdrs.METH_HEAD:
            return response
        piece: bytes | None = first
        while piece is not None:
            if packer is not None:
                piece = await asyncio.to_thread(packer.compress, piece)
            await response.write(piece)
            piece = await anext(pieces, None)
        if packer is not None:
            await response.write(packer.flush())
        return response

    async def pieces(self, encode: Encode) -> AsyncIterator[bytes]:
        """All of it, with an encoder of prometheus_client for what is not checks and claims.

        Samples of one subject may be newer in a later piece, as those of two scrapes would be.
        """
        self._asked = time.monotonic()
        await self._catch_up()
        gathered: list[bytes] = []
        size = 0
        for text in self._texts(encode):
            gathered.append(text)
            size += len(text)
            if size >= _PIECE:
                yield b"".join(gathered)
                gathered, size = [], 0
                await asyncio.sleep(0)
        yield b"".join(gathered)

    def _texts(self, encode: Encode) -> Iterator[bytes]:
        drills, now = told_here(self._board), time.time()
        both: tuple[Series[Any], ...] = (self._checks, self._claims)
        for series in both:
            for index, family in enumerate(series.families):
                (metric,) = with_drills([family.metric()], drills, now, self._location)
                told = bool(metric.samples)
                if told:
                    yield _encoded(encode, metric)
                for lines in series.lines(index):
                    if lines:
                        yield lines.encode() if told else _encoded(encode, metric) + lines.encode()
                        told = True
        yield encode(self._rest)

    async def _catch_up(self) -> None:
        """Put into words what changed and was not yet; forget what is gone."""
        checks, claims = self._board.own_checks, self._board.own_claims
        if self._plan is not self._board.plan:
            self._plan = self._board.plan
            families = (info_family(user_labels(checks.values())), *CHECK_FAMILIES)
            if families[0].labels != self._checks.families[0].labels:
                self._checks = self._series(families)
            self._checks.keep(checks)
            self._claims.keep(claims)
        await _seen(self._checks, checks)
        await _seen(self._claims, claims)

    def _series(self, families: Sequence[Family[CheckStatus]]) -> Series[CheckStatus]:
        return Series(
            families,
            lambda status: {
                **check_labels(status),
                **labelled(status.check.location or self._name),
            },
            named=lambda status: status.check,
            kind=lambda status: status.check.kind,
        )


async def _seen(series: Series[T], subjects: Mapping[str, T]) -> None:
    behind = series.behind(subjects)
    for some in range(0, len(behind), _AT_ONCE):
        for name in behind[some : some + _AT_ONCE]:
            if (subject := subjects.get(name)) is not None:
                series.see(name, subject)
        await asyncio.sleep(0)


def beside(request: web.BaseRequest) -> bool:
    """Whether who asks is on this host, and there is no way on which fewer bytes would help."""
    if any(name in request.headers for name in _ON_BEHALF):
        return False
    try:
        return ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


class _One:
    """A registry with one metric in it, as encoders want it."""

    def __init__(self, metric: Metric) -> None:
        self._metric = metric

    def collect(self) -> Iterable[Metric]:
        return (self._metric,)


def _encoded(encode: Encode, metric: Metric) -> bytes:
    """What a format says of a family before its samples, and the samples that it has already."""
    return encode(_One(metric)).removesuffix(_END)
