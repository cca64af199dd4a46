"""Bodies decompressed as a module says, a piece at a time and never more than asked for."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

import brotli

PIECE = 64 * 1024
"""The most bytes of one piece, so that a bomb goes off a little at a time."""


class CompressionError(Exception):
    """The body is not compressed as the module says."""


class Decompressor(Protocol):
    """Compressed bytes in, pieces of plain ones out."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that these bytes make; raises CompressionError."""

    def end(self) -> None:
        """See that nothing is missing; raises CompressionError."""


class _Zlib:
    """gzip, of one or more members, and raw deflate."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._inflate = zlib.decompressobj(bits)
        self._fed = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._fed = self._fed or bool(data)
        while data:
            if self._inflate.eof:
                if self._bits < 0:
                    return  # What follows a deflate stream is nobody's.
                self._inflate = zlib.decompressobj(self._bits)
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error:
                kind = "gzip" if self._bits > 0 else "deflate"
                raise CompressionError(f"corrupt {kind}") from None
            if piece:
                yield piece
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail

    def end(self) -> None:
        if not self._inflate.eof:
            raise CompressionError("unexpected end")


class _Brotli:
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._decompressor.process(data, output_buffer_limit=PIECE)
            while piece:
                yield piece
                piece = b""
                if not self._decompressor.can_accept_more_data():
                    piece = self._decompressor.process(b"", output_buffer_limit=PIECE)
        except brotli.error:
            raise CompressionError("corrupt brotli") from None

    def end(self) -> None:
        if not self._decompressor.is_finished():
            raise CompressionError("unexpected end")


class _Identity:
    """Nothing to be done."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def end(self) -> None:
        return


_KINDS: Mapping[str, Callable[[], Decompressor]] = MappingProxyType(
    {
        "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
        # Go's reader of "deflate" is one of raw deflate, and so is this.
        "deflate": lambda: _Zlib(-zlib.MAX_WBITS),
        "br": _Brotli,
        "identity": _Identity,
    }
)


def decompressor(compression: str | None) -> Decompressor:
    """What reads a body of this compression; as it is where that is None."""
    return _KINDS[compression or "identity"]()
