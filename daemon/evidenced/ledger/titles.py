"""Where the title of an item ends and its text begins."""

import re
import unicodedata
from dataclasses import dataclass

from evidenced.ledger.markdown import Prose, Span

MAX_TITLE = 120
"""Characters of a title that is cut out of plain text; a title in bold is never cut."""

_WINDOW = 4 * MAX_TITLE
_NUMBER = re.compile(r"(?:\(?#?\d{1,2}[.):]|#?\d{1,2}\s*[–—-]|#\d{1,2})\s+")
_DECORATION = frozenset("*_~•·–—→⇒")
_DECORATION_KINDS = frozenset({"So", "Sk", "Cf", "Zs", "Cc"})
_VARIATION = re.compile("[\ufe00-\ufe0f\u20e3\U000e0100-\U000e01ef]")
_SEPARATOR = re.compile(r"[ ]*[:：]*[ *_~]*(?:[–—-](?= ))?[ ]*")
_STOP = re.compile(r"[()\[\]]|[:：](?= |$|\*\*|__)|：|[.!?](?= |$)|。| [—–-] (?=(?:[A-Z]{3,7} )?/)")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|approx|incl|no|nr)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Title:
    """A title, the offset at which it begins, and the offset at which the text after it begins."""

    text: str
    start: int
    rest: int


def title_of(prose: Prose, start: int = 0, *, colon: bool = True) -> Title | None:
    """The title that the prose from `start` on begins with; None where there is no text.

    A leading bold part is the title, with its colon inside or outside. Plain text is the title up
    to the first colon (unless `colon` is false) or to the end of the first sentence; where that is
    longer than MAX_TITLE it is cut, and the text keeps the whole. Emoji around it are dropped.
    """
    text = prose.text
    start = _begin(text, start)
    if start >= len(text):
        whole = text.strip()
        return Title(whole[:MAX_TITLE], 0, len(text)) if whole else None
    bold = next((span for span in prose.bold if start in span), None)
    title = bold and _clean(text[start : bold.end])
    if bold and title and any(character.isalpha() for character in title):
        return Title(title, start, _separated(text, bold.end))
    end, rest = _plain_end(prose, start, colon)
    title = _clean(text[start:end]) or text[start:end].strip()
    if len(title) > MAX_TITLE:
        return Title(title[:MAX_TITLE].rpartition(" ")[0] or title[:MAX_TITLE], start, start)
    return Title(title, start, rest)


def heading_title(prose: Prose) -> Title | None:
    """The title in a heading: all of it but the number, unless a bold part ends in a colon."""
    text = prose.text
    start = _begin(text, after_number(text))
    bold = next((span for span in prose.bold if start in span), None)
    if bold and _splits(text, bold):
        return title_of(prose, start)
    title = _clean(text[start:])
    return Title(title, start, len(text)) if title else title_of(prose)


def after_number(text: str) -> int:
    """The offset behind a leading number, as in `2) Title`; 0 where there is none."""
    number = _NUMBER.match(text)
    return number.end() if number else 0


def trim(text: str) -> str:
    """The text without emoji, other decoration and white space around it."""
    start, end = _skip(text, 0), len(text)
    while end > start and _is_decoration(text[end - 1]):
        end -= 1
    return text[start:end]


def _splits(text: str, bold: Span) -> bool:
    inside = text[bold.start : bold.end].rstrip().endswith((":", "："))
    return inside or text[bold.end :].lstrip().startswith((":", "："))


def _plain_end(prose: Prose, start: int, colon: bool) -> tuple[int, int]:
    """Where a plain title ends, and where the text after it begins."""
    text = prose.text
    depth = 0
    limit = prose.bold_line_after(start)
    for match in _STOP.finditer(text, start, min(limit, start + _WINDOW)):
        mark = match[0].strip()
        if mark in "([":
            depth += 1
        elif mark in ")]":
            depth = max(0, depth - 1)
        elif depth or prose.code_at(match.start()):
            continue
        elif mark in ":：":
            if colon and match.start() > start:
                return match.start(), _separated(text, match.start())
        elif mark in "—–-":
            return match.start(), match.end()
        elif not _ABBREVIATION.search(text, start, match.start()) and _sentence_follows(
            text, match.end()
        ):
            return match.start(), _separated(text, match.end())
    return limit, limit


def _sentence_follows(text: str, offset: int) -> bool:
    following = text[offset : offset + 2].strip()
    return not following[:1].islower()


def _separated(text: str, offset: int) -> int:
    separator = _SEPARATOR.match(text, offset)
    return separator.end() if separator else offset


def _begin(text: str, start: int) -> int:
    start = _skip(text, start)
    return _skip(text, start + 1) if text[start : start + 1] in {":", "："} else start


def _skip(text: str, start: int) -> int:
    while start < len(text) and _is_decoration(text[start]):
        start += 1
    return start


def _clean(text: str) -> str:
    return trim(text).rstrip(":：.–—- *_")


def _is_decoration(character: str) -> bool:
    if character.isascii():
        return character in " *_~"
    return (
        character in _DECORATION
        or unicodedata.category(character) in _DECORATION_KINDS
        or bool(_VARIATION.match(character))
    )
