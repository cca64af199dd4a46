"""A line of how long the last runs took. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WIDTH, HEIGHT = 96, 24
MARGIN = 3
"""Units above and below the line, so that it is not cut off."""


@dataclass(frozen=True, slots=True)
class Spark:
    """The data of two paths of SVG, and what they show in words.

    `line` goes through all runs, `failed` has a dot for each that did not succeed; `typical` is
    the median, as text.
    """

    line: str
    failed: str
    typical: str
    said: str


def spark(runs: Sequence[tuple[float, bool]]) -> Spark | None:
    """The line of these runs (seconds, whether it succeeded), oldest first; None for no run."""
    if not runs:
        return None
    times = [seconds for seconds, _ in runs]
    top = max(times)
    step = WIDTH / max(len(runs) - 1, 1)
    points = [
        f"{place * step:.0f} {HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * seconds / top:.0f}"
        for place, seconds in enumerate(times)
    ]
    dots = [f"M{point}h0" for point, (_, good) in zip(points, runs, strict=True) if not good]
    words = f"the last {len(runs)} runs took {length(min(times))} to {length(top)}"
    if dots:
        words += f", {len(dots)} of them did not succeed"
    return Spark("M" + "L".join(points), "".join(dots), length(median(times)), words)


def length(seconds: float) -> str:
    """A duration of a look as people say it."""
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1e3:.0f} ms" if seconds >= 0.001 else "under 1 ms"
