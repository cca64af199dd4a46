"""The samples of many subjects, put into words when a subject changes and not when one asks.

Most samples of ten thousand checks are as they were at the last scrape. What a subject's samples
are is therefore kept as the end of each line, and a scrape only puts name, labels and ends
together: some tens of milliseconds instead of seconds.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from types import MappingProxyType
from typing import Generic, TypeVar

from evidenced.publish.metrics_family import Family, encodable

R = TypeVar("R")
T = TypeVar("T")

AT_ONCE = 2048
"""Subjects whose samples of a family are written at once: about a millisecond."""

_REMEMBERED = 64
"""Values of a family's own labels of which the words are kept."""

_USUAL: Mapping[float, str] = MappingProxyType(
    {float(number): f"}} {float(number)}\n" for number in (-1, 0, 1, 4, 6, 200)}
)
"""The ends that most lines have, kept once for all of them."""


class Series(Generic[T]):
    """The samples of all subjects of one sort, each under a name.

    Of a subject that is the same object as before nothing is put into words again.
    """

    def __init__(
        self,
        families: Sequence[Family[T]],
        labels: Callable[[T], Mapping[str, str]],
        named: Callable[[T], object],
        kind: Callable[[T], str] = lambda _: "",
    ) -> None:
        """Samples of these families; of a subject only those that its kind can have.

        `labels` say which subject it is, and are asked for again only where what it is `named` by
        is another object.
        """
        self.families = tuple(families)
        self._labels = labels
        self._named = named
        self._kind = kind
        self._tables: dict[str, _Table[T]] = {}

    def see(self, name: str, subject: T) -> None:
        """Put a subject into words unless it is as it was."""
        kind = self._kind(subject)
        table = self._tables.get(kind)
        if table is None:
            own = {i: one for i, one in enumerate(self.families) if one.of_kind(kind)}
            table = self._tables[kind] = _Table(own)
        place = table.places.get(name)
        if place is None:
            table.add(name, subject, self._named(subject), _begin(self._labels(subject)))
        elif table.subjects[place] is not subject:
            named = self._named(subject)
            if table.named[place] is named:
                table.write(place, subject)
            else:
                table.begin(place, subject, named, _begin(self._labels(subject)))

    def behind(self, subjects: Mapping[str, T]) -> list[str]:
        """The names of those that are not as they were put into words, or never were."""
        known: dict[str, T] = {}
        for table in self._tables.values():
            known.update(zip(table.names, table.subjects, strict=True))
        return [name for name, subject in subjects.items() if known.get(name) is not subject]

    def keep(self, subjects: Mapping[str, T]) -> None:
        """Forget all subjects but these, and those that are of another kind now."""
        for kind, table in self._tables.items():
            gone = [
                name
                for name in table.places
                if name not in subjects or self._kind(subjects[name]) != kind
            ]
            for name in gone:
                table.drop(name)

    def lines(self, index: int) -> Iterator[str]:
        """The lines of a family, by its index, some thousand at a time."""
        for table in self._tables.values():
            yield from table.lines(index)


_Row = tuple[Family[T], list[str], "_Own | None"]
"""A family, its column, and its own labels if it has any."""


class _Table(Generic[T]):
    """The samples of the subjects of one kind: a row for each subject, a column for each family.

    Columns are lists of their own, because a family is written out for all subjects at once.
    """

    def __init__(self, families: Mapping[int, Family[T]]) -> None:
        self.places: dict[str, int] = {}
        self.names: list[str] = []
        self.subjects: list[T] = []
        self.named: list[object] = []
        self.begins: list[str] = []
        self._families = families
        self._columns: dict[int, list[str]] = {index: [] for index in families}
        self._written: dict[Callable[[T], object] | None, list[_Row[T]]] = {}
        for index, family in families.items():
            own = _Own(family.labels) if family.labels else None
            row = (family, self._columns[index], own)
            self._written.setdefault(family.seen, []).append(row)

    def add(self, name: str, subject: T, named: object, begin: str) -> None:
        """Add a row."""
        self.places[name] = len(self.subjects)
        self.names.append(name)
        self.subjects.append(subject)
        self.named.append(named)
        self.begins.append(begin)
        for column in self._columns.values():
            column.append("")
        for rows in self._written.values():
            self._fill(rows, len(self.subjects) - 1, subject)

    def write(self, place: int, subject: T) -> None:
        """Put the samples of a row into words, but those of which nothing changed."""
        before, self.subjects[place] = self.subjects[place], subject
        for seen, rows in self._written.items():
            if seen is None or seen(before) != seen(subject):
                self._fill(rows, place, subject)

    def begin(self, place: int, subject: T, named: object, begin: str) -> None:
        """Name a row anew, and put all samples of it into words."""
        self.subjects[place], self.named[place], self.begins[place] = subject, named, begin
        for rows in self._written.values():
            self._fill(rows, place, subject)

    def _fill(self, rows: "Sequence[_Row[T]]", place: int, subject: T) -> None:
        """Put samples of a row into words.

        A family with labels of its own has whole lines in its column, because a subject may have
        several of them; any other only the end of the one line, which is often the same for all.
        """
        begin = self.begins[place]
        for family, column, own in rows:
            text = ""
            if own is None:
                for _, number in family.read(subject):
                    text = _USUAL.get(number) or _end(number)
            else:
                for values, number in family.read(subject):
                    end = _USUAL.get(number) or _end(number)
                    text += f"{family.name}{begin}{own.of(values)}{end}"
            column[place] = text

    def drop(self, name: str) -> None:
        """Take a row out; the last one takes its place."""
        place = self.places.pop(name)
        for column in (self.names, self.begins, *self._columns.values()):
            _take(column, place)
        _take(self.subjects, place)
        _take(self.named, place)
        if place < len(self.names):
            self.places[self.names[place]] = place

    def lines(self, index: int) -> Iterator[str]:
        """The lines of a family, some thousand at a time."""
        column = self._columns.get(index)
        if column is None:
            return
        family = self._families[index]
        for at in range(0, len(column), AT_ONCE):
            ends = column[at : at + AT_ONCE]
            if family.labels:
                yield "".join(ends)
            elif all(ends):
                begins = self.begins[at : at + AT_ONCE]
                yield "".join(chain.from_iterable(zip(repeat(family.name), begins, ends)))
            else:
                begins = self.begins[at : at + AT_ONCE]
                rows = zip(begins, ends, strict=True)
                yield "".join([f"{family.name}{begin}{end}" for begin, end in rows if end])


def _take(column: list[R], place: int) -> None:
    last = column.pop()
    if place < len(column):
        column[place] = last


def _begin(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(
        f'{name}="{_escaped(encodable(value))}"' for name, value in labels.items()
    )


class _Own:
    """The labels of a family's own in words; most values, such as those of a state, come often."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._known: dict[tuple[str, ...], str] = {}

    def of(self, values: tuple[str, ...]) -> str:
        """The labels with these values."""
        known = self._known.get(values)
        if known is None:
            known = "".join(
                f',{name}="{_escaped(encodable(value))}"'
                for name, value in zip(self._names, values, strict=True)
            )
            if len(self._known) < _REMEMBERED:
                self._known[values] = known
        return known


def _end(number: float) -> str:
    if math.isinf(number):
        return "} +Inf\n" if number > 0 else "} -Inf\n"
    return f"}} {number!r}\n" if number == number else "} NaN\n"


def _escaped(value: str) -> str:
    """A label's value as both text formats have it."""
    if "\\" not in value and '"' not in value and "\n" not in value:
        return value
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
