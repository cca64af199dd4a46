"""What several daemons keep for the one of them that makes the report: facts, and the last one."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from evidenced.evidence.records import JSON, Saved
from evidenced.workflow.report import CheckFacts, Earlier, Judged, Moved

FACTS, REPORT = "facts", "report"
"""The kinds of the saved state."""

LAST = "last"


@dataclass(frozen=True, slots=True)
class Told:
    """What other daemons tell: the facts of their checks, and the last report, where one was."""

    facts: Mapping[str, CheckFacts] = field(default_factory=dict)
    last: Earlier | None = None


def facts_saved(facts: CheckFacts) -> Saved:
    """The facts of a check, for another daemon to report."""
    state: dict[str, JSON] = asdict(facts)
    return Saved(kind=FACTS, name=facts.name, state=state)


def report_saved(last: Earlier) -> Saved:
    """What the next report is held against, whoever makes it."""
    state: dict[str, JSON] = asdict(last)
    return Saved(kind=REPORT, name=LAST, state=state)


def restored_told(kept: Iterable[Saved]) -> Told:
    """What others told; what another version kept in another form is left out."""
    facts, last = {}, None
    for one in kept:
        with suppress(LookupError, TypeError, ValueError):
            if one.kind == FACTS:
                facts[one.name] = _facts(one.state)
            elif one.kind == REPORT:
                last = _earlier(one.state)
    return Told(facts, last)


def _facts(state: Any) -> CheckFacts:  # noqa: ANN401  whatever was saved
    details = tuple((str(name), str(value)) for name, value in state["details"])
    judged = tuple(Judged(**one) for one in state["judged"])
    return CheckFacts(**{**state, "details": details, "judged": judged})


def _earlier(state: Any) -> Earlier:  # noqa: ANN401  whatever was saved
    between = state["between"]
    return Earlier(
        made=float(state["made"]),
        standings={name: (str(one), since) for name, (one, since) in state["standings"].items()},
        results=dict(state["results"]),
        within=dict(state["within"]),
        moved=tuple(Moved(**one) for one in state["moved"]),
        between=(float(between[0]), float(between[1])) if between else None,
    )
