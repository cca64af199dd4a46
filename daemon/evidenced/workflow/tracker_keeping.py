"""What is kept of outages and their issues over a restart."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from evidenced.evidence.records import JSON, Saved
from evidenced.workflow.tracker import Left, Outage
from evidenced.workflow.tracker_board import Key

TRACKER = "tracker"
"""The kind of the saved state."""


def outage_saved(outage: Outage) -> Saved:
    """An outage, to come back after a restart."""
    state: dict[str, JSON] = asdict(outage)
    state["left"] = outage.left.value if outage.left else None
    return Saved(kind=TRACKER, name=_name(outage.key), state=state)


def outage_forgotten(key: Key) -> Saved:
    """That an outage is over and told: it does not come back."""
    return Saved(kind=TRACKER, name=_name(key), state=None)


def restored_outages(saved: Iterable[Saved]) -> dict[Key, Outage]:
    """The outages from before a restart; what another version kept in another form is left out."""
    found: dict[Key, Outage] = {}
    for one in saved:
        state: Any = one.state
        if one.kind == TRACKER:
            with suppress(LookupError, TypeError, ValueError):
                outage = _outage(state)
                found[outage.key] = outage
    return found


def _name(key: Key) -> str:
    claim, drill = key
    return f"drill {claim}" if drill else claim


def _outage(state: dict[str, Any]) -> Outage:
    left, number = state["left"], state["number"]
    return Outage(
        claim=str(state["claim"]),
        drill=bool(state["drill"]),
        began=float(state["began"]),
        id=str(state["id"]),
        where=str(state["where"]),
        number=None if number is None else int(number),
        tried=_time(state["tried"]),
        opened=_time(state["opened"]),
        confirmed=bool(state["confirmed"]),
        told=str(state["told"]),
        said=_time(state["said"]),
        calm=_time(state["calm"]),
        farewell=_time(state["farewell"]),
        looked=None,
        left=Left(left) if left else None,
    )


def _time(value: Any) -> float | None:  # noqa: ANN401  whatever was saved
    return None if value is None else float(value)
