"""Whether the daemon itself can see: what its sentinels amount to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evidenced.probes.attempt import Outcome


@dataclass(frozen=True, slots=True)
class View:
    """The daemon's own view; times are in seconds since the epoch.

    `lost` is since when it is gone, `back` when it last came back.
    """

    lost: float | None = None
    back: float | None = None

    @property
    def up(self) -> bool:
        """Whether there is a view."""
        return self.lost is None

    def clouded(self, started: float, reach: float) -> bool:
        """Whether a run that began at `started` and ends now was without a view for a while.

        `reach` is the longest that it may have taken, in seconds.
        """
        return self.lost is not None or over_since(started, self.back, reach)


def over_since(started: float, over: float | None, reach: float) -> bool:
    """Whether trouble ended at `over` while a run was under way that took at most `reach` seconds.

    What ended later than that lies in the future of a clock that was set back, and says nothing.
    """
    return over is not None and started < over <= started + reach


def look_around(view: View, seen: Mapping[str, Outcome], needed: int, now: float) -> View:
    """The view after what each sentinel last saw; one that has not looked yet is believed."""
    holding = sum(outcome is Outcome.SUCCESS for outcome in seen.values())
    if holding >= needed:
        return view if view.up else replace(view, lost=None, back=now)
    return replace(view, lost=now) if view.up else view
