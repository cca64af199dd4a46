"""What the store keeps. Times are in seconds since the epoch, durations in seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
"""A value that JSON can say."""

NO_HASH = "0" * 64
"""What the first record names as the hash of the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A change of a claim's standing, with its proof: what was asked and what came back.

    Whoever makes it hides the secrets in `proof` first. `id`, `previous` (the hash of the record
    before) and `hash` are the store's: it fills them in when it keeps the record. A `drill` is a
    change that was only rehearsed.
    """

    at: float
    claim: str
    section: str
    check: str
    before: str
    standing: str
    location: str = ""
    proof: Mapping[str, JSON] = field(default_factory=dict)
    drill: bool = False
    id: int = 0
    previous: str = NO_HASH
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of a check: how it ended, when it began, how long it took.

    `reach` is how long after its start it speaks for the check when no other run follows, in
    seconds: somewhat more than the interval, so that a late run is no gap.
    """

    check: str
    status: str
    at: float
    duration: float
    reach: float
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Runs in a row that ended alike.

    `start` is when the first of them began. `end` is when the next span began, or when the last
    run ended where nothing followed within its reach. `shortest`, `mean` and `longest` are of the
    durations of its `count` runs.
    """

    check: str
    status: str
    start: float
    end: float
    count: int
    shortest: float
    mean: float
    longest: float
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """State that comes back after a restart: the latest of its kind and name; None removes it.

    `shard` is the one of several daemons that kept it, and `serial` grows with each that it keeps;
    both are the store's to fill in.
    """

    kind: str
    name: str
    state: JSON
    shard: int = field(default=0, compare=False)
    serial: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record of the chain, also of one pruned since; id 0 where there was none yet."""

    id: int = 0
    hash: str = NO_HASH


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the chain begins since retention pruned it: the last record pruned, and when.

    `at` is None while nothing was pruned.
    """

    id: int = 0
    hash: str = NO_HASH
    at: float | None = None
