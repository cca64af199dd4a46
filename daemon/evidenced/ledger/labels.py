"""The words that ledgers put before a colon, and what each says of the text that follows."""

import re
from dataclasses import dataclass

from evidenced.ledger.markdown import Prose
from evidenced.ledger.words import phrases

_DONE = phrases(
    "ac, acceptance, acceptance criteria, definition of done, dod, done when, exit criteria, "
    "success criteria"
)
_WORK = phrases("current wip, in progress, wip, work in progress")
_DETAIL = phrases(
    "assignee, blocked by, blocker, blockers, branch, commit, commits, context, dependencies, "
    "depends on, doc, docs, due, effort, estimate, eta, files, impact, issue, issues, link, "
    "links, note, notes, owner, pr, priority, prs, rationale, risk, risks, scope, size, started, "
    "status, tracking, unblocks, why"
)
_NOTE = phrases(
    "archive policy, automated monitoring, current size, evidence, final verification, last "
    "checked, last updated, last verification, last verified, latest evidence, latest "
    "verification, legend, note, notes, prod proof, prod verification, production verification, "
    "proof, status, verification, verification evidence"
)
_NOTE_ENDINGS = phrases("evidence, note, notes, proof, summary, verification")
_GROUP = phrases(
    "actionable, backlog, blocked, candidates, closed, deferred, done, high priority, icebox, in "
    "progress, later, long term, low priority, medium priority, must have, next, next up, nice to "
    "have, now, on hold, optional, p0, p1, p2, p3, paused, planned, ready, short term, should "
    "have, soon, stable, this month, this week, to do, today, todo, unblocked, up next, urgent, "
    "waiting, wip"
)
_NOTHING = phrases(
    "active, all, at, blocked, closed, currently, empty, here, item, items, moment, n, a, na, "
    "nil, no, none, nothing, now, present, right, so, far, the, this, time, today, yet"
)

_GROUP_MARK = re.compile(r"\([^()]{0,400}\)?")
_WORD = re.compile(r"[^\W_]+")
_COLON = re.compile(r"\s*[:：]|\s+[—–-](?=\s|$)")
_BREAK = re.compile(r"\s[—–-]\s|[—–;,:]|\.(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Label:
    """A leading key such as `**DoD**:`; `end` is the offset where the text after it begins.

    `introduces` is true where nothing follows the colon, so that the next block is meant.
    """

    key: str
    end: int
    bold: bool
    introduces: bool

    @property
    def is_done(self) -> bool:
        """Whether what follows says when an item is done."""
        return self.key in _DONE

    @property
    def is_work(self) -> bool:
        """Whether what follows is the title of the item in progress."""
        return self.key in _WORK

    @property
    def is_detail(self) -> bool:
        """Whether what follows is a detail of an item, not an item or a point by itself."""
        return self.is_done or self.key in _DETAIL or self.key in _NOTE

    @property
    def is_note(self) -> bool:
        """Whether what follows is a note on a whole section."""
        return self.key in _NOTE

    @property
    def heads_notes(self) -> bool:
        """Whether bullets below such a line are notes on a section, and no items of it."""
        return self.is_note or self.key.rpartition(" ")[2] in _NOTE_ENDINGS


def label_of(prose: Prose) -> Label | None:
    """The key that a text begins with: bold, or at most four plain words before a colon."""
    text = prose.text
    if starts_bold(prose):
        bold = prose.bold[0]
        end = bold.end
        inside = text[bold.start : end].rstrip().endswith((":", "："))
        mark = _GROUP_MARK.match(text, end + (text[end : end + 1] == " "))
        colon = _COLON.match(text, mark.end() if mark else end)
        if colon and not inside:
            end = colon.end()
        elif not inside and text[end:].strip():
            return None
        key = normal(text[bold.start : bold.end])
        return Label(key, end, True, (inside or bool(colon)) and not text[end:].strip())
    head, colon_mark, rest = text[:60].partition(":")
    key = normal(head)
    if not colon_mark or not key or key.count(" ") > 3:
        return None
    return Label(key, len(head) + 1, False, not rest.strip() and len(text) < 60)


def starts_bold(prose: Prose) -> bool:
    """Whether the first word of a text is bold."""
    return bool(prose.bold) and not _WORD.search(prose.text, 0, prose.bold[0].start)


def is_note(key: str) -> bool:
    """Whether a heading of these words stands over notes on a section."""
    return key in _NOTE


def is_group(key: str) -> bool:
    """Whether a heading of these words stands over a group of items and is none itself."""
    return key in _GROUP


def is_done_heading(key: str) -> bool:
    """Whether a heading of these words stands over the points that say when an item is done."""
    return key in _DONE


def is_nothing(text: str) -> bool:
    """Whether the text stands for no item at all: `(none)`, `None currently`, a mere remark."""
    bare = _GROUP_MARK.sub(" ", text)
    words = normal(_BREAK.split(bare.strip() + " ", maxsplit=1)[0]).split()
    if not words:
        return not _WORD.search(bare)
    return (
        words[0] in {"empty", "n", "na", "nil", "no", "none", "nothing"}
        and words not in (["n"], ["no"])
        and all(word in _NOTHING for word in words)
    )


def normal(text: str) -> str:
    """Words in lower case with one space between: no parentheses, punctuation or emoji."""
    return " ".join(_WORD.findall(_GROUP_MARK.sub(" ", text.casefold())))
