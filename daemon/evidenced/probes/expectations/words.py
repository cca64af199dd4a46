"""Whole words in a text of any script.

Word boundaries follow the idea of Unicode Standard Annex 29 (rules WB4 to WB13) as far as it
serves to answer one question: does this text stand in that one as words of its own, or as part of
longer ones? "0 items" does not stand in "10 items", nor "αγορά" in "αγοράζω".
"""

import unicodedata
from bisect import bisect_right

_SPACELESS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x312F),  # CJK radicals, kana, bopomofo
    (0x31A0, 0x4DBF),  # bopomofo and kana extensions, ideographs
    (0x4E00, 0x9FFF),  # ideographs
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFF66, 0xFF9F),  # half-width kana
    (0x1B000, 0x1B16F),  # historic kana
    (0x20000, 0x3FFFF),  # ideographs
)
"""Scripts written without spaces, in order of their code points.

Where one of their words ends only a dictionary knows, so each of their letters may begin or end
one: 番茄 stands in 有机番茄.
"""

_STARTS = tuple(start for start, _ in _SPACELESS)
_SEPARATORS = frozenset("\u200b\ufeff")
"""Format characters that part words: the zero-width space and the byte order mark."""

_IN_NUMBERS = frozenset(".,'’٫٬")
"""What may stand between the digits of one number."""


def has_words(text: str, words: str, *, open_end: bool = False) -> bool:
    """Whether `words` stands in `text`, not as part of longer words or numbers.

    `open_end` says that the text was cut off: what touches its end may go on, and does not count.
    """
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        cut = open_end and end == len(text)
        if (
            not cut
            and not _goes_on_before(text, at, words)
            and not _goes_on_after(text, end, words)
        ):
            return True
        at = text.find(words, at + 1)
    return False


def _goes_on_before(text: str, at: int, words: str) -> bool:
    before = _neighbour(text, at - 1, -1)
    if words[:1].isdecimal() and before in _IN_NUMBERS:
        return text[at - 2 : at - 1].isdecimal()
    return bool(words) and _joined(before, words[0])


def _goes_on_after(text: str, end: int, words: str) -> bool:
    after = _neighbour(text, end, 1)
    if words[-1:].isdecimal() and after in _IN_NUMBERS:
        return text[end + 1 : end + 2].isdecimal()
    return bool(words) and _joined(words[-1], after)


def _neighbour(text: str, at: int, step: int) -> str:
    """The character there, or the next one that is not invisible formatting; "" past the ends."""
    while 0 <= at < len(text):
        if unicodedata.category(text[at]) != "Cf" or text[at] in _SEPARATORS:
            return text[at]
        at += step
    return ""


def _joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one word."""
    if not left or not right or not _in_word(left):
        return False
    if unicodedata.category(right).startswith("M"):
        # A mark belongs to the letter before it, in every script.
        return True
    return _in_word(right) and not _spaceless(left) and not _spaceless(right)


def _in_word(character: str) -> bool:
    # Pc is the low line and its kin, which join the parts of a name.
    return character.isalnum() or unicodedata.category(character) in {"Mn", "Mc", "Me", "Pc"}


def _spaceless(character: str) -> bool:
    point = ord(character)
    index = bisect_right(_STARTS, point) - 1
    return index >= 0 and point <= _SPACELESS[index][1]
