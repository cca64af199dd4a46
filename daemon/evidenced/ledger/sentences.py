"""Answers that a sentence claims of paths: `/cart returns 200`, `/login → /auth/login (307)`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import dropwhile

from evidenced.ledger import tokens as kind
from evidenced.ledger.grammar import SUBJECT, Form, form_at
from evidenced.ledger.markdown import Prose
from evidenced.ledger.model import Http
from evidenced.ledger.titles import trim
from evidenced.ledger.tokens import Token, has_target, tokens
from evidenced.ledger.words import words

_PAST = re.compile(
    r"\b(?:root cause|cause|problem|symptoms?|before|previously|issue|bug|incident)s?\b"
    r"[^:]{0,60}:",
    re.IGNORECASE,
)
_ON_CONDITION = re.compile(
    r"\W{0,3}(?:only )?(?:(?:when|if|once)\b(?! (?:not|no|logged out|unauthenticated|anonymous)\b)"
    r"|after (?:login|log-?in|signing in)\b|for (?:logged|signed|authenticated|admins?\b)"
    r"|with (?:an? )?(?:valid )?(?:token|session|auth|credentials|cookie|bearer|login|api key))",
    re.IGNORECASE,
)
_ON_INPUT = re.compile(
    r"\W{0,3}(?:(?:for|on|with|if|when)\b[\w ]{0,20}\b"
    r"(?:bad|empty|errors?|expired|failures?|invalid|malformed|missing|unknown|wrong)\b)",
    re.IGNORECASE,
)
_ANONYMOUS = re.compile(
    r"(?:for|if|unless|when|without)\b.{0,30}"
    r"\b(?:anonymous|auth\w*|guests?|logged|login|non-?admins?|sessions?|tokens?|unauth\w*)\b",
    re.IGNORECASE,
)
_FILLER = words(
    "a all also an and both correctly endpoint endpoints http it now of page pages route routes"
    " still the then url which"
).union(word.lower() for status in HTTPStatus for word in status.phrase.split())
_EXAMPLE = frozenset({"e.g.", "example", "with"})
_ANY_SUBJECT = re.compile(SUBJECT)
_LOOK_BACK = 200
"""Tokens before a claim that may say that it is none."""
_CLAUSE_END = re.compile("[DI]")
_BRACKETED = re.compile("O[^OZ]*Z")
_DIVIDERS = frozenset({kind.COMMA, kind.SEMICOLON, kind.AND})
_CONTENT = frozenset({kind.PATH, kind.TEMPLATE, kind.STATUS, kind.SHOWS})
_QUOTED = frozenset({kind.QUOTE, kind.OPEN, kind.CLOSE})
_TARGETS = frozenset({kind.PATH, kind.TEMPLATE, kind.ADDRESS})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text claims of answers, by offset, and what it says of answers that was not read."""

    answers: tuple[tuple[int, Http], ...]
    unread: tuple[str, ...]


def read(prose: Prose, start: int = 0, *, terse: bool = True) -> Reading:
    """Read the answers that a text claims of paths.

    What was (`was 404`), may be (`if … returns 500`) or must not be is no claim, nor is an answer
    that depends on who asks (`returns 200 when logged in`), nor one of a templated path. `unread`
    leaves out what stands before `start`, and remarks in parentheses. A `terse` text is one that
    exists to say such things; in other prose, arrows and numbers stand for much else, so that an
    arrow between two paths counts only with a status 3xx, and a status right beside a path only
    below 400.
    """
    answers: list[tuple[int, Http]] = []
    unread: list[str] = []
    end = prose.bold_line_after(start)
    for found in _sentences(tokens(prose)) if has_target(prose.text) else ():
        if not answers and not any(token.kind in _TARGETS for token in found):
            continue
        sentence = _Sentence(prose.text, found, range(start, end), terse)
        sentence.read()
        unread += sentence.unread(follows_claim=bool(answers))
        answers += sentence.answers()
    return Reading(tuple(answers), tuple(dict.fromkeys(unread)))


