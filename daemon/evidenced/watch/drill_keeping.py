"""What is kept of drills: marked records of their start and end, and what survives a restart."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from evidenced.evidence.records import JSON, Evidence, Saved
from evidenced.watch.drill import Drill, Ending
from evidenced.watch.verdict import Standing

DRILL = "drill"
"""The kind of the saved state, and the key of a record's proof under which the drill stands."""


def drill_evidence(drill: Drill, standing: Standing) -> Evidence:
    """The record of a drill's start, or of its end once that is noted; it is marked as a drill.

    `standing` is how the claim truly stands: it goes from there to contradicted and back, in the
    drill only.
    """
    over = drill.ended is not None
    seemed = Standing.CONTRADICTED
    return Evidence(
        at=drill.began if drill.ended is None else drill.ended,
        claim=drill.claim,
        section=drill.section,
        check="",
        before=(seemed if over else standing).value,
        standing=(standing if over else seemed).value,
        proof={DRILL: _told(drill)},
        drill=True,
    )


def drill_saved(drill: Drill) -> Saved:
    """A drill, to come back after a restart."""
    return Saved(kind=DRILL, name=drill.claim, state=_told(drill) | _subject(drill))


def drill_forgotten(claim: str) -> Saved:
    """That the drill of this claim is long over: it does not come back."""
    return Saved(kind=DRILL, name=claim, state=None)


def restored_drills(saved: Mapping[tuple[str, str], JSON]) -> dict[str, Drill]:
    """The drills from before a restart; what another version kept in another form is left out."""
    found: dict[str, Drill] = {}
    for (kind, _), kept in saved.items():
        state: Any = kept
        if kind == DRILL:
            with suppress(LookupError, TypeError, ValueError):
                one = _drill(state)
                found[one.claim] = one
    return found


def _told(drill: Drill) -> dict[str, JSON]:
    return {
        "began": drill.began,
        "until": drill.until,
        "who": drill.who,
        "why": drill.why,
        "ended": drill.ended,
        "ending": drill.ending.value if drill.ending else None,
        "ended_by": drill.ended_by,
    }


def _subject(drill: Drill) -> dict[str, JSON]:
    return {"claim": drill.claim, "section": drill.section}


def _drill(state: Mapping[str, Any]) -> Drill:
    ended, ending = state["ended"], state["ending"]
    return Drill(
        claim=str(state["claim"]),
        section=str(state["section"]),
        began=float(state["began"]),
        until=float(state["until"]),
        who=str(state["who"]),
        why=str(state["why"]),
        ended=None if ended is None else float(ended),
        ending=None if ending is None else Ending(ending),
        ended_by=str(state["ended_by"]),
    )
