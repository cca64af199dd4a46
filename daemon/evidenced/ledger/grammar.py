"""The forms in which a sentence claims an answer, as patterns over kinds of tokens."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidenced.ledger import tokens as kind
from evidenced.ledger.tokens import Token

_METHODS = "(?:M(?:[LJKo]M){0,4})?"
SUBJECT = f"(?:O{_METHODS}[PX]Z|{_METHODS}[PX])"
"""A path that something is said of, with its methods, perhaps in parentheses."""

_SUBJECTS = f"(?P<subjects>{SUBJECT}(?:(?:K|L|KL){SUBJECT}){{0,40}})"
_ASIDE = "(?:O[^OZPX]{0,16}Z)?"
_ADVERBS = f"[WB]{{0,4}}{_ASIDE}W{{0,3}}"
_HISTORY = f"(?:H[WSDo]{{0,4}}{_ASIDE}[KIL]?)?"
_STATUS = "(?P<lead>[WD]{0,3})(?P<status>[Ss])"
_LOCATION = "(?P<location>[PU])"
_MAYBE_STATUS = "(?:W{0,2}(?P<after>S)|OW{0,2}(?P<within>S)[^OZPX]{0,6}Z)?"


@dataclass(frozen=True, slots=True)
class _Shape:
    pattern: re.Pattern[str]
    is_redirect: bool = False
    is_spoken: bool = False
    """Whether there is a verb in it."""
    is_joined: bool = True
    """Whether something stands between path and status."""


def _shape(form: str, **traits: bool) -> _Shape:
    return _Shape(re.compile(f"{_SUBJECTS}D?{form}"), **traits)


_SHAPES = (
    # "/a → /b (307)", "/a → 307 → /b"; but no chain of steps such as "/a → /b → /c"
    _shape(f"A(?:W?(?P<status>S)A?)?{_LOCATION}(?!A){_MAYBE_STATUS}", is_redirect=True),
    # "/a redirects to /b with 307", "/a redirects (307) to /b"
    _shape(
        f"{_ADVERBS}S?R(?:OW{{0,2}}(?P<status>S)W{{0,3}}Z)?W{{0,2}}T?{_LOCATION}{_MAYBE_STATUS}",
        is_redirect=True,
        is_spoken=True,
    ),
    # "/a returns 307 to /b", "/a returns a 301 redirect → /b", "/a returns 302 (Location: /b)"
    _shape(
        f"{_ADVERBS}V[WD]{{0,3}}(?P<status>S)O?[WRTAD]{{0,5}}{_LOCATION}Z?",
        is_redirect=True,
        is_spoken=True,
    ),
    # "/a returns 200", "/a was 404, now returns 200"
    _shape(f"{_HISTORY}{_ADVERBS}V{_STATUS}", is_spoken=True),
    # "/a → 200", "/a=200", "/a → HTTP 301"
    _shape(f"[AE]{_STATUS}"),
    # "/a 200", "/a: 200", "/a HTTP 200"
    _shape(_STATUS, is_joined=False),
    # "/a (200)"
    _shape(f"O{_STATUS}[^OZPX]{{0,6}}Z", is_joined=False),
    # "/a renders …"
    _shape(f"W{{0,4}}{_ASIDE}W{{0,3}}(?=B)", is_spoken=True),
)
_BEFORE_STATUS = frozenset(
    {"a", "an", "back", "code", "correct", "expected", "http", "only", "status", "the", "with"}
)


@dataclass(frozen=True, slots=True)
class Form:
    """A claim of an answer, in the tokens from `first` up to `end`."""

    first: int
    end: int
    subjects: tuple[tuple[int, str, str], ...]
    """Offset, method and path of each path that can be asked for."""
    status: int | None
    location: str | None
    is_redirect: bool
    is_spoken: bool
    is_joined: bool
    needs_contents: bool
    """Whether it says neither status nor location."""
    is_partial: bool
    """Whether there are paths in it that cannot be asked for."""


def form_at(found: Sequence[Token], kinds: str, index: int) -> Form | None:
    """The form that begins with the subject at a token; None where there is none."""
    for shape in _SHAPES:
        match = shape.pattern.match(kinds, index)
        if match and _fits(found, match):
            return _form(found, shape, match)
    return None


def _fits(found: Sequence[Token], match: re.Match[str]) -> bool:
    """Whether the words between verb and status are such as may stand there."""
    lead = match.groupdict().get("lead")
    begin = match.start("lead") if lead else 0
    between = found[begin : begin + len(lead or "")]
    return all(token.text.lower() in _BEFORE_STATUS or token.text == ":" for token in between)


def _form(found: Sequence[Token], shape: _Shape, match: re.Match[str]) -> Form:
    groups = match.groupdict()
    status = next(
        (
            found[match.start(name)].text
            for name in ("status", "after", "within")
            if groups.get(name)
        ),
        None,
    )
    location = found[match.start("location")].text if groups.get("location") else None
    begin, end = match.span("subjects")
    return Form(
        match.start(),
        match.end(),
        tuple(_paths(found[begin:end])),
        int(status) if status and status.isdigit() else None,
        location,
        shape.is_redirect,
        shape.is_spoken,
        shape.is_joined,
        status is None and location is None,
        kind.TEMPLATE in match["subjects"],
    )


def _paths(found: Sequence[Token]) -> Iterator[tuple[int, str, str]]:
    methods: list[str] = []
    for token in found:
        if token.kind == kind.METHOD:
            methods.append(token.text)
        elif token.kind in (kind.PATH, kind.TEMPLATE):
            if token.kind == kind.PATH:
                yield from ((token.start, method, token.text) for method in methods or ["GET"])
            methods = []
