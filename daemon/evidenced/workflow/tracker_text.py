"""The words of an issue and of its comments, in Markdown.

What was probed, and what it said, stands in code spans and fenced blocks only, so that nothing of
it is markup, mentions somebody or is a command to the tracker.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from evidenced.config.placeholders import filled
from evidenced.config.types import format_duration
from evidenced.evidence.records import Evidence
from evidenced.ledger.model import Section
from evidenced.workflow.markdown import code, fenced, one_line, plain
from evidenced.workflow.tracker_board import Matter, Symptom

DRILL = "DRILL"
"""What stands before the title of a drill's issue, and is a label of it."""

LONGEST_TITLE = 240
LONGEST_BODY = 60_000
"""Characters: GitHub takes 256 in a title and 65,536 in a body, and the others no less."""

_LONGEST_EXCHANGE = 6000


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of an outage: the claim, its newest record against it, and where to see more."""

    matter: Matter
    began: float
    record: Evidence | None = None
    proof_url: str | None = None
    location: str | None = None


def title(told: Told, template: str) -> str:
    """The title of the issue, on one line."""
    text = one_line(filled(template, _places(told, one_line)))
    text = f"{DRILL}: {text}" if told.matter.drill else text
    return text if len(text) <= LONGEST_TITLE else f"{text[: LONGEST_TITLE - 1]}…"


def body(told: Told, template: str) -> str:
    """The body of the issue, without its marker."""
    values = {**_places(told, plain), "facts": "\n".join(_facts(told)).rstrip()}
    values["text"] = plain(told.matter.item.text)
    values["since"] = moment(told.began)
    values["proof_url"] = told.proof_url or ""
    values["evidence"] = str(told.record.id) if told.record and told.record.id else ""
    return _cut(filled(template, values))


def news(told: Told) -> str:
    """A comment: the outage lasts, with these symptoms now."""
    lines = ["The claim is still contradicted."]
    lines += _whence(told)
    lines += ["", *_symptoms(told.matter.symptoms)]
    return _cut("\n".join((*lines, *_proof(told))))


def recovery(told: Told | None, began: float, calm: float, *, drill: bool) -> str:
    """A comment: the outage is over; `told` is None where the ledger no longer has the claim."""
    lasted = format_duration(max(round(calm - began), 0))
    times = f"It lasted {lasted}, from {moment(began)} to {moment(calm)}."
    if drill:
        return f"The {DRILL} is over. {times}"
    if told is None:
        return f"The ledger no longer has this claim, so nothing is looked at any more. {times}"
    lines = [f"Production bears the claim out again. {times}", *_whence(told), *_proof(told)]
    return "\n".join(lines)


def moment(at: float) -> str:
    """A time in seconds since the epoch, in words."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _places(told: Told, escape: Callable[[str], str]) -> Mapping[str, str]:
    item = told.matter.item
    return {
        "claim": escape(item.id),
        "title": escape(item.title),
        "section": item.section.value,
        "location": escape(told.location or ""),
    }


def _facts(told: Told) -> Iterator[str]:
    item = told.matter.item
    if told.matter.drill:
        yield f"**{DRILL}: nothing is broken.** The claim is made to look failed, to try the way"
        yield "to whoever is called. This issue is closed when the drill is over."
        yield ""
    yield "The ledger claims:"
    yield ""
    yield f"> **{plain(item.title)}**"
    if item.text.strip() and one_line(item.text) != one_line(item.title):
        yield ">"
        yield f"> {plain(item.text)}"
    yield ""
    closed = f", closed {item.closed.isoformat()}" if item.closed else ""
    yield f"- Claim: {code(item.id)} in {item.section.value.upper()}{closed}, line {item.line}"
    yield f"- Contradicted by production since {moment(told.began)}"
    yield from _whence(told, "- ")
    if told.record is not None and told.record.id:
        yield f"- Evidence: record {told.record.id}, hash `{told.record.hash}`"
    if told.proof_url:
        yield f"- Proof: <{told.proof_url}>"
    if item.section is Section.CLOSED and not told.matter.drill:
        yield "- The item is CLOSED: this is NEW proof, by which it may be reopened"
    yield ""
    yield from _symptoms(told.matter.symptoms)
    yield from _exchange(told.record)


def _whence(told: Told, mark: str = "") -> Iterator[str]:
    if told.location:
        yield f"{mark}Seen from {code(told.location)}"


def _proof(told: Told) -> Iterator[str]:
    if told.proof_url:
        yield ""
        yield f"Proof: <{told.proof_url}>"


def _symptoms(symptoms: tuple[Symptom, ...]) -> Iterator[str]:
    """What each check expected and found, and the line that repeats what it asks."""
    for symptom in symptoms:
        yield f"Check {code(symptom.check)} of {code(symptom.target)} fails:"
        yield ""
        yield fenced(f"{symptom.detail or 'expectation not met'} ({symptom.reason or 'unknown'})")
        yield ""
        if symptom.curl is not None:
            yield fenced(symptom.curl, "sh")
            yield ""


def _exchange(record: Evidence | None) -> Iterator[str]:
    """What was asked and answered, as the record has it; secrets are not in there."""
    exchange = record.proof.get("exchange") if record else None
    if not exchange or not isinstance(exchange, list):
        return
    text = "\n".join(map(str, exchange))
    if len(text) > _LONGEST_EXCHANGE:
        text = f"{text[:_LONGEST_EXCHANGE]}\n…"
    yield "Asked (`>`) and answered (`<`):"
    yield ""
    yield fenced(text, "http")
    yield ""


def _cut(text: str) -> str:
    if len(text) <= LONGEST_BODY:
        return text
    return f"{text[:LONGEST_BODY]}\n\n(The rest is left out: it is too long.)"
