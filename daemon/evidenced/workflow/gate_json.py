"""What the gate says, as JSON; the commands and the API print the same."""

from typing import Any

from evidenced.evidence.records import Evidence
from evidenced.workflow.edits import excerpt
from evidenced.workflow.gate import Places, Step, Verdict
from evidenced.workflow.matching import MARGIN, MATCH, Match
from evidenced.workflow.proof_text import moment

SHOWN = 3
"""Items that are near but not meant are shown up to this many."""


def gate_json(verdict: Verdict, places: Places) -> dict[str, Any]:
    """The verdict as JSON types; `reason` and its place are None where the answer is `go`."""
    reason, matching = verdict.reason, verdict.matching
    return {
        "topic": matching.topic.said,
        "answer": verdict.answer.value,
        "reason": reason.said if reason else None,
        "at": places.line(reason.item) if reason and reason.item else None,
        "matched": _match(verdict.subject, places) if verdict.subject else None,
        "as_good": [_match(one, places) for one in matching.tied if one is not verdict.subject],
        "near": [_match(one, places) for one in matching.near[:SHOWN]],
        "words": list(matching.topic.words),
        "pull_requests": list(matching.topic.pulls),
        "threshold": MATCH,
        "margin": MARGIN,
        "questions": [_step(step, places) for step in verdict.steps],
    }


def record_json(record: Evidence) -> dict[str, Any]:
    """A record as the gate cites it: by its id, with an excerpt of its proof."""
    return {
        "id": record.id,
        "at": moment(record.at),
        "claim": record.claim,
        "check": record.check,
        "location": record.location or None,
        "standing": record.standing,
        "excerpt": excerpt(record),
        "hash": record.hash,
    }


def _match(one: Match, places: Places) -> dict[str, Any]:
    item = one.item
    return {
        "id": item.id,
        "title": item.title,
        "section": item.section.value,
        "at": places.line(item),
        "score": round(one.score, 2),
        "by": list(one.by),
    }


def _step(step: Step, places: Places) -> dict[str, Any]:
    return {
        "question": step.question.value,
        "answer": step.answer.value,
        "said": step.said,
        "at": places.line(step.item) if step.item else None,
        "evidence": record_json(step.evidence) if step.evidence else None,
        "do": list(step.do),
        "done_when": list(step.points),
    }
