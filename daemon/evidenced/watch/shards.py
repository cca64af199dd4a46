"""The shards that share one plan: what each tells of itself, and which of them are heard of."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from evidenced.evidence.records import JSON, Saved
from evidenced.watch.keeping import DAEMON, beat_name
from evidenced.watch.sharing import Share, owner

SILENT = 30.0
"""Seconds without a word after which a shard is taken to be gone, or cut off from the store."""

FORGOTTEN = 86_400.0
"""Seconds after which nothing is told of one any more."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard as it tells of itself.

    It divides the work by `count`, and is reached at `address`. `at` is when it said so, `began`
    since when it runs: both in seconds since the epoch, by its own clock.
    """

    index: int
    count: int
    address: str
    at: float
    began: float


def word_of(shard: Shard) -> Saved:
    """What a shard tells of itself, again and again, through the store."""
    state: dict[str, JSON] = {
        "at": shard.at,
        "began": shard.began,
        "index": shard.index,
        "count": shard.count,
        "address": shard.address,
    }
    return Saved(kind=DAEMON, name=beat_name(shard.index), state=state)


def words(kept: Iterable[Saved]) -> dict[int, Shard]:
    """The shards that told of themselves; what has another form, as of no shard, is left out."""
    found = {}
    for one in kept:
        state: Any = one.state
        if one.kind == DAEMON:
            with suppress(LookupError, TypeError, ValueError):
                shard = Shard(
                    int(state["index"]),
                    int(state["count"]),
                    str(state["address"]),
                    float(state["at"]),
                    float(state["began"]),
                )
                found[shard.index] = shard
    return found


class Roll:
    """Which other shards there are, and which of them are heard of.

    A clock may be wrong, so one lives whose word was another one lately; only of one that is met
    for the first time the time that it says must do.
    """

    def __init__(self, me: int, silent: float = SILENT) -> None:
        self._me = me
        self._silent = silent
        self._said: dict[int, tuple[Shard, float]] = {}
        self._now = 0.0

    def call(self, found: Mapping[int, Shard], wall: float, now: float) -> None:
        """Take in the words that stand in the store at a time: by the wall clock, and monotonic."""
        said = {}
        for index, shard in found.items():
            if index == self._me or wall - shard.at > FORGOTTEN:
                continue
            before = self._said.get(index)
            if before is None:
                said[index] = (shard, now - max(wall - shard.at, 0.0))
            else:
                said[index] = before if before[0] == shard else (shard, now)
        self._said, self._now = said, now

    @property
    def known(self) -> Mapping[int, Shard]:
        """All that are not forgotten, the silent ones too."""
        return {index: shard for index, (shard, _) in sorted(self._said.items())}

    @property
    def alive(self) -> Mapping[int, Shard]:
        """Those that are heard of, as of the last call."""
        since = self._now - self._silent
        return {index: shard for index, (shard, at) in self._said.items() if at >= since}


class Cover:
    """Who looks at what, of the shards that live, each as it divides the work itself.

    While the number of shards is being changed there may be two for a group, or one that this
    daemon would not expect.
    """

    def __init__(self, share: Share, alive: Mapping[int, Shard]) -> None:
        self._share = share
        self._alive = alive
        self._counts = {shard.count for shard in alive.values()}
        self._found: dict[str, Shard | None] = {}

    def of(self, check: str) -> Shard | None:
        """The shard that looks at this check, None where none does that is heard of."""
        group = self._share.groups[check]
        if group not in self._found:
            self._found[group] = self._owner(group, self._share.checks[check])
        return self._found[group]

    def _owner(self, group: str, expected: int) -> Shard | None:
        first = self._alive.get(expected)
        if first is not None and first.count == self._share.count:
            return first
        for count in sorted(self._counts, reverse=True):
            found = self._alive.get(owner(group, count))
            if found is not None and found.count == count:
                return found
        return None


def missing(share: Share, count: int, alive: Iterable[int]) -> int:
    """How many of so many shards are not heard of, this one not counted."""
    return len(set(range(count)) - {share.index, *alive})
