"""Ledgers that are journals: dated passes, each below a heading, in place of the sections."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markdown_it.tree import SyntaxTreeNode

from evidenced.ledger.dates import day_at
from evidenced.ledger.items import Entry
from evidenced.ledger.markdown import Prose, level_of, prose_in, prose_of
from evidenced.ledger.model import CLAIMED, Finding, Section
from evidenced.ledger.sections import UNKNOWN_SECTION, Blocks
from evidenced.ledger.titles import Title, trim
from evidenced.ledger.words import words

_LEAD = re.compile(r"[\W_]{0,12}")
_AFTER_DAY = re.compile(r"[\s\])]{0,8}[—–:：|-]{0,3}\s{0,8}")
_KEY = re.compile(r"[\W_]{0,8}([A-Za-z][A-Za-z /_-]{0,30})[ ]{0,4}[:：]")
_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(
    r"[\s—–:|(\[✅✔️☑-]{1,12}(?:DONE|COMPLETED?|CLOSED|SHIPPED|WIP|IN PROGRESS)[\s)\]✅✔️☑]{0,8}$"
)
_DONE = words(
    "closed complete completed delivered deployed done finished fixed green live merged ok pass"
    " passed released resolved shipped verified"
)
_NOT_DONE = words(
    "almost awaiting blocked broken deferred draft failed failing half in incomplete mostly no not"
    " ongoing open parked partial partially paused pending planned reverted started todo waiting"
    " wip"
)
_TICKS = frozenset("✅✔☑")
_BARS = frozenset("❌✗✘⛔🚫🔄🚧⏳🟡🔴🟠⚠")


LAYOUT_DRIFT = "layout-drift"
"""The rule of the finding for a ledger that is laid out in another way than it should be."""

PASS_SECTIONS = frozenset({Section.CLOSED, Section.IN_PROGRESS})
"""The sections that a pass can belong to."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The passes of a journal, oldest first, and the blocks that are part of none."""

    passes: tuple[Entry, ...]
    rest: Blocks


@dataclass(frozen=True, slots=True)
class _Dated:
    """A heading that begins with a day; `rest` is the offset of the title in its text."""

    index: int
    level: int
    prose: Prose
    day: date | None
    rest: int


def journal(blocks: Sequence[SyntaxTreeNode]) -> Journal:
    """Divide the top-level blocks of a document into passes and the rest.

    A pass is a heading such as `2026-02-21 — Title` with what is below it, up to the next heading
    of its level or above. Passes stand at the level at which most headings are dated. One whose
    `Status:` says that it is done (without one: whose heading does) is CLOSED, any other IN
    PROGRESS. A journal has its newest pass first or last, which the first and the last one tell.
    """
    found: list[Entry] = []
    rest: list[SyntaxTreeNode] = []
    at = 0
    for dated in _passes(blocks):
        if dated.index < at:
            continue
        end = _end(blocks, dated)
        rest += blocks[at : dated.index]
        found.append(_entry(dated, blocks[dated.index + 1 : end]))
        at = end
    rest += blocks[at:]
    days = [entry.dated for entry in found if entry.dated]
    if days and days[0] > days[-1]:
        found.reverse()
    return Journal(tuple(found), tuple(rest))


def dated_lines(blocks: Sequence[SyntaxTreeNode]) -> tuple[int, ...]:
    """The 1-based lines of the headings that would begin a pass, were this a journal."""
    return tuple(dated.prose.line_at(0) for dated in _passes(blocks))


