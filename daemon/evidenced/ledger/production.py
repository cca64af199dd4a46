"""What the lines of a journal say of production: `**Production**: healthz 200 OK`."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from evidenced.ledger.journal import key_of, lines_of
from evidenced.ledger.markdown import Prose
from evidenced.ledger.model import Http
from evidenced.ledger.sentences import Reading
from evidenced.ledger.sentences import read as read_answers
from evidenced.ledger.words import phrases, words

_KEYS = phrases(
    "deploy, deployed, deployment, health, live, prod, prod check, prod checks, prod facts, prod "
    "proof, prod verification, production, production check, production checks, production proof, "
    "production verification"
)
_BARE = re.compile(
    r"(?:^|[,;|+&(]|\band\b|[.·•—–:])\s{0,4}([a-z][a-z0-9_-]{0,40})"
    r"\s{0,2}(?:=|:|→|->|returns|is|HTTP|gives)?\s{0,2}(?:HTTP )?([1-5]\d\d)(?![\w.%])"
)
_NO_PATHS = words(
    "all and are at both code deployed every http is now of on only over port pr returns status"
    " than the to was with"
)
_TOP = words("frontpage home homepage index root site")


def read_pass(prose: Prose) -> Reading:
    """The answers that a text in a pass claims: as in CLOSED, but for its production lines.

    These are read as sentences of STABLE are; beside these, a word before a status is a path:
    `healthz 200` says that /healthz answers with 200.
    """
    spans = list(_spans(prose))
    plain = read_answers(prose, terse=False).answers
    if not spans:
        return Reading(plain, ())
    terse = read_answers(prose, terse=True).answers
    answers = [one for one in plain if not _within(spans, one[0])]
    answers += [one for one in terse if _within(spans, one[0])]
    for start, end in spans:
        answers += _bare(prose.text[start:end], start)
    return Reading(tuple(sorted(answers, key=lambda one: one[0])), ())


def _spans(prose: Prose) -> Iterator[tuple[int, int]]:
    """Where what production lines say begins and ends, in order."""
    for start, end in lines_of(prose):
        key = key_of(prose.text[start:end])
        if key and key[0] in _KEYS:
            yield start + key[1], end


def _within(spans: Sequence[tuple[int, int]], offset: int) -> bool:
    index = bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return index >= 0 and offset < spans[index][1]


def _bare(text: str, offset: int) -> Iterator[tuple[int, Http]]:
    for match in _BARE.finditer(text):
        name = match[1]
        if name not in _NO_PATHS:
            path = "/" if name in _TOP else f"/{name}"
            yield offset + match.start(1), Http(path, int(match[2]))
