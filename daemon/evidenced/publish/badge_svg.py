"""Badges: two words side by side, drawn as SVG or told to shields.io."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from xml.etree.ElementTree import Element

from evidenced.publish.xml_text import child, xml_bytes, xml_text


class Colour(StrEnum):
    """The colours of badges; white letters have a contrast of 4.5 to 1 and more on each of them."""

    GOOD = "#2e7d32"
    POOR = "#b45309"
    BAD = "#c62828"
    NEUTRAL = "#1d63b8"
    UNKNOWN = "#5f6368"


SHIELDS: Mapping[Colour, str] = MappingProxyType(
    {
        Colour.GOOD: "brightgreen",
        Colour.POOR: "orange",
        Colour.BAD: "red",
        Colour.NEUTRAL: "blue",
        Colour.UNKNOWN: "lightgrey",
    }
)
"""What shields.io calls them."""

LABEL_COLOUR = "#444444"
HEIGHT = 20
SIZE = 11
PADDING = 6
LONGEST = 40
"""Characters of one side; what is longer is cut."""

_EM = 2048
_WIDTHS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys("ijl'| ", 640),
        **dict.fromkeys("I.,:;!()[]/\\ft-", 830),
        **dict.fromkeys('rsczJ"', 1030),
        **dict.fromkeys("mMWw%@…", 1950),
        **dict.fromkeys("GHNOQDU", 1570),
        **dict.fromkeys("ABCEFKLPRSTVXYZ", 1370),
    }
)
"""Widths of letters of Verdana in 2048ths of its size, roughly; all others are about 1250."""


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says, and the colour of what it says."""

    label: str
    message: str
    colour: Colour

    @property
    def said(self) -> str:
        """The whole of it in one line."""
        return f"{self.label}: {self.message}"


def svg(badge: Badge) -> bytes:
    """The badge as a picture that a screen reader can read.

    Each side is as wide as its text in Verdana; with any other letters the text is drawn as wide.
    """
    label, message = cut(badge.label), cut(badge.message)
    left, right = text_width(label) + 2 * PADDING, text_width(message) + 2 * PADDING
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(left + right),
            "height": str(HEIGHT),
            "role": "img",
            "aria-label": xml_text(badge.said),
        },
    )
    child(root, "title", badge.said)
    clip = child(root, "clipPath", id="r")
    child(clip, "rect", width=str(left + right), height=str(HEIGHT), rx="3")
    sides = child(root, "g", **{"clip-path": "url(#r)"})
    child(sides, "rect", width=str(left), height=str(HEIGHT), fill=LABEL_COLOUR)
    child(sides, "rect", x=str(left), width=str(right), height=str(HEIGHT), fill=badge.colour)
    texts = child(
        root,
        "g",
        **{
            "fill": "#fff",
            "font-family": "Verdana,Geneva,DejaVu Sans,sans-serif",
            "font-size": str(SIZE),
            "aria-hidden": "true",
        },
    )
    for x, text in ((PADDING, label), (left + PADDING, message)):
        child(texts, "text", text, x=str(x), y="14", textLength=str(text_width(text)))
    return xml_bytes(root)


def shields(badge: Badge, seconds: int) -> bytes:
    """The badge for shields.io, as its endpoint badge reads it; to be kept for so many seconds."""
    told = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": SHIELDS[badge.colour],
        "cacheSeconds": seconds,
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def cut(text: str) -> str:
    """The text on one line, and no longer than a badge should be."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def text_width(text: str) -> int:
    """About how many pixels a text is wide."""
    return round(sum(map(_width, text)) * SIZE / _EM)


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    wide = unicodedata.east_asian_width(char) in ("W", "F")
    return _EM if wide else _WIDTHS.get(char, 1250)
