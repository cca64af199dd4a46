"""YAML text to plain data, with the line on which each value stands.

The parser is libyaml's, by PyYAML. Plain scalars are read as YAML 1.2's core schema says and not
as YAML 1.1: `on`, `no` and `12:30` are texts, so `retry.on` is the key that it looks like.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import yaml

from evidenced.config.problem import ConfigError, Fault, Key, Path, Problem
from evidenced.config.syntax import quoted, syntax_problem

MOST_DEEP = 50
"""The most levels of lists and mappings in one another."""

MOST_VALUES = 2_000_000
"""The most values after aliases are followed: a few lines of them can stand for billions."""

Children = Mapping[Key, "Place"]
Place = tuple[int, Children | None]
"""The line of a key or an entry, and the places below it."""

Event = Any
"""One of the parser's events, for which there are no types."""

_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"

# YAML 1.2.2, 10.3.2, but for infinities and what is not a number: these are texts here, since no
# key takes them.
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC = frozenset("0123456789+-.")
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}")
_BASED = re.compile(r"0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document as plain data; `faults` are found in it beside errors of syntax."""

    data: object
    faults: tuple[Fault, ...]
    children: Children | None

    def line(self, path: Path) -> int:
        """The 1-based line of the key or entry at a path, or of the nearest one above it."""
        line, children = 1, self.children
        for step in path:
            place = children.get(step) if children else None
            if place is None:
                break
            line, children = place
        return line


def parse(text: str, file: str) -> Document:
    """Read one YAML document; `file` names it in errors.

    Raises ConfigError where it is no YAML, has no document in it or more than one, or is nested
    too deeply.
    """
    try:
        return _Builder(text, file).document()
    except yaml.YAMLError as error:
        raise ConfigError(syntax_problem(error, text, file)) from None


class _Built(NamedTuple):
    """A value, the places below it, and how many values it stands for."""

    value: Any
    children: Children | None
    size: int


class _Builder:
    """Makes plain data of the parser's events, in half the time that a tree of nodes takes."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[Event] = iter(yaml.parse(text, Loader=_LOADER))
        self._file = file
        self._anchors: dict[str, _Built] = {}
        self._faults: list[Fault] = []

    def document(self) -> Document:
        """The one document that there is."""
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._stop(None, "the file is empty, expected at least the section ledger")
        built = self._value(next(self._events), ())
        next(self._events)
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            self._stop(event, "found the beginning of a second document, expected one document")
        if built.size > MOST_VALUES:
            self._stop(None, f"its aliases stand for more than {MOST_VALUES} values")
        return Document(built.value, tuple(self._faults), built.children)

    def _stop(self, event: Event | None, message: str) -> NoReturn:
        line = None if event is None else _line(event)
        raise ConfigError(Problem(self._file, line, "", message))

    def _fault(self, path: Path, event: Event, message: str) -> None:
        self._faults.append(Fault(path, message, _line(event)))

    def _value(self, event: Event, path: Path) -> _Built:
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                self._stop(event, _NO_ANCHOR)
            return self._anchors[event.anchor]
        if isinstance(event, yaml.ScalarEvent):
            built = _Built(self._scalar(event, path), None, 1)
        elif len(path) > MOST_DEEP:
            self._stop(event, f"nested more than {MOST_DEEP} levels deep")
        elif isinstance(event, yaml.SequenceStartEvent):
            self._untagged(event, path, "seq")
            built = self._list(path)
        else:
            self._untagged(event, path, "map")
            built = self._mapping(path)
        if event.anchor is not None:
            self._anchors[event.anchor] = built
        return built

    def _untagged(self, event: Event, path: Path, usual: str) -> None:
        if event.tag not in (None, "!", _STANDARD + usual):
            self._fault(path, event, _TAGGED)

    def _scalar(self, event: Event, path: Path) -> object:
        text: str = event.value
        if event.tag is None:
            return _resolved(text) if event.implicit[0] else text
        if event.tag in ("!", f"{_STANDARD}str"):
            return text
        value = _resolved(text)
        self._untagged(event, path, _TAGS.get(type(value), "null"))
        return value

    def _list(self, path: Path) -> _Built:
        values: list[Any] = []
        children: dict[Key, Place] = {}
        size = 1
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            index = len(values)
            built = self._value(event, (*path, index))
            children[index] = (_line(event), built.children)
            values.append(built.value)
            size += built.size
        return _Built(values, children, size)

    def _mapping(self, path: Path) -> _Built:
        values: dict[str, Any] = {}
        children: dict[Key, Place] = {}
        merged: list[_Built] = []
        size = 1
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, path)
            built = self._value(next(self._events), path if key is None else (*path, key))
            size += built.size
            if key == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                merged += self._mergeable(event, built, path)
            elif key in values:
                message = f"found the key a second time, first on line {children[key][0]}"
                self._fault((*path, key), event, message)
            elif key is not None:
                values[key] = built.value
                children[key] = (_line(event), built.children)
        for source in merged:
            for key in source.value.keys() - values.keys():
                values[key] = source.value[key]
                children[key] = (source.children or {})[key]
        return _Built(values, children, size)

    def _key(self, event: Event, path: Path) -> str | None:
        """The text of a key, whatever it looks like: a key is a name, so `1` is `"1"`."""
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor is not None:
                self._anchors[event.anchor] = _Built(event.value, None, 1)
            return str(event.value)
        key = self._value(event, path).value
        if isinstance(key, str):
            return key
        self._fault(path, event, "found a key that is no text, expected a name")
        return None

    def _mergeable(self, event: Event, built: _Built, path: Path) -> Iterator[_Built]:
        """The mappings that a merge key `<<` takes over: one, or each of a list."""
        sources = [built]
        if isinstance(built.value, list):
            places = built.children or {}
            sources = [_Built(v, places[i][1], 0) for i, v in enumerate(built.value)]
        if all(isinstance(source.value, dict) for source in sources):
            yield from sources
        else:
            self._fault((*path, "<<"), event, "expected a mapping to merge, or a list of them")


_TAGS: Mapping[type, str] = {bool: "bool", int: "int", float: "float", str: "str"}

# The names are not shown: what looks like a tag or an alias may be a secret without its quotes.
_TAGGED = f"found a tag (!) that is not read here; {quoted('!')}"
_NO_ANCHOR = f"found an alias (*) without an anchor (&) before it; {quoted('*')}"


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _resolved(text: str) -> object:
    """The value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
