"""What the target saw: when each address was asked for, by nginx's log of accesses.

Both sides are measured here, in the same way, by somebody who takes no part in the work.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

FORMAT = "$msec $connection_requests $ssl_session_reused $status $request_uri"
"""Seconds with milliseconds at the end of the request; its place on its connection; `r` where a
TLS session was taken up again; the status; the path."""


@dataclass(frozen=True, slots=True)
class Access:
    """One request, as it was logged."""

    at: float
    """Seconds since the epoch."""
    path: str
    kept: bool
    """Whether there was a request before it on the same connection."""
    resumed: bool
    """Whether its connection took up an earlier TLS session."""
    status: int

    @classmethod
    def read(cls, line: str) -> Self:
        """One line of the log."""
        at, place, resumed, status, path = line.split(" ", 4)
        return cls(float(at), path, place != "1", resumed == "r", int(status))


class Log:
    """The log of one nginx, read as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.accesses: list[Access] = []

    def follow(self) -> None:
        """Read what came since the last time; a line that is still being written is left."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            fresh = file.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._read += len(whole)
        self.accesses += map(Access.read, whole.decode("ascii").splitlines())

    @property
    def seen(self) -> int:
        """How many addresses were asked for so far."""
        return len({access.path for access in self.accesses})


def by_path(accesses: Iterable[Access]) -> dict[str, list[float]]:
    """When each address was asked for, in order."""
    times: dict[str, list[float]] = {}
    for access in accesses:
        times.setdefault(access.path, []).append(access.at)
    for each in times.values():
        each.sort()
    return times


def within(accesses: Iterable[Access], begin: float, end: float) -> list[Access]:
    """Those from `begin` until just before `end`."""
    return [access for access in accesses if begin <= access.at < end]


def interval_errors(
    times: dict[str, list[float]], interval: float, begin: float, end: float
) -> list[float]:
    """By how many seconds the time between two looks at an address was not the interval.

    Each pair counts of which the later lies in the window. A beat that was left out counts with
    its whole length.
    """
    return [
        abs(later - earlier - interval)
        for each in times.values()
        for earlier, later in pairwise(each)
        if begin <= later < end
    ]


def drift(times: dict[str, list[float]], interval: float, begin: float, end: float) -> float:
    """By how many seconds the looks fell behind their beat in the window, on average.

    Of each address the first and the last look count; whole intervals between them are the beat.
    """
    late = []
    for each in times.values():
        inside = [at for at in each if begin <= at < end]
        if len(inside) > 1:
            took = inside[-1] - inside[0]
            late.append(took - round(took / interval) * interval)
    return sum(late) / len(late) if late else 0.0


@dataclass(frozen=True, slots=True)
class FirstRound:
    """How the first look at every address was spread."""

    loading: float
    """Seconds from the start of the side to the first look of all."""
    took: float
    """Seconds from there until every address had been looked at; infinite where one never was."""
    densest: float
    """The part of all first looks that came in the fullest tenth of the interval: 0.1 is even."""

    @classmethod
    def of(cls, times: dict[str, list[float]], targets: int, interval: float, start: float) -> Self:
        """The first round of a side that was started at `start`."""
        firsts = sorted(each[0] for each in times.values())
        if not firsts:
            return cls(float("inf"), float("inf"), 1.0)
        tenths: dict[int, int] = {}
        for at in firsts:
            tenth = int((at - firsts[0]) / (interval / 10))
            tenths[tenth] = tenths.get(tenth, 0) + 1
        whole = len(firsts) >= targets
        return cls(
            loading=firsts[0] - start,
            took=firsts[-1] - firsts[0] if whole else float("inf"),
            densest=max(tenths.values()) / len(firsts),
        )
