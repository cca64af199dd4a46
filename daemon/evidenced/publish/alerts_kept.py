"""What is kept of samples over a restart: runs of minutes, and until when they go."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from evidenced.evidence.records import JSON, Saved
from evidenced.publish.alerts_hold import Now
from evidenced.publish.alerts_minutes import Minutes
from evidenced.publish.slo_tiers import MINUTE

SAMPLES, TAKEN = "samples", "samples taken"
"""The kinds of the saved state: the runs of a subject, and when a daemon last took any samples."""

Key = tuple[str, str]
"""What an SLO is of: `check` or `claim`, and its name."""


def minute_of(ticks: float) -> int:
    """The number of the minute of a time of the monotonic clock."""
    return int(ticks // MINUTE)


def samples_saved(key: Key, minutes: Minutes, now: Now) -> Saved:
    """The runs of a subject, each by the time of its first minute, in seconds since the epoch."""
    offset = now.wall - now.ticks
    runs: list[JSON] = [
        [round(first * MINUTE + offset), sample] for first, _, sample in minutes.runs()
    ]
    return Saved(kind=SAMPLES, name=name_of(key), state=runs)


def samples_forgotten(name: str) -> Saved:
    """That what is kept under this name does not come back."""
    return Saved(kind=SAMPLES, name=name, state=None)


def taken_saved(shard: int, now: Now) -> Saved:
    """That this daemon took samples until now: so far goes the last run of each of its subjects."""
    return Saved(kind=TAKEN, name=str(shard), state=now.wall)


def restored_samples(kept: Iterable[Saved], keys: Iterable[Key], now: Now) -> dict[Key, Minutes]:
    """The samples of these subjects from before; what another version kept is left out."""
    every = tuple(kept)
    until = {one.name: one.state for one in every if one.kind == TAKEN}
    names = {name_of(key): key for key in keys}
    found: dict[Key, Minutes] = {}
    for one in every:
        key = names.get(one.name)
        if one.kind == SAMPLES and key is not None:
            with suppress(LookupError, TypeError, ValueError, OverflowError):
                found[key] = _minutes(one.state, until[str(one.shard)], now)
    return found


def strangers(kept: Iterable[Saved], keys: Iterable[Key]) -> tuple[str, ...]:
    """The names under which samples are kept of what has no SLO any more."""
    names = {name_of(key) for key in keys}
    return tuple(one.name for one in kept if one.kind == SAMPLES and one.name not in names)


def _minutes(runs: Any, until: Any, now: Now) -> Minutes:  # noqa: ANN401  whatever was saved
    """The runs on this process' clock; a time that is yet to come, by a clock set back, is none."""
    offset = now.ticks - now.wall
    end = minute_of(min(float(until), now.wall) + offset)
    begins = [minute_of(float(begin) + MINUTE / 2 + offset) for begin, _ in runs]
    found = Minutes()
    lasts = [*(begin - 1 for begin in begins[1:]), end][: len(begins)]
    for (_, sample), first, last in zip(runs, begins, lasts, strict=True):
        found.fill(first, min(last, end), None if sample is None else bool(sample))
    return found


def name_of(key: Key) -> str:
    """Under which name the samples of a subject are kept."""
    return " ".join(key)
