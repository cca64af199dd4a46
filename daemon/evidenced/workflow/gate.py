"""The gate: may work on a topic begin? Three questions, answered by the ledger and by evidence.

1. Is it CLOSED? Then only evidence younger than the closing date lets it through.
2. Is it what is in progress, or is there room for it? Else a change of that has to be approved.
3. Does the ledger say when it is done? Else there is a draft of that.
"""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from evidenced.evidence.records import Evidence
from evidenced.ledger.model import CLAIMED, Item, Ledger, Section
from evidenced.watch.verdict import Standing
from evidenced.workflow.markdown import one_line
from evidenced.workflow.matching import Match, Matching
from evidenced.workflow.proof import Proof

TEMPLATE = (
    "<path> answers <status>, and a check looks at it",
    "<number> tests pass in CI",
    "<document> says how it was verified",
)
"""A draft of when something is done, where nothing says more of it."""

_VAGUE = frozenset(("", "?", "-", "done", "finished", "n/a", "none", "tba", "tbd", "todo", "works"))
_PREFERRED = (Section.IN_PROGRESS, Section.NEXT, Section.BLOCKED, Section.STABLE, Section.CLOSED)


class Answer(StrEnum):
    """What the gate says."""

    GO = "go"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    """It turns on what the store keeps, and that cannot be read."""


class Question(StrEnum):
    """The three questions, in their order."""

    CLOSED = "closed"
    IN_PROGRESS = "in_progress"
    DONE_WHEN = "done_when"


@dataclass(frozen=True, slots=True)
class Places:
    """The files that items stand in: the ledger, and the one of the NEXT items if they have one."""

    ledger: Path
    next: Path | None = None

    def of(self, item: Item) -> Path:
        """The file of an item."""
        return self.next if self.next and item.section is Section.NEXT else self.ledger

    def line(self, item: Item) -> str:
        """Where it begins, as FILE:LINE."""
        return f"{self.of(item)}:{item.line}"


@dataclass(frozen=True, slots=True)
class Known:
    """What the store says of claims, by their ids; `trouble` is why it says nothing, if it does."""

    proofs: Mapping[str, Proof] = field(default_factory=dict)
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to one question.

    `said` is one line; `item` is the item of the ledger that it rests on, `evidence` the record.
    `do` are commands that come next. `points` say when the work is done: where the answer is
    `go` they are those that hold, else a draft.
    """

    question: Question
    answer: Answer
    said: str
    item: Item | None = None
    evidence: Evidence | None = None
    do: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of a topic, and why; `subject` is the item that it is taken for."""

    matching: Matching
    subject: Match | None
    steps: tuple[Step, ...]

    @property
    def answer(self) -> Answer:
        """Refused where one question refuses, whatever could not be read for the others."""
        answers = {step.answer for step in self.steps}
        return next((a for a in (Answer.REFUSED, Answer.UNREADABLE) if a in answers), Answer.GO)

    @property
    def reason(self) -> Step | None:
        """The first question that stands in the way; None where none does."""
        answer = self.answer
        if answer is Answer.GO:
            return None
        return next(step for step in self.steps if step.answer is answer)


def to_prove(matching: Matching) -> tuple[Item, ...]:
    """The claims of which the gate asks the store."""
    return tuple(one.item for one in matching.tied if one.item.section in CLAIMED)


def judge(matching: Matching, ledger: Ledger, known: Known, *, limit: int = 1) -> Verdict:
    """Answer the three questions; `limit` is how many items may be in progress. Pure."""
    subject = _subject(matching)
    item = subject.item if subject else None
    closed = _closed(matching, known)
    fresh = closed.item if closed.evidence else item
    steps = (
        closed,
        _in_progress(matching, fresh, ledger.sections.get(Section.IN_PROGRESS, ()), limit),
        _done_when(matching, fresh, known),
    )
    return Verdict(matching, subject, steps)


def _subject(matching: Matching) -> Match | None:
    """What is meant of those that fit as well: rather open work than what is closed."""
    return min(
        _surely_closed(matching) or matching.tied,
        key=lambda one: (_PREFERRED.index(one.item.section), -one.score),
        default=None,
    )


def _surely_closed(matching: Matching) -> tuple[Match, ...]:
    """The CLOSED items that the topic is about: no other fits as well, or it is one's very title.

    A title that is in progress again is what is in progress.
    """
    closed = tuple(one for one in matching.tied if one.item.section is Section.CLOSED)
    again = any(one.item.section is Section.IN_PROGRESS for one in matching.tied)
    exact = any(one.exact for one in closed) and not again
    return closed if exact or len(closed) == len(matching.tied) else ()


def _closed(matching: Matching, known: Known) -> Step:
    tied = [one.item for one in matching.tied]
    perhaps = next((item for item in tied if item.section is Section.CLOSED), None)
    if perhaps is None:
        return _step(Question.CLOSED, "no CLOSED item is about it")
    closed = [one.item for one in _surely_closed(matching)]
    if not closed:
        other = next(item for item in tied if item.section is not Section.CLOSED)
        return _step(
            Question.CLOSED,
            f"not surely: {name(perhaps)} is CLOSED, but {name(other)} fits as well",
            item=perhaps,
        )
    for item in closed:
        proof = known.proofs.get(item.id)
        if proof and (record := proof.reopenable):
            return _step(
                Question.CLOSED,
                f"{_when(item)}, but there is newer evidence against it: record {record.id}",
                item=item,
                evidence=record,
                do=(f"evidenced proof {shlex.quote(item.id)}",),
            )
    return _still_closed(closed, known)


