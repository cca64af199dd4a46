"""Repair of UTF-8 that was once read as Mac Roman, Windows-1252 or Latin-1 and saved again.

Each byte of a multi-byte UTF-8 sequence is then a character of its own beyond ASCII. A run of such
characters is turned back into bytes and read as UTF-8, strictly; where that succeeds, the run may
be mojibake. It may also be honest text by chance ("é »" with a no-break space is a valid sequence
for one Chinese character), so nothing is repaired without evidence: see `_Evidence`.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from evidenced.ledger.model import Finding

MOJIBAKE = "mojibake"
"""The rule of the finding for text that was repaired."""

_LINE_BREAK = re.compile(r"\r\n?|\n")


def repair(text: str) -> tuple[str, tuple[Finding, ...]]:
    """The text with its mojibake undone, and a finding on the first line where there was any.

    Text that is no mojibake comes back as it is, be it in the same file or even on the same line.
    Line breaks are never touched.
    """
    if text.isascii():
        return text, ()
    breaks = [match.end() for match in _LINE_BREAK.finditer(text)]
    codec, changes = max(
        ((codec, _changes(text, codec, breaks)) for codec in _CODECS),
        key=lambda found: sum(change.end - change.start for change in found[1]),
    )
    if not changes:
        return text, ()
    pieces, at = [], 0
    for change in changes:
        pieces += [text[at : change.start], change.text]
        at = change.end
    line = bisect_right(breaks, changes[0].start) + 1
    message = f"UTF-8 was once read as {codec.name} and saved again; it is read as what it was"
    return "".join((*pieces, text[at:])), (Finding(MOJIBAKE, line, message),)


class _Evidence(IntEnum):
    """What a run that reads as UTF-8 says of the text that it stands in."""

    NONE = 0
    """One letter, of whatever script: may be chance."""
    ACCENT = 1
    """One letter or sign of Latin-1: good where nothing speaks against it."""
    STRONG = 2
    """An arrow, a tick, an emoji, two letters of one script: never seen by chance."""


@dataclass(frozen=True, slots=True)
class _Codec:
    """A single-byte encoding that UTF-8 gets mistaken for."""

    name: str
    table: Mapping[int, int]
    """Code point of a character to the byte that it stands for; others give U+FFFD."""
    runs: re.Pattern[str]

    def bytes_of(self, run: str) -> bytes:
        return run.translate(self.table).encode("latin-1")


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring characters beyond ASCII; `decoded` is None where they are no UTF-8."""

    start: int
    end: int
    line: int
    raw: bytes
    decoded: str | None
    evidence: _Evidence


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    text: str


def _codec(name: str, characters: Iterable[str]) -> _Codec:
    table = {ord(character): byte for byte, character in enumerate(characters, 0x80)}
    return _Codec(name, table, re.compile("[" + re.escape("".join(map(chr, table))) + "]+"))


def _windows() -> _Codec:
    """Windows-1252 over Latin-1: the control characters fill what the former leaves undefined."""
    codec = _codec("Windows-1252 or Latin-1", (chr(byte) for byte in range(0x80, 0x100)))
    table = dict(codec.table)
    for byte in range(0x80, 0xA0):
        character = bytes([byte]).decode("cp1252", "ignore")
        if character:
            table[ord(character)] = byte
    return _Codec(codec.name, table, re.compile("[" + re.escape("".join(map(chr, table))) + "]+"))


_CODECS = (_codec("Mac Roman", bytes(range(0x80, 0x100)).decode("mac_roman")), _windows())

_SIGN = re.compile(
    "[\u2010-\u205e\u20a0-\u20bf\u2190-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3000-\u303f\ufe0f\ufeff\U0001f000-\U0001faff]"
)
"""Punctuation, currency, arrows, technical signs, dingbats, emoji."""

_SIGN_BYTES = re.compile(
    rb"\xe2(?:\x80[\x90-\xbf]|\x82[\xa0-\xbf]|\x86[\x90-\xbf]|[\x87-\x8f\x94-\x9e\xac-\xaf][\x80-\xbf])"
    rb"|\xef\xb8\x8f|\xf0\x9f[\x80-\xab][\x80-\xbf]"
)
"""The same signs as bytes, to find them in a run that is not mojibake as a whole."""


def _changes(text: str, codec: _Codec, breaks: list[int]) -> list[_Change]:
    runs = [_run(match, codec, breaks) for match in codec.runs.finditer(text)]
    if not any(run.evidence for run in runs):
        return []
    contradicted = {run.line for run in runs if run.decoded is None}
    witnessed = {run.line for run in runs if run.evidence}
    scripts = {
        _script(character)
        for run in runs
        if run.decoded and run.evidence is _Evidence.STRONG
        for character in run.decoded
        if character.isalpha()
    }
    strong = sum(run.evidence is _Evidence.STRONG for run in runs)
    everywhere = not contradicted and strong > 1
    changes: list[_Change] = []
    for run in runs:
        if run.decoded is None:
            changes += _signs(run)
        elif (
            everywhere
            or run.evidence is _Evidence.STRONG
            or (
                run.line not in contradicted
                and (run.line in witnessed or not contradicted)
                and _plausible(run.decoded, scripts)
            )
        ):
            changes.append(_Change(run.start, run.end, run.decoded))
    return changes


def _run(match: re.Match[str], codec: _Codec, breaks: list[int]) -> _Run:
    raw = codec.bytes_of(match[0])
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError:
        decoded = None
    line = bisect_right(breaks, match.start())
    return _Run(match.start(), match.end(), line, raw, decoded, _evidence(raw, decoded))


def _evidence(raw: bytes, decoded: str | None) -> _Evidence:
    if decoded is None:
        return _Evidence.STRONG if _SIGN_BYTES.search(raw) else _Evidence.NONE
    if _SIGN.search(decoded):
        return _Evidence.STRONG
    scripts = [_script(character) for character in decoded if character.isalpha()]
    if len(scripts) > len(set(scripts)):
        return _Evidence.STRONG
    if all("\xa0" <= character <= "\xff" for character in decoded):
        return _Evidence.ACCENT
    return _Evidence.NONE


def _plausible(decoded: str, scripts: set[str]) -> bool:
    """Whether each character is one that a ledger may well hold, or of a script seen in words."""
    return all(
        "\xa0" <= character <= "\u024f"
        or "\u0370" <= character <= "\u045f"
        or "\u1e00" <= character <= "\u1fff"
        or _script(character) in scripts
        for character in decoded
    )


def _script(character: str) -> str:
    """The first word of the character's name, which is its script where it is a letter."""
    return unicodedata.name(character, "").partition(" ")[0]


def _signs(run: _Run) -> list[_Change]:
    """The signs in a run that holds honest characters as well; a byte is one character."""
    return [
        _Change(run.start + match.start(), run.start + match.end(), match[0].decode("utf-8"))
        for match in _SIGN_BYTES.finditer(run.raw)
    ]
