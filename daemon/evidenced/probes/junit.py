"""JUnit's XML, as pytest, PHPUnit, Maven's surefire and others write it, to the counts of a run.

There is no one standard of it. Tests are counted one by one, as `testcase` elements, and held
against the totals that the suites state: where the two differ, what speaks less for the run counts,
so that neither a truncated list nor a total alone makes a run look better than it was.
"""

import math
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from evidenced.probes.tally import Tally

MOST_DEEP = 100
"""The most levels of elements in one another."""

MOST_COUNTED = 10**9
"""The largest count that is believed."""

_SUITES = frozenset({"testsuites", "testsuite"})
_ENDS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
_NOT_RUN = frozenset({"notrun", "disabled"})
_STATED = ("tests", "failures", "errors", "skipped", "assertions", "time")


def read_junit(report: bytes) -> Tally:
    """The counts of a report; of nested suites the outermost that states a total is believed.

    Raises ValueError, in one phrase, where it is no report. A document type is refused, for with it
    come entities, which could make a few lines stand for gigabytes or for files of the reader's.
    """
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    try:
        parser.Parse(report, True)
    except expat.ExpatError as error:
        why = expat.errors.messages.get(error.code, "malformed")
        raise ValueError(f"no XML: {why} on line {error.lineno}") from None
    except (LookupError, UnicodeError):
        raise ValueError("no XML: in an encoding that is not known") from None
    return reading.tally()


def _no_doctype(*declared: object) -> NoReturn:
    raise ValueError("found a document type, expected none")


@dataclass(slots=True)
class _Suite:
    """An element that is open: what it states, and what was stated below it."""

    stated: dict[str, float]
    below: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Case:
    """A test case that is open: its own depth, and how it ended so far."""

    depth: int
    ends: set[str] = field(default_factory=set)


class _Reading:
    def __init__(self) -> None:
        self._depth = 0
        self._suites: list[_Suite] = []
        self._case: _Case | None = None
        self._counted = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
        self._summed: dict[str, float] = {}
        self._stated: dict[str, float] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        name = name.rpartition(":")[2]
        if self._depth == 1 and name not in _SUITES:
            raise ValueError("no report of JUnit's: its root is not testsuites or testsuite")
        if self._depth > MOST_DEEP:
            raise ValueError(f"nested more than {MOST_DEEP} levels deep")
        if self._case is not None:
            if self._depth == self._case.depth + 1 and name in _ENDS:
                self._case.ends.add(_ENDS[name])
        elif name in _SUITES and len(self._suites) == self._depth - 1:
            self._suites.append(_Suite(_numbers(attributes)))
        elif name == "testcase":
            self._case = _Case(self._depth)
            if attributes.get("status", "").lower() in _NOT_RUN:
                self._case.ends.add("skipped")
            for key, value in _numbers(attributes).items():
                self._summed[key] = self._summed.get(key, 0) + value

    def end(self, name: str) -> None:
        if self._case is not None and self._depth == self._case.depth:
            self._counted["tests"] += 1
            # One that failed and then could not be cleaned up is one that failed.
            how = next((e for e in ("failures", "errors", "skipped") if e in self._case.ends), None)
            if how:
                self._counted[how] += 1
            self._case = None
        elif len(self._suites) == self._depth:
            suite = self._suites.pop()
            above = self._suites[-1].below if self._suites else self._stated
            for key, value in (suite.below | suite.stated).items():
                above[key] = above.get(key, 0) + value
        self._depth -= 1

    def tally(self) -> Tally:
        """The counts of all that was read."""

        def worst(key: str) -> int:
            return max(self._counted[key], int(self._stated.get(key, 0)))

        tests = [self._counted["tests"], int(self._stated.get("tests", self._counted["tests"]))]
        assertions = self._stated.get("assertions", self._summed.get("assertions"))
        return Tally(
            # A report may be of totals only.
            tests=min(tests) if self._counted["tests"] else max(tests),
            failures=worst("failures"),
            errors=worst("errors"),
            skipped=worst("skipped"),
            assertions=None if assertions is None else int(assertions),
            seconds=self._stated.get("time", self._summed.get("time")),
        )


def _numbers(attributes: dict[str, str]) -> dict[str, float]:
    """What an element states, as far as it is a number; surefire writes `1,234.5` for seconds."""
    found: dict[str, float] = {}
    for key in _STATED:
        text = attributes.get(key, "").replace(",", "")
        try:
            number = float(text) if text.isascii() else math.nan
        except ValueError:
            continue
        if 0 <= number <= MOST_COUNTED:
            found[key] = number
    return found