def _still_closed(closed: list[Item], known: Known) -> Step:
    item = closed[0]
    also = f" (as are {len(closed) - 1} more that fit as well)" if len(closed) > 1 else ""
    if known.trouble is not None:
        return Step(
            Question.CLOSED,
            Answer.UNREADABLE,
            f"{_when(item)}{also}; whether there is newer evidence cannot be told: {known.trouble}",
            item,
        )
    lacking = f"{_when(item)}{also}, and no evidence against it is younger than that"
    if item.closed is None:
        lacking = f"{_when(item)}{also}, and so no evidence can be younger"
    do = (f"evidenced proof {shlex.quote(item.id)}",)
    return Step(Question.CLOSED, Answer.REFUSED, lacking, item, do=do)


def _in_progress(matching: Matching, item: Item | None, wip: tuple[Item, ...], limit: int) -> Step:
    question = Question.IN_PROGRESS
    if item is not None and item.section is Section.IN_PROGRESS:
        return _step(question, f"it is in progress: {name(item)}", item=item)
    if item is not None and item.section is Section.BLOCKED:
        return Step(question, Answer.REFUSED, f"{name(item)} is BLOCKED", item)
    begin = (_begin(matching, item),)
    if len(wip) < limit:
        room = f"{len(wip)} of {limit} in progress" if wip else "nothing is in progress"
        return _step(question, f"there is room for it: {room}", do=begin)
    wanted = name(item) if item else f"'{_short(matching.topic.title)}'"
    if not wip:
        return Step(question, Answer.REFUSED, "the limit for IN PROGRESS is 0", do=begin)
    said = (
        f"{name(wip[0])} is in progress; approval is needed to set it aside for {wanted}"
        if limit == 1
        else f"{len(wip)} of {limit} are in progress; approval is needed to set one aside for"
        f" {wanted}, such as {name(wip[0])}"
    )
    return Step(question, Answer.REFUSED, said, wip[0], do=begin)


def _done_when(matching: Matching, item: Item | None, known: Known) -> Step:
    question = Question.DONE_WHEN
    if item is None:
        return _draft(matching, None, "no item of the ledger is about it")
    if item.section in (Section.IN_PROGRESS, Section.NEXT):
        points = measurable(item)
        if points:
            said = f"{name(item)} says when it is done"
            return _step(question, said, item=item, points=points)
        return _draft(matching, item, f"{name(item)} does not say when it is done")
    if item.section is Section.BLOCKED:
        return _draft(matching, item, f"{name(item)} is BLOCKED, and does not say when it is done")
    return _again(matching, item, known)


def _again(matching: Matching, item: Item, known: Known) -> Step:
    """A claim that does not hold has a definition of done: that it is verified again."""
    question, proof = Question.DONE_WHEN, known.proofs.get(item.id)
    newest = proof.newest if proof else None
    contradicted = newest is not None and newest.standing == Standing.CONTRADICTED
    reopened = item.section is Section.CLOSED and proof is not None and proof.reopenable is not None
    if proof and (contradicted or reopened):
        by = ", ".join(check.name for check in proof.checks)
        again = f"{item.id} is verified again" + (f" by {by}" if by else "")
        return _step(question, "the claim does not hold", item=item, points=(again,))
    if known.trouble is not None:
        said = f"whether {name(item)} holds cannot be told, so not whether it is to be mended"
        return Step(question, Answer.UNREADABLE, said, item)
    if item.section is Section.CLOSED:
        said = f"{name(item)} is CLOSED: nothing says when more would be done"
        return Step(question, Answer.REFUSED, said, item)
    said = f"{name(item)} is STABLE and not contradicted: nothing says when more would be done"
    return _draft(matching, item, said)


def _draft(matching: Matching, item: Item | None, said: str) -> Step:
    """Refused, with a draft: of a NEXT item that is near, else of no more than a form."""
    near = (one.item for one in matching.matches if one.item.section is Section.NEXT)
    source = next((one for one in near if one is not item and measurable(one)), None)
    points = measurable(source) if source else TEMPLATE
    wanted = item.title if item else matching.topic.title
    asked = " ".join(f"--done-when {_quoted(one)}" for one in (points if source else points[:1]))
    add = f"evidenced ledger next add {_quoted(wanted)} {asked}"
    told = f"{said}; a draft is taken from {name(source)}" if source else f"{said}; write it down"
    in_next = item is not None and item.section in (Section.NEXT, Section.IN_PROGRESS)
    do = () if in_next else (add,)
    return Step(Question.DONE_WHEN, Answer.REFUSED, told, item, do=do, points=points)


def measurable(item: Item) -> tuple[str, ...]:
    """The points by which an item is done, without those that only hold a place (TBD, works)."""
    said = (point for point in item.done_when if point.strip(" .!:").casefold() not in _VAGUE)
    return tuple(said)


def name(item: Item) -> str:
    """The title in quotation marks, on one line."""
    return f"'{_short(item.title)}'"


def _begin(matching: Matching, item: Item | None) -> str:
    if item is not None and item.section is Section.CLOSED:
        return f"evidenced ledger reopen {shlex.quote(item.id)}"
    title = item.title if item is not None else matching.topic.title
    return f"evidenced ledger start {_quoted(title)}"


def _when(item: Item) -> str:
    return f"{name(item)} is CLOSED " + (
        f"since {item.closed}" if item.closed else "without a date"
    )


def _step(
    question: Question,
    said: str,
    *,
    item: Item | None = None,
    evidence: Evidence | None = None,
    do: Iterable[str] = (),
    points: tuple[str, ...] = (),
) -> Step:
    return Step(question, Answer.GO, said, item, evidence, tuple(do), points)


def _quoted(text: str) -> str:
    """One word for a shell; a topic is somebody else's text."""
    return shlex.quote(one_line(text))


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= 100 else f"{line[:99]}…"
