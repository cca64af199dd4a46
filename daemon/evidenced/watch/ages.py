"""When time alone may change what is known of a check: of thousands, few are due at a time."""

from collections.abc import Sequence
from heapq import heappop, heappush


class Ages:
    """For each check the moment (seconds since the epoch) at which its age is to be considered.

    A check whose moment moves on keeps its old one, and is given another one once that is there:
    most runs move it on, and none is to be sought for that.
    """

    def __init__(self) -> None:
        self._queue: list[tuple[float, str]] = []
        self._moments: dict[str, float] = {}

    def by(self, name: str, moment: float) -> None:
        """Have a check considered at this moment at the latest; at infinity it need not be."""
        if moment < self._moments.get(name, float("inf")):
            self._moments[name] = moment
            heappush(self._queue, (moment, name))

    def due(self, now: float) -> Sequence[str]:
        """The checks whose moment is there; none of them has one any more."""
        found = []
        while self._queue and self._queue[0][0] <= now:
            moment, name = heappop(self._queue)
            if self._moments.get(name) == moment:
                del self._moments[name]
                found.append(name)
        return found
