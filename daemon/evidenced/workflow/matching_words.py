"""The words of a topic and of an item, in a form in which they can be held against each other."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from evidenced.ledger.words import words as vocabulary

LONGEST = 40
"""Characters from which on a word is too long to be looked at for slips."""

_PREFIX = re.compile(
    r"(?:build|chore|ci|deps|docs?|feat|feature|fix|hotfix|ops|perf|refactor|revert|security|style"
    r"|tests?|wip|draft)(?P<scope>\([^()]{0,80}\))?!?:\s*",
    re.IGNORECASE,
)
_TAG = re.compile(r"\[[^\[\]]{0,40}\]\s*|[A-Z][A-Z0-9]{1,9}-\d{1,6}[:\s]\s*")
_PULL = re.compile(
    r"(?:\bPRs?\s?#?|\bpull requests?\s#?|\bpull/|#|(?<!\w)!)(\d{1,7})\b", re.IGNORECASE
)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

_STOP = vocabulary(
    "a an and are as at be by can do for from has have how in into is it its no not now of off on"
    " or our out so that the their then there this to up via was we when why will with you"
)
_WORK = vocabulary(
    "add again adjust allow another begin better bug change check clean continue enable ensure"
    " finish fix handle implement improve introduce investigate issue look make more move new open"
    " part pass phase problem redo reopen remove resume review rework stage start step support task"
    " ticket try update use work"
)
_SAME: Mapping[str, str] = MappingProxyType(
    {
        word: short
        for short, members in (
            ("admin", "administration administrator"),
            ("app", "application"),
            (
                "auth",
                "authentication authorization authorisation authenticate authorize authn authz",
            ),
            ("cert", "certificate"),
            ("config", "configuration configure cfg conf"),
            ("db", "database"),
            ("dep", "dependency"),
            ("dev", "development"),
            ("doc", "document documentation"),
            ("env", "environment"),
            ("infra", "infrastructure"),
            ("js", "javascript"),
            ("k8s", "kubernetes"),
            ("mgmt", "management"),
            ("perm", "permission"),
            ("pg", "postgres postgresql"),
            ("prod", "production"),
            ("repo", "repository"),
            ("spec", "specification"),
            ("ts", "typescript"),
        )
        for word in members.split()
    }
)
_ENDINGS = (
    ("ification", "ify"),
    ("ization", "iz"),
    ("isation", "iz"),
    ("ation", "at"),
    ("ction", "ct"),
    ("ing", ""),
    ("ied", "y"),
    ("eed", "eed"),
    ("ed", ""),
)
"""Endings of English words and what is left in their place; the first one that fits holds."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What somebody wants to work on: what was said, its words, the pull requests it names.

    `title` is what was said without prefixes and numbers of pull requests.
    """

    said: str
    title: str
    words: tuple[str, ...]
    pulls: tuple[str, ...] = ()


def topic_of(said: str) -> Topic:
    """A topic, also one written as the title of a pull request.

    Prefixes of Conventional Commits, tags and keys of trackers are no words of it; the scope of a
    prefix is. A topic of nothing but digits is a pull request's number.
    """
    text = " ".join(said.split())
    if text.isdecimal():
        return Topic(text, text, (), (text.lstrip("0"),))
    pulls = tuple(dict.fromkeys(found.lstrip("0") for found in _PULL.findall(text)))
    rest = _PULL.sub(" ", text).strip()
    scope = ""
    for _ in range(3):
        if found := _TAG.match(rest):
            rest = rest[found.end() :]
        elif found := _PREFIX.match(rest):
            scope = f"{scope} {found['scope'] or ''}"
            rest = rest[found.end() :]
    rest = " ".join(rest.replace("( )", " ").split())
    return Topic(text, rest or text, words(f"{scope} {rest}") or _without_pulls(text), pulls)


def _without_pulls(text: str) -> tuple[str, ...]:
    """The words where prefixes are all there is."""
    return words(_PULL.sub(" ", text))


def words(text: str) -> tuple[str, ...]:
    """The words in lower case without accents, one of each root; without those that say nothing.

    `camelCase` is two words. Scripts that have no spaces give each two characters that follow.
    """
    found: dict[str, str] = {}
    for word in _split(text):
        if word not in _STOP:
            found.setdefault(stem(word), word)
    return tuple(found.values())


def is_work(word: str) -> bool:
    """Whether it says what is done rather than what it is done to, or only counts."""
    return word in _WORK or _stem_plural(word) in _WORK


def stem(word: str) -> str:
    """What words of one root share, roughly as Porter (1980) for English; others stay as is."""
    if not word.isascii() or len(word) < 4:
        return word
    root = _stem_plural(word)
    root = _SAME.get(root, root)
    for ending, left in _ENDINGS:
        base = root.removesuffix(ending)
        if base != root and len(base) >= 3 and any(vowel in base for vowel in "aeiouy"):
            root = _single(base) if not left else base + left
            break
    return root[:-1] if root.endswith("e") and len(root) > 3 else root


def is_slip(typed: str, meant: str) -> bool:
    """Whether a word is another one mistyped: a letter of five wrong, missing, added or swapped
    with the next (two of nine), but never the first one, nor any digit."""
    shorter, longer = sorted((len(typed), len(meant)))
    allowed = 0 if shorter < 5 else 1 if shorter < 9 else 2
    if not allowed or longer - shorter > allowed or longer > LONGEST or typed[0] != meant[0]:
        return False
    if any(letter.isdigit() for letter in typed + meant):
        return False
    return _distance(typed, meant) <= allowed


def _split(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text)
    pieces: list[str] = []
    before = " "
    for letter in plain:
        if unicodedata.combining(letter):
            continue
        if before.islower() and letter.isupper():
            pieces.append(" ")
        pieces.append(letter if letter.isalnum() else "" if letter in "'’" else " ")
        before = letter
    found: list[str] = []
    for word in unicodedata.normalize("NFC", "".join(pieces)).casefold().split():
        if _CJK.search(word) and len(word) > 2:
            found += (word[at : at + 2] for at in range(len(word) - 1))
        else:
            found.append(word)
    return found


def _stem_plural(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "xes", "shes", "ches", "zes")) else word[:-1]


def _single(base: str) -> str:
    """The base without the letter that was doubled before an ending, as in `mapping`."""
    doubled = len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz"
    return base[:-1] if doubled else base


def _distance(one: str, other: str) -> int:
    """Edits between two words, a swap of neighbours being one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