def layout_findings(
    blocks: Sequence[SyntaxTreeNode],
    headings: Collection[Section],
    found: Sequence[Finding],
    *,
    passes: int | None,
) -> tuple[Finding, ...]:
    """The findings about headings, with one on a layout that is not the one expected.

    `headings` and `found` are those of sections in the `blocks`, which stand in no pass; `passes`
    counts those of a journal, and is None for a ledger of sections. That drifts once it has dated
    headings instead of CLOSED and STABLE, or two of them beside these; a journal, once it has no
    pass but sections.
    """
    claimed = any(section in headings for section in CLAIMED)
    if passes is not None:
        if passes or not claimed:
            return tuple(found)
        message = "there is no dated pass here, but sections: it is no journal"
        return (Finding(LAYOUT_DRIFT, 1, message), *found)
    dated = dated_lines(blocks)
    if claimed:
        unknown = {one.line for one in found if one.rule == UNKNOWN_SECTION}
        dated = tuple(line for line in dated if line in unknown)
    if not dated or (claimed and len(dated) < 2):
        return tuple(found)
    count = "1 dated pass is" if len(dated) == 1 else f"{len(dated)} dated passes are"
    message = f"{count} not read: this ledger of sections has become a journal"
    others = (one for one in found if one.line not in dated)
    return (Finding(LAYOUT_DRIFT, dated[0], message), *others)


def lines_of(prose: Prose) -> Iterator[tuple[int, int]]:
    """Where each line of the source begins and ends in a text."""
    starts = [start for start, _ in prose.lines]
    yield from zip(starts, [*starts[1:], len(prose.text)], strict=True)


def key_of(text: str) -> tuple[str, int] | None:
    """The key that a line begins with, in lower case, and where what it says begins."""
    match = _KEY.match(text)
    return (" ".join(match[1].lower().split()), match.end()) if match else None


def _passes(blocks: Sequence[SyntaxTreeNode]) -> list[_Dated]:
    found = [dated for index, node in enumerate(blocks) if (dated := _dated(index, node))]
    counts = Counter(dated.level for dated in found)
    level = min(counts, key=lambda level: (-counts[level], level), default=0)
    return [dated for dated in found if dated.level == level]


def _dated(index: int, node: SyntaxTreeNode) -> _Dated | None:
    level = level_of(node)
    prose = prose_of(node) if level else None
    if prose is None:
        return None
    lead = _LEAD.match(prose.text)
    start = lead.end() if lead else 0
    day = day_at(prose.text, start)
    if day is None:
        return None
    after = _AFTER_DAY.match(prose.text, day[1])
    return _Dated(index, level, prose, day[0], after.end() if after else day[1])


def _end(blocks: Sequence[SyntaxTreeNode], dated: _Dated) -> int:
    for index in range(dated.index + 1, len(blocks)):
        if 0 < level_of(blocks[index]) <= dated.level:
            return index
    return len(blocks)


def _entry(dated: _Dated, body: Sequence[SyntaxTreeNode]) -> Entry:
    text = dated.prose.text
    status = _status(body)
    done = _says_done(status) if status is not None else _heading_says_done(text[dated.rest :])
    title = trim(_ENDING.sub("", text[dated.rest :])) or trim(text)
    return Entry(
        Section.CLOSED if done else Section.IN_PROGRESS,
        Title(" ".join(title.split()) or text, dated.rest, len(text)),
        dated.prose,
        tuple(body),
        dated.day,
        is_pass=True,
    )


def _status(body: Sequence[SyntaxTreeNode]) -> str | None:
    for prose in prose_in(body):
        for start, end in lines_of(prose):
            line = prose.text[start:end]
            key = key_of(line)
            if key and key[0] in {"status", "state", "result"}:
                return line[key[1] :]
    return None


def _says_done(status: str) -> bool:
    """Whether a status such as `✅ DONE (merged)` says that there is nothing left to do."""
    word = _WORD.search(status)
    signs = status[: word.start()] if word else status
    if any(sign in _BARS for sign in signs):
        return False
    first = word[0].casefold() if word else ""
    return first in _DONE or (any(sign in _TICKS for sign in signs) and first not in _NOT_DONE)


def _heading_says_done(title: str) -> bool:
    ending = _ENDING.search(title[-60:])
    said = ending[0] if ending else ""
    if any(word in said for word in ("DONE", "COMPLETE", "CLOSED", "SHIPPED")):
        return True
    return not said and any(sign in _TICKS for sign in title)
