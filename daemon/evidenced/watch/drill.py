"""Drills: a claim is made to look failed, so that the way to whoever is woken is known to work."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

MOST = 3600.0
"""The longest that a drill may last, in seconds: none is left on for good."""

FADE = 900.0
"""Seconds for which metrics tell that a drill is over: rules that look back at the last sample, as
they do over missed scrapes, would otherwise not see its end."""

TOLERANCE = 60.0
"""Seconds by which a clock may be set back and a drill go on."""


class Ending(StrEnum):
    """What ended a drill."""

    TIME = "time"
    """Its time was up, also while no daemon ran."""
    HAND = "hand"
    """Somebody stopped it."""
    LEDGER = "ledger"
    """The ledger no longer has the claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill on a claim; times are in seconds since the epoch.

    `section` is that of the claim as it began. `ended` and `ending` are None while nobody has noted
    its end, `ended_by` is who stopped it (or "").
    """

    claim: str
    section: str
    began: float
    until: float
    who: str
    why: str
    ended: float | None = None
    ending: Ending | None = None
    ended_by: str = ""

    def on(self, now: float) -> bool:
        """Whether the claim looks failed.

        It never does for longer than MOST from now on, to whatever time the clock was set back.
        """
        return self.ended is None and 0 < self.until - now <= MOST + TOLERANCE


@dataclass(frozen=True, slots=True)
class Swept:
    """The drills whose end was noted just now, and the claims whose drill is forgotten."""

    ended: tuple[Drill, ...] = ()
    forgotten: tuple[str, ...] = ()


class Drills:
    """The drills of one daemon, at most one a claim.

    They are apart from what is known of claims: a drill changes nothing of how one stands. What is
    read is never changed afterwards, so a thread may read it.
    """

    def __init__(self) -> None:
        self._all: Mapping[str, Drill] = {}

    def active(self, now: float) -> Mapping[str, Drill]:
        """The drills that are on, by their claims."""
        return {claim: one for claim, one in self._all.items() if one.on(now)}

    def told(self) -> tuple[Drill, ...]:
        """The drills that metrics tell of: those that are on, and those that were until lately."""
        return tuple(self._all.values())

    def begin(self, drill: Drill) -> None:
        """Begin a drill; raises ValueError where one is on that claim."""
        before = self._all.get(drill.claim)
        if before is not None and before.on(drill.began):
            raise ValueError("a drill of this claim is on")
        self._all = {**self._all, drill.claim: drill}

    def end(self, claim: str, now: float, by: str) -> Drill | None:
        """Stop the drill of this claim; as it ended, or None where none is on."""
        one = self._all.get(claim)
        if one is None or not one.on(now):
            return None
        return self._note(replace(one, ended=now, ending=Ending.HAND, ended_by=by))

    def sweep(
        self, now: float, claims: Collection[str], ours: Callable[[str], bool] = lambda _: True
    ) -> Swept:
        """Note which drills have ended, the ledger having these claims; forget those long over.

        `ours` says of a claim whether it is this daemon that does so.
        """
        ended, forgotten = [], []
        for one in filter(lambda drill: ours(drill.claim), self._all.values()):
            if one.ended is not None:
                # The clock may have been set back since, so that the end lies far ahead.
                if abs(now - one.ended) >= FADE:
                    forgotten.append(one.claim)
            elif not one.on(now):
                over = replace(one, ended=min(now, one.until), ending=Ending.TIME)
                ended.append(self._note(over))
            elif one.claim not in claims:
                ended.append(self._note(replace(one, ended=now, ending=Ending.LEDGER)))
        if forgotten:
            self._all = {c: one for c, one in self._all.items() if c not in forgotten}
        return Swept(tuple(ended), tuple(forgotten))

    def hear(self, drills: Mapping[str, Drill], ours: Callable[[str], bool]) -> None:
        """Take over the drills of claims that are not ours."""
        own = {claim: one for claim, one in self._all.items() if ours(claim)}
        self._all = own | {claim: one for claim, one in drills.items() if not ours(claim)}

    def restore(self, drills: Mapping[str, Drill]) -> None:
        """Begin with the drills from before a restart."""
        self._all = dict(drills)

    def _note(self, over: Drill) -> Drill:
        self._all = {**self._all, over.claim: over}
        return over
