"""What Prometheus would have gathered: series by scrape, written for promtool."""

import re
from collections.abc import Iterable, Iterator

Sample = tuple[int, str]
"""The number of the scrape, and the value as the exposition has it."""

LABELS = 'job="evidenced",instance="monitor:9321"'
CLOCK = "evidenced_time_seconds"
_TIMES = ("_timestamp_seconds", "_expiry")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


class Gathered:
    """The series that the rules ask for, sample by sample."""

    def __init__(self, rules: str, start: float) -> None:
        """Keep what these rules name; `start` is the scenario's beginning in Unix time."""
        self._wanted = frozenset(_NAME.findall(rules)) - {CLOCK}
        self._start = start
        self._samples: dict[str, list[Sample]] = {}
        self._last: tuple[str | None, tuple[tuple[str, str], ...]] = ("", ())
        self.scrapes = 0

    def add(self, exposition: str | None, clock: float | None = None) -> None:
        """One scrape in the text format; None is one that nobody answered.

        A clock is the daemon's (Unix time) where it went on since the exposition was made.
        """
        if exposition is not self._last[0]:
            self._last = exposition, tuple(self._read(exposition or ""))
        up = "0" if exposition is None else "1"
        extra = [(f"up{{{LABELS}}}", up)]
        if exposition is not None and clock is not None:
            extra.append((f"{CLOCK}{{{LABELS}}}", str(clock - self._start)))
        for series, value in (*extra, *self._last[1]):
            self._samples.setdefault(series, []).append((self.scrapes, value))
        self.scrapes += 1

    def written(self) -> list[dict[str, str]]:
        """The series as `input_series` of a unit test of promtool."""
        return [
            {"series": series, "values": " ".join(self._values(samples))}
            for series, samples in self._samples.items()
        ]

    def _read(self, exposition: str) -> Iterator[tuple[str, str]]:
        for line in exposition.split("\n"):
            series, _, value = line.rpartition(" ")
            name, brace, labels = series.partition("{")
            if line.startswith("#") or name not in self._wanted:
                continue
            if name.endswith(_TIMES):
                # The clock of promtool begins at 1970, so all Unix times are moved there.
                value = str(float(value) - self._start)
            yield f"{name}{{{LABELS}{',' + labels if brace else '}'}", value

    def _values(self, samples: Iterable[Sample]) -> Iterator[str]:
        """The samples in promtool's notation: a series that a scrape lacks is stale from there."""
        value, first, last = "", 0, -1
        for scrape, found in samples:
            if scrape == last + 1 and found == value:
                last = scrape
                continue
            yield from _written(value, last - first)
            yield from _gap(scrape - last - 1, began=bool(value))
            value, first, last = found, scrape, scrape
        yield from _written(value, last - first)
        yield from _gap(self.scrapes - last - 1, began=True)


def _written(value: str, more: int) -> Iterator[str]:
    if value:
        yield f"{value}+0x{more}" if more else value


def _gap(missing: int, *, began: bool) -> Iterator[str]:
    if missing and began:
        yield "stale"
        missing -= 1
    if missing:
        yield f"_x{missing}"
