"""Bytes of a ledger file to text, whatever wrote them."""

import codecs
import re
from types import MappingProxyType

from evidenced.ledger.model import Finding
from evidenced.ledger.mojibake import repair

NOT_UTF8 = "not-utf8"
"""The rule of the finding for a file that holds bytes which are not UTF-8."""

_NEWLINE = re.compile(r"\r\n?|\n")
_ESCAPED = re.compile(r"[\udc80-\udcff]")
_WINDOWS = MappingProxyType(
    {
        0xDC00 + byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte)
        for byte in range(0x80, 0x100)
    }
)
"""What surrogateescape makes of a stray byte, and the character that it is in Windows-1252."""


def decode(data: bytes) -> tuple[str, tuple[Finding, ...]]:
    """The text of a ledger file, without byte order mark, and what was wrong with its encoding.

    UTF-8 is expected. Bytes that are not UTF-8 are read as Windows-1252, each by itself, so that
    one of them does not spoil the rest; a UTF-16 byte order mark is honoured; mojibake is repaired
    (see `repair`). Lines stay what they are: no line break is added, lost or changed. Never raises.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace"), ()
    text = data.decode("utf-8", "surrogateescape")
    findings: tuple[Finding, ...] = ()
    stray = _ESCAPED.search(text)
    if stray:
        line = line_of(text, stray.start())
        findings = (Finding(NOT_UTF8, line, "bytes that are not UTF-8 are read as Windows-1252"),)
        text = text.translate(_WINDOWS)
    text, repaired = repair(text)
    return text.removeprefix("\ufeff"), findings + repaired


def line_of(text: str, offset: int) -> int:
    r"""The 1-based line on which a character stands.

    Lines end at \n, \r\n or \r, as CommonMark has it, and at nothing else.
    """
    return 1 + sum(1 for _ in _NEWLINE.finditer(text, 0, offset))
