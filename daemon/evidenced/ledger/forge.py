"""Pull requests, commits and addresses that a text cites."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from evidenced.ledger.markdown import Prose
from evidenced.ledger.model import Commit, PullRequest, Url

_PULL = re.compile(
    r"(?P<marker>\b(?:PRs?|pull[ -]requests?|MRs?|merge[ -]requests?)\b[:. ([]{0,4})"
    r"|(?P<number>[#!][1-9]\d{0,8}\b(?![\w-]))"
    r"|(?P<stop>[.!?](?= |$))"
    r"|(?P<open>\()|(?P<close>\))",
    re.IGNORECASE,
)
_JOINED = re.compile(r"(?:^|[,;&+/]|\b(?:and|or|plus)) ?[([]{0,2}$", re.IGNORECASE)
_INTRODUCTION = re.compile(
    r"^(?:PRs?|pull requests?)$|\b(?:PRs?|pull requests?)[^:]{0,40}:$", re.IGNORECASE
)

_HASH = r"(?=[0-9a-f]{0,39}[0-9])(?=[0-9a-f]{0,39}[a-f])[0-9a-f]{7,40}"
_WHOLE_HASH = re.compile(_HASH)
_COMMIT = re.compile(
    r"(?:\b(?i:commits?|sha|rev(?:ision)?|merged(?: as| in)?)[:= (]{1,3}|(?<!\w)@ ?)"
    rf"(?P<hash>{_HASH})(?![\w-])"
)
_NEXT_COMMIT = re.compile(rf"(?:,| and|,? &) (?P<hash>{_HASH})(?![\w-])")

_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'`“”„«»|\\^]+", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"[{}]|/(?:…|\.\.\.)")
_FORGE = re.compile(
    r"/(?:(?:pull|pulls|pull-requests|merge_requests)/(?P<number>[1-9]\d{0,8})"
    r"|commits?/(?P<hash>[0-9a-f]{7,40}))(?:[/.]|$)"
)


def pull_requests(text: str, *, carried: bool = False) -> Iterator[tuple[int, PullRequest]]:
    """Numbers right behind `PR`, and those joined to them by a comma or the like.

    No other number is one: neither `Issue #7` nor `PR: #TBD`. `carried` says that the text before
    this one introduced a list of them (see `introduces_pull_requests`).
    """
    active, marked, depth = carried, 0 if carried else -1, 0
    for match in _PULL.finditer(text):
        if match["marker"]:
            active, marked, depth = True, match.end(), 0
        elif match["open"]:
            depth += 1
        elif match["close"]:
            depth -= 1
        elif not active:
            continue
        elif match["number"]:
            before = text[max(0, match.start() - 16) : match.start()]
            if match.start() == marked or (marked != 0 and _JOINED.search(before)):
                yield match.start(), PullRequest(match["number"][1:])
            elif depth <= 0:
                active = False
        elif depth <= 0:
            active = False


def introduces_pull_requests(text: str) -> bool:
    """Whether the text ends in `PRs:`, so that the bullets below it name them."""
    return bool(_INTRODUCTION.search(text[-60:]))


def commits(prose: Prose) -> Iterator[tuple[int, Commit]]:
    """Hashes behind a word such as `commit` or `merged` or an @, or alone in code marks.

    A hash has 7 to 40 digits in base 16, lower case, at least one of them a letter and one not.
    """
    text = prose.text
    for first in _COMMIT.finditer(text):
        match: re.Match[str] | None = first
        while match:
            yield match.start("hash"), Commit(match["hash"])
            match = _NEXT_COMMIT.match(text, match.end())
    for span in prose.codes:
        code = text[span.start : span.end].strip()
        if _WHOLE_HASH.fullmatch(code):
            yield span.start, Commit(code)


def addresses(prose: Prose) -> Iterator[tuple[int, PullRequest | Commit | Url]]:
    """Links, and addresses that stand by themselves in the text or in code marks.

    A forge's address of a pull request or a commit is a reference to that, and no url.
    """
    text = prose.text
    for link in prose.links:
        if _ADDRESS.match(link.href):
            yield from _cited(link.start, link.href)
    for match in _ADDRESS.finditer(text):
        address = _trimmed(match[0])
        end = match.start() + len(address)
        if _PLACEHOLDER.search(match[0]) or prose.in_link(match.start()):
            continue
        if _stands_alone(prose, match.start(), end):
            yield from _cited(match.start(), address)


def _cited(offset: int, address: str) -> Iterator[tuple[int, PullRequest | Commit | Url]]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    forge = _FORGE.search(parts.path)
    if not parts.hostname:
        return
    if forge and forge["number"]:
        yield offset, PullRequest(forge["number"])
    elif forge and forge["hash"]:
        yield offset, Commit(forge["hash"])
    else:
        yield offset, Url(address)


def _trimmed(address: str) -> str:
    """The address without punctuation that belongs to the sentence around it."""
    for opening, closing in ("()", "[]"):
        depth = 0
        for offset, character in enumerate(address):
            depth += (character == opening) - (character == closing)
            if depth < 0:
                address = address[:offset]
                break
    return address.rstrip(".,;:!?*_→")


def _stands_alone(prose: Prose, start: int, end: int) -> bool:
    """Whether the address is no part of a command: all that is in its code marks, or in none."""
    span = prose.code_at(start)
    return span is None or prose.text[span.start : span.end].strip() == prose.text[start:end]
