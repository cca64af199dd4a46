"""Outages and their issues: what is to be done given the board, what is known, and the time. Pure.

An outage of a claim begins when the claim is contradicted and ends once it has been borne out again
for a while. All that happens between is one outage, whatever its symptoms, and it has one issue.
Times are in seconds since the epoch, by the daemon's clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from evidenced.workflow.tracker_board import Key, Matter


class Left(StrEnum):
    """Why nothing more is done about the issue of an outage."""

    CLOSED = "closed"
    """Somebody closed it while the outage lasted."""
    GONE = "gone"
    """Somebody deleted it, or moved it elsewhere."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is waited for what, in seconds.

    `lag` is how long an issue may be there before lists have it, and how long a request whose
    answer was lost may take to have its effect; `review` is the time between two looks at an issue
    of which there is no news.
    """

    comment_every: float = 3600.0
    settle: float = 300.0
    lag: float = 120.0
    review: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """An outage of a claim, and what is known of its issue.

    `id` is unlike that of any other outage; `where` is the tracker that the rest is about. `tried`
    is when an issue was last asked for without an answer that says what came of it, `opened` when
    the issue was opened or found, `confirmed` whether it was looked at again after `lag`.
    `told` are the symptoms that were told last, and `said` is when; `calm` is since when the claim
    is borne out again, `farewell` when a comment about that was sent, `looked` when the tracker was
    last asked.
    """

    claim: str
    drill: bool
    began: float
    id: str
    where: str
    number: int | None = None
    tried: float | None = None
    opened: float | None = None
    confirmed: bool = False
    told: str = ""
    said: float | None = None
    calm: float | None = None
    farewell: float | None = None
    looked: float | None = None
    left: Left | None = None

    @property
    def key(self) -> Key:
        """The claim, and whether it is a drill."""
        return (self.claim, self.drill)


def followed(
    outages: Mapping[Key, Outage],
    matters: Mapping[Key, Matter],
    where: str,
    pace: Pace,
    now: float,
    new_id: Callable[[], str],
) -> dict[Key, Outage]:
    """The outages as the board has them now: new ones, those that go on, those that are calm.

    `matters` has every claim that there is. One that the ledger no longer has is calm.
    """
    found = {}
    for key, outage in outages.items():
        matter = matters.get(key)
        after = _at(where, outage, new_id)
        if matter is None or matter.on is False:
            after = after if after.calm is not None else replace(after, calm=now)
        elif matter.on and after.calm is not None:
            if _is_another(after, matter, pace, now):
                continue
            after = replace(after, calm=None, farewell=None)
        found[key] = after
    for key, matter in matters.items():
        if matter.on and matter.wanted and key not in found:
            began = _since(matter, now)
            found[key] = Outage(claim=key[0], drill=key[1], began=began, id=new_id(), where=where)
    return found


def _is_another(outage: Outage, matter: Matter, pace: Pace, now: float) -> bool:
    """Whether an outage was over before the claim was contradicted again.

    One of which nobody could be told yet goes on all the same, so that it is not lost.
    """
    told = outage.number is not None
    return told and matter.wanted and is_over(outage, pace, _since(matter, now))


def _since(matter: Matter, now: float) -> float:
    return now if matter.since is None else min(matter.since, now)


def _at(where: str, outage: Outage, new_id: Callable[[], str]) -> Outage:
    """The outage with what is known of its issue, unless that is of another tracker."""
    if outage.where == where:
        return outage
    return Outage(
        claim=outage.claim,
        drill=outage.drill,
        began=outage.began,
        id=new_id(),
        where=where,
        calm=outage.calm,
    )


def is_over(outage: Outage, pace: Pace, now: float) -> bool:
    """Whether the claim has been borne out again for long enough; a drill is over at its end."""
    settle = 0.0 if outage.drill else pace.settle
    return outage.calm is not None and now - outage.calm >= settle


def is_due(outage: Outage, symptoms: str, pace: Pace, now: float) -> bool:
    """Whether something is to be asked of the tracker, or told to it, about this outage."""
    if outage.left is not None:
        return False
    since = None if outage.looked is None else now - outage.looked
    if since is None or since < 0:
        return True
    if outage.number is None or outage.farewell is not None:
        return since >= pace.lag / 4
    if since >= pace.review or (not outage.confirmed and is_certain(outage, pace, now)):
        return True
    if is_over(outage, pace, now):
        return outage.confirmed
    return is_news(outage, symptoms, pace, now)


def is_news(outage: Outage, symptoms: str, pace: Pace, now: float) -> bool:
    """Whether the symptoms are others than those told, and it is time to say so."""
    if not symptoms or symptoms == outage.told or outage.calm is not None:
        return False
    return outage.said is None or not 0 <= now - outage.said < pace.comment_every


def may_ask_for_one(outage: Outage, pace: Pace, now: float) -> bool:
    """Whether an issue may be asked for, where none is found.

    Not while one that was asked for before may still turn up.
    """
    return outage.tried is None or not 0 <= now - outage.tried < pace.lag


def is_certain(outage: Outage, pace: Pace, now: float) -> bool:
    """Whether an issue that is not found is gone: one just opened may not be shown yet."""
    return outage.opened is None or not 0 <= now - outage.opened < pace.lag
