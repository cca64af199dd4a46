"""The words, paths and numbers of a text, each with the part that it plays in a sentence."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from evidenced.ledger.markdown import Prose
from evidenced.ledger.words import words

# Each kind is one letter, so that a sentence is a string of kinds and its grammar is a pattern.
PATH, TEMPLATE, ADDRESS, METHOD, STATUS, STATUS_CLASS, QUOTE = "PXUMSsQ"
RETURNS, HISTORY, REDIRECTS, SHOWS = "VHRB"
CONDITION, NEGATION, TO, AND, OR, WORD = "CNTLJW"
ARROW, EQUALS, COLON, COMMA, SEMICOLON, OPEN, CLOSE, END, OTHER = "AEDKIOZFo"

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        word: kind
        for kind, members in (
            (RETURNS, "return returns respond responds give gives answer answers serve serves"),
            (RETURNS, "yield yields is are"),
            (HISTORY, "was were had been returned returning gave responded answered served"),
            (HISTORY, "redirected showed shown rendered became"),
            (REDIRECTS, "redirect redirects"),
            (SHOWS, "render renders show shows display displays contain contains include includes"),
            (SHOWS, "list lists has have say says mention mentions"),
            (CONDITION, "if when where whenever unless until because before previously formerly"),
            (CONDITION, "causing making expecting"),
            (NEGATION, "not never no cannot can't won't doesn't don't isn't aren't must should"),
            (NEGATION, "would could may might shall without neither nor used expected supposed"),
            (TO, "to"),
            (AND, "and & + plus"),
            (OR, "or"),
            (METHOD, "GET POST PUT PATCH DELETE HEAD OPTIONS"),
        )
        for word in members.split()
    }
)
_MARKS: Mapping[str, str] = MappingProxyType(
    {"=": EQUALS, ":": COLON, ",": COMMA, ";": SEMICOLON, "(": OPEN, ")": CLOSE, "&": AND, "+": AND}
)
_OPAQUE = "\ufffc"
"""Stands for a character of code; it is in the pattern of a token as well."""
_PICTURES = frozenset({"So", "Sk", "Mn", "Cf"})
"""Kinds of characters that emoji are made of: they say nothing in a sentence."""
_GROUPS: Mapping[str, str] = MappingProxyType(
    {"quote": QUOTE, "address": ADDRESS, "arrow": ARROW, "end": END}
)
_UNITS = words(
    "bytes clients customers entries errors files hits items kb lines mb minutes ms orders pages"
    " people percent products records requests results rows s sec seconds tests times users"
)

_TOKEN = re.compile(
    r"""(?P<quote>"[^"]{1,200}"|“[^“”]{1,200}[”“]|„[^„“”]{1,200}[“”]|«[^«»]{1,200}»)
    |(?P<address>\bhttps?://[^\s<>"“”„«»\ufffc]+)
    |(?P<arrow>→|⇒|➜|⟶|-{1,2}>|=>)
    |(?P<path>(?<![\w/.…~)\]}-])/[^\s,;()"“”„«»'`|→⇒➜⟶\ufffc]*)
    |(?P<status>(?<![\w.#/+-])[1-5](?:\d\d|[xX]{2})(?![\w%/+]|[.:-]\d))
    |(?P<word>(?:e\.g\.|i\.e\.|etc\.|vs\.)|[^\W_](?:[\w’]|'(?=\w)|-(?=[^\W_]))*)
    |(?P<mark>[=:,;()&+])
    |(?P<end>[.!?](?=\s|$))
    |(?P<other>\S)""",
    re.VERBOSE,
)
_TARGET = re.compile(r"(?<![\w/.…~)\]}-])/|://")
_ROUTE = re.compile(
    r"(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?"
    r"/\S{0,300}(?: ?(?:→|->|=>) ?/\S{0,300}|=[1-5]\d\d)?"
    r"|[1-5]\d\d(?: [A-Z][A-Za-z]{1,20}){0,3}"
)
_TEMPLATE = re.compile(r"[{}<>*\[\]…]|/:|\.\.\.|\$")
_STATUS_IN_QUERY = re.compile(r"=[^=&]{0,200}(=[1-5]\d\d)$")
_PATH_END = ".:!?"


class Token(NamedTuple):
    """A piece of the text, by offsets, end exclusive.

    A tuple and no dataclass, as there are some hundred of them in a long item.
    """

    kind: str
    text: str
    start: int
    end: int


def has_target(text: str) -> bool:
    """Whether there may be a path or an address in the text; quicker than reading it."""
    return _TARGET.search(text) is not None


def tokens(prose: Prose) -> tuple[Token, ...]:
    """The tokens of a text.

    Code marks around a route or a status do not matter; other code is one opaque character after
    the other, so that nothing in a command is taken for a part of the sentence.
    """
    found = list(_scan(_readable(prose)))
    for index, token in enumerate(found):
        if token.kind == STATUS and index + 1 < len(found) and found[index + 1].text in _UNITS:
            found[index] = Token(WORD, token.text, token.start, token.end)
        if token.text == "/" and token.kind == PATH and not _is_root(prose, found, index):
            found[index] = Token(OTHER, token.text, token.start, token.end)
    return tuple(found)


def _readable(prose: Prose) -> str:
    pieces, at = [], 0
    for span in prose.codes:
        code = prose.text[span.start : span.end]
        if not _ROUTE.fullmatch(code.strip()):
            pieces += [prose.text[at : span.start], _OPAQUE * len(code)]
            at = span.end
    return "".join((*pieces, prose.text[at:]))


def _scan(text: str) -> Iterator[Token]:
    at = 0
    while match := _TOKEN.search(text, at):
        start, at = match.span()
        group, piece = str(match.lastgroup), match[0]
        if group == "path":
            piece = _path(piece)
            at = start + len(piece)
        elif group == "address":
            piece = piece.rstrip(".,;:!?)")
            at = start + len(piece)
        elif group == "other" and piece != _OPAQUE and unicodedata.category(piece) in _PICTURES:
            continue
        yield Token(_kind(group, piece), piece, start, at)


def _kind(group: str, piece: str) -> str:
    if group == "word":
        return _WORDS.get(piece) or _WORDS.get(piece.lower(), WORD)
    if group == "mark":
        return _MARKS[piece]
    if group == "path":
        return TEMPLATE if _TEMPLATE.search(piece) else PATH
    if group == "status":
        return STATUS if piece.isdigit() else STATUS_CLASS
    return _GROUPS.get(group, OTHER)


def _path(piece: str) -> str:
    """The path without what belongs to the sentence: an arrow, `=200`, a full stop."""
    for arrow in ("->", "=>"):
        piece = piece.partition(arrow)[0]
    if "?" in piece.rstrip(_PATH_END):
        status = _STATUS_IN_QUERY.search(piece.rstrip(_PATH_END))
        piece = piece[: status.start(1)] if status else piece
    else:
        piece = piece.partition("=")[0]
    return piece.rstrip(_PATH_END + "-*") or "/"


def _is_root(prose: Prose, found: Sequence[Token], index: int) -> bool:
    """Whether a lone slash is the path of the front page, rather than a stroke between words."""
    before = found[index - 1].kind if index else END
    after = found[index + 1].kind if index + 1 < len(found) else END
    in_code = prose.code_at(found[index].start) is not None
    begins = before in (END, COLON, METHOD, COMMA, SEMICOLON, OPEN, ARROW)
    return in_code or begins or after in (RETURNS, REDIRECTS, ARROW, EQUALS)
