"""What a metric family is: its name, its meaning, and how its samples are read off a subject."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from prometheus_client.metrics_core import Metric

T = TypeVar("T")
Value = tuple[tuple[str, ...], float]
"""One sample: the values of the family's own labels, and the number."""

Type = Literal["counter", "gauge", "histogram", "info"]
_SUFFIX: Mapping[str, str] = {"counter": "_total", "info": "_info"}


@dataclass(frozen=True, slots=True)
class Family(Generic[T]):
    """One metric family, made of subjects such as a check or a claim.

    `name` is the one that samples have. `labels` are the family's own, beside those that say which
    subject it is. `present` says when there is a sample, for the reference. Only subjects of one
    of the `kinds` can have samples, where any are named. What is `seen` of a subject, where that is
    given, is all that its samples are made of: while it is equal, so are they.
    """

    name: str
    type: Type
    help: str
    read: Callable[[T], Iterable[Value]]
    labels: tuple[str, ...] = ()
    unit: str = ""
    present: str = "always"
    kinds: tuple[str, ...] = ()
    seen: Callable[[T], object] | None = None

    def of_kind(self, kind: str) -> bool:
        """Whether subjects of this kind can have samples."""
        return not self.kinds or kind in self.kinds

    def metric(self) -> Metric:
        """The family without samples, as the client library has it."""
        name = self.name.removesuffix(_SUFFIX.get(self.type, ""))
        # OpenMetrics allows a unit only where the name ends in it.
        unit = self.unit if name.endswith(f"_{self.unit}") else ""
        return Metric(name, self.help, self.type, unit)


def fill(
    families: Iterable[Family[T]], subjects: Sequence[tuple[Mapping[str, str], T]]
) -> Iterator[Metric]:
    """The families that have samples, read off subjects that each come with their labels."""
    for family in families:
        metric = family.metric()
        for labels, subject in subjects:
            for values, number in family.read(subject):
                own = zip(family.labels, map(encodable, values), strict=True)
                metric.add_sample(family.name, {**labels, **dict(own)}, number)
        if metric.samples:
            yield metric


def labelled(location: str | None) -> dict[str, str]:
    """The label that says where a daemon runs, if it was told."""
    return {} if location is None else {"location": location}


def given(value: float | None) -> tuple[Value, ...]:
    """One sample without labels of its own, or none where there is no value."""
    return () if value is None else (((), value),)


def states(kinds: type[StrEnum], now: StrEnum) -> Iterator[Value]:
    """A state set: a sample for each state there is, 1 for the one that holds."""
    for kind in kinds:
        yield (kind.value,), float(kind is now)


def encodable(text: str) -> str:
    """The text with what UTF-8 cannot encode replaced: a lone surrogate must not end a scrape."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