def _sentences(found: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Divide at full stops outside of parentheses."""
    depth = begin = 0
    for index, token in enumerate(found):
        if token.kind == kind.OPEN:
            depth += 1
        elif token.kind == kind.CLOSE:
            depth = max(0, depth - 1)
        elif token.kind == kind.END and not depth:
            yield found[begin:index]
            begin = index + 1
    yield found[begin:]


@dataclass(slots=True)
class _Claim:
    """A form that was found in a sentence, in the tokens from `first` up to `end`."""

    first: int
    end: int
    subjects: tuple[tuple[int, str, str], ...]
    """Offset, method and path of each."""
    status: int | None
    location: str | None
    needs_contents: bool
    """Whether there is no claim unless something is said of the contents."""
    contains: list[str] = field(default_factory=list)


class _Sentence:
    """Reads one sentence."""

    def __init__(self, text: str, found: Sequence[Token], scope: range, terse: bool) -> None:
        self._text = text
        self._tokens = found
        self._kinds = "".join(token.kind for token in found)
        self._scope = scope
        """The offsets behind the title, and before a line such as `**Evidence**: …`."""
        self._terse = terse
        self._claims: list[_Claim] = []
        self._read: set[int] = set()
        """The tokens that are part of a claim, or only name what it is of."""
        self._missed = False
        """Whether something is said of a path that could not be made a claim."""

    def answers(self) -> Iterator[tuple[int, Http]]:
        """An answer for each path of each claim."""
        for claim in self._claims:
            for offset, method, path in claim.subjects:
                yield (
                    offset,
                    Http(path, claim.status, claim.location, method, tuple(claim.contains)),
                )

    def read(self) -> None:
        """Find the claims, and what is said of the contents behind each."""
        at = clause = 0
        while subject := _ANY_SUBJECT.search(self._kinds, at):
            form = form_at(self._tokens, self._kinds, subject.start())
            at = form.end if form else subject.end()
            if form and self._is_claimed(form, clause):
                self._add(form)
                clause = at
            else:
                self._missed = True
        self._read_contents()
        self._claims = [claim for claim in self._claims if self._is_complete(claim)]

    def unread(self, *, follows_claim: bool) -> Iterator[str]:
        """The phrases that say something of an answer and are no part of a claim."""
        addressed = kind.ADDRESS in self._kinds and kind.RETURNS in self._kinds
        shown = follows_claim and kind.SHOWS in self._kinds
        if not (self._claims or self._missed or addressed or shown):
            return
        for phrase in self._phrases():
            bare = [index for index in self._bare(phrase) if self._at(index).start in self._scope]
            kinds = {self._kinds[index] for index in bare}
            if kind.HISTORY in kinds and kind.RETURNS not in kinds:
                continue
            said = list(dropwhile(lambda index: not self._says_something(index), bare))
            if said:
                text = self._text[self._at(said[0]).start : self._at(said[-1]).end]
                text = trim(text).strip(" ,;:+&–—")
                if not (self._claims and _ANONYMOUS.match(text)):
                    yield text

    def _is_claimed(self, form: Form, clause: int) -> bool:
        """Whether the form, found in a clause that begins at a token, is a claim about now."""
        if not form.subjects or (form.is_redirect and form.status and form.status // 100 != 3):
            return False
        if form.is_redirect and self._kinds.startswith(kind.ARROW, max(0, form.first - 1)):
            return False
        clause = max(clause, form.first - _LOOK_BACK)
        lead = _CLAUSE_END.split(_BRACKETED.sub("", self._kinds[clause : form.first]))[-1]
        if kind.CONDITION in lead or kind.NEGATION in lead.rpartition(kind.COMMA)[2]:
            return False
        begin, end = self._at(clause).start, self._at(form.first).start
        if _PAST.search(self._text, max(begin, end - 100, min(self._scope.start, end)), end):
            return False
        if not self._terse and form.is_redirect and not form.is_spoken and form.status is None:
            return False
        if not self._terse and not form.is_joined and (form.status or 400) >= 400:
            return False
        return form.needs_contents or not self._depends(form)

    def _depends(self, form: Form) -> bool:
        """Whether the answer depends on what is sent, or on who asks; a probe is nobody."""
        end = self._at(form.end - 1).end
        if _ON_INPUT.match(self._text, end):
            return True
        return (form.status or 0) < 400 and bool(_ON_CONDITION.match(self._text, end))

    def _add(self, form: Form) -> None:
        self._claims.append(
            _Claim(
                form.first,
                form.end,
                form.subjects,
                form.status,
                form.location,
                form.needs_contents,
            )
        )
        self._read.update(range(form.first, form.end))
        self._missed |= form.is_partial

    def _is_complete(self, claim: _Claim) -> bool:
        if claim.needs_contents and not claim.contains:
            self._read.difference_update(range(claim.first, claim.end))
            self._missed = True
            return False
        return True

    def _read_contents(self) -> None:
        """Read `renders names (e.g., "Apples")` behind a claim as what the answer contains."""
        firsts = {claim.first for claim in self._claims}
        claims = iter(self._claims)
        claim, following = None, next(claims, None)
        continues = False
        for phrase in list(self._phrases()):
            while following and following.end <= phrase[0]:
                claim, following = following, next(claims, None)
            kinds = {self._kinds[index] for index in phrase}
            if phrase[-1] + 1 in firsts and not kinds & _CONTENT:
                self._read.update(phrase)
                continue
            quotes = [
                self._at(index).text[1:-1] for index in phrase if self._kinds[index] == kind.QUOTE
            ]
            says_so = kind.SHOWS in kinds or any(
                self._at(index).text.lower() in _EXAMPLE for index in phrase
            )
            continues = bool(
                claim
                and quotes
                and (says_so or (continues and kinds <= _QUOTED))
                and not kinds & {kind.NEGATION, kind.OR}
            )
            if claim and continues:
                claim.contains += quotes
                self._read.update(phrase)

    def _phrases(self) -> Iterator[list[int]]:
        """The tokens outside of claims, divided at commas, semicolons and `and`."""
        phrase: list[int] = []
        depth = 0
        for index, letter in enumerate(self._kinds):
            if letter == kind.OPEN:
                depth += 1
            elif letter == kind.CLOSE and depth:
                depth -= 1
            if index in self._read or (not depth and letter in _DIVIDERS):
                if phrase:
                    yield phrase
                phrase = []
            else:
                phrase.append(index)
        if phrase:
            yield phrase

    def _bare(self, phrase: Sequence[int]) -> Iterator[int]:
        """The tokens of a phrase that stand in no parentheses."""
        depth = 0
        for index in phrase:
            if self._kinds[index] == kind.OPEN:
                depth += 1
            elif self._kinds[index] == kind.CLOSE:
                depth = max(0, depth - 1)
            elif not depth:
                yield index

    def _says_something(self, index: int) -> bool:
        token = self._at(index)
        if token.kind in (kind.PATH, kind.TEMPLATE, kind.ADDRESS, kind.STATUS, kind.QUOTE):
            return True
        return token.text[0].isalpha() and token.text.lower() not in _FILLER

    def _at(self, index: int) -> Token:
        return self._tokens[index]
