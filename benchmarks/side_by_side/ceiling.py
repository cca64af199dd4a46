"""The most probes a second that one core sustains, found by trying."""

from collections.abc import Awaitable, Callable

from side_by_side.round import Figures, measured
from side_by_side.sides import Cores, Side
from side_by_side.work import Work

INTERVAL = 5
WINDOW = 15.0
COARSE = 1.4
"""By what the load is raised and lowered until one step held and one did not."""
FINE = 1.06
"""How near to one another these two are in the end."""
STEPS = 12
TRIES = 2
ENOUGH = 0.99
"""The part of the probes due that must be done, and of the targets that must be known of."""


def sustains(figures: Figures) -> bool:
    """Whether a side kept up: it did what was due, fell no further behind, and it is queryable."""
    return (
        figures.done >= ENOUGH
        and figures.queryable >= ENOUGH
        and figures.drift <= (1 - ENOUGH) * WINDOW
    )


async def search(holds: Callable[[float], Awaitable[bool]], first: float) -> float:
    """The highest rate that was seen to hold; 0 where none did. `first` is where to begin."""
    low, high, rate = 0.0, float("inf"), first
    for _ in range(STEPS):
        if await holds(rate):
            low = rate
        else:
            high = rate
        if low and high / low <= FINE:
            break
        if high == float("inf"):
            rate *= COARSE
        elif not low:
            rate /= COARSE
        else:
            rate = (low * high) ** 0.5
    return low


async def ceiling(side: Side, first: float, tell: Callable[[str], None]) -> float:
    """What a side sustains with its prober on one core, and all else on another.

    New connections without TLS, each target looked at every 5 s. What does not hold is tried once
    more from the start: the machine may have had something else to do, and who has once fallen
    behind does not always find back.
    """

    async def holds(rate: float) -> bool:
        work = Work(round(rate * INTERVAL), INTERVAL)
        for _ in range(TRIES):
            figures = await measured(side, work, WINDOW, Cores(0, 1))
            kept = sustains(figures)
            tell(f"{side.name} {'holds' if kept else 'falls behind at'} {step(figures, work)}")
            if kept:
                return True
        return False

    return await search(holds, first)


def step(figures: Figures, work: Work) -> str:
    """How one load went, in a line: what was done, and who was busy with it."""
    rate = figures.done * work.rate
    prober, prometheus = rate * figures.prober, rate * (figures.job - figures.prober)
    return (
        f"{work.rate:,.0f}/s: {figures.done:.3f} done, {figures.queryable:.3f} queryable, behind "
        f"by {figures.drift:.2f} s; prober {prober:.0%}, Prometheus {prometheus:.0%} of a core"
    )
