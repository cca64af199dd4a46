"""Drills by their records: which one is on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidenced.evidence.records import JSON, Evidence
from evidenced.watch.drill import MOST
from evidenced.watch.drill_keeping import DRILL

LONGEST = MOST
"""How far back, in seconds, the record of a drill that is on can lie."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a record says of its drill; `until` and `ended` are in seconds since the epoch.

    `ended` is None in the record of a start; `ending` and `ended_by` are "" there.
    """

    until: float
    who: str
    why: str
    ended: float | None
    ending: str
    ended_by: str


def rehearsed(record: Evidence) -> Rehearsed | None:
    """What a record says of its drill; None where it is no drill's, or does not say it."""
    told = record.proof.get(DRILL)
    if not record.drill or not isinstance(told, Mapping):
        return None
    until = _seconds(told.get("until"))
    if until is None:
        return None
    return Rehearsed(
        until=until,
        who=_text(told.get("who")),
        why=_text(told.get("why")),
        ended=_seconds(told.get("ended")),
        ending=_text(told.get("ending")),
        ended_by=_text(told.get("ended_by")),
    )


def drill_on(records: Iterable[Evidence], now: float) -> Evidence | None:
    """The record by which the drill of a claim began that is on now, or None.

    It is over once its time is up, whether or not a daemon ran to note that.
    """
    newest = max((one for one in records if one.drill), key=lambda one: one.id, default=None)
    told = rehearsed(newest) if newest else None
    on = told is not None and told.ended is None and now < told.until
    return newest if on else None


def _seconds(value: JSON) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""
