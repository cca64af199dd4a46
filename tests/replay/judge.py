"""Whether what fired is what had to: recall, false pages, and the time that each page took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from replay.firing import Firing
from replay.scenario import Expected, Scenario

PAGE = "critical"
"""The severity that wakes someone."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How long a claim may take to be contradicted and to be verified again, in seconds."""

    detected: float
    resolved: float


@dataclass(frozen=True, slots=True)
class Score:
    """How a scenario went: pages that had to be, pages that were, and what was wrong.

    `waits` are for each page the seconds from the breakage to it, and the most there may be.
    """

    title: str
    expected: int
    found: int
    false: tuple[str, ...]
    waits: tuple[tuple[float, float], ...]
    wrong: tuple[str, ...]


def judge(scenario: Scenario, fired: Iterable[Firing], bounds: Mapping[str, Bound]) -> Score:
    """Hold what fired against what the scenario asks for; `bounds` are by claim."""
    left = list(fired)
    waits: list[tuple[float, float]] = []
    wrong: list[str] = []
    for expected in (*scenario.pages, *scenario.tickets):
        pages = expected in scenario.pages
        spans = [one for one in left if _is(one, expected, pages=pages)][: expected.starts]
        if not spans:
            wrong.append(f"{_named(expected)} did not fire")
            continue
        left = [one for one in left if one not in spans]
        bound = _bound(expected, bounds, scenario.scrape)
        wrong += _late(spans[0], spans[-1], expected, bound)
        if pages:
            waits.append((spans[0].began - expected.since, bound.detected))
    false = tuple(_told(one) for one in left if one.severity == PAGE)
    wrong += [f"{_told(one)}, which must not be" for one in left if one.alert in scenario.never]
    wrong += [f"{each} is a false page" for each in false]
    return Score(scenario.title, len(scenario.pages), len(waits), false, tuple(waits), tuple(wrong))


def _is(firing: Firing, expected: Expected, *, pages: bool) -> bool:
    same = (firing.alert, firing.about) == (expected.alert, expected.about)
    return same and (firing.severity == PAGE) is pages and firing.began >= expected.since


def _bound(expected: Expected, bounds: Mapping[str, Bound], evaluation: float) -> Bound:
    known = bounds.get(expected.about)
    detected = expected.within or (known.detected + evaluation if known else 0.0)
    resolved = expected.resolved_within or (known.resolved + evaluation if known else 0.0)
    assert detected, f"{_named(expected)} needs `within`: it is about no claim"
    return Bound(detected, resolved)


def _late(first: Firing, last: Firing, expected: Expected, bound: Bound) -> Iterable[str]:
    if first.began - expected.since > bound.detected:
        yield f"{_told(first)}, expected by {expected.since + bound.detected:g} s"
    if expected.until is None:
        if last.ended is not None:
            yield f"{_told(last)}, expected to fire to the end"
    elif last.ended is None or last.ended < expected.until:
        yield f"{_told(last)}, expected to be resolved after {expected.until:g} s"
    elif last.ended - expected.until > bound.resolved:
        yield f"{_told(last)}, expected to be resolved by {expected.until + bound.resolved:g} s"


def _named(expected: Expected) -> str:
    return f"{expected.alert}({expected.about})" if expected.about else expected.alert


def _told(firing: Firing) -> str:
    name = f"{firing.alert}({firing.about})" if firing.about else firing.alert
    ended = "the end" if firing.ended is None else f"{firing.ended:g} s"
    return f"{name} fired from {firing.began:g} s to {ended}"
