"""One value held against a comparison of the configuration, whatever the value comes from.

Every operator is strict: it is met only by a value that it can be put to. So a number contains
nothing and does not fail to contain something either, and a value that is missing meets nothing
but `exists: false`. What cannot be said of a value is then never taken for verified.
"""

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from evidenced.config.expect import Comparison

_SHOWN = 60
"""Characters of a text that is written into what was expected or found."""

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)


class Missing(Enum):
    """The type of MISSING, which stands for a value that is not there; null is a value."""

    VALUE = "missing"


MISSING: Final = Missing.VALUE


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a comparison holds; what it asks, to be read after the value's name; what was found.

    Where it does not hold, `expected` is the part that does not. Neither text holds a text value.
    """

    met: bool
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One operator of a comparison with its operand."""

    operator: str
    operand: Any

    @property
    def denies(self) -> bool:
        """Whether it says what must not be, so that of several values all must meet it."""
        return self.operator in {"ne", "not_contains", "not_matches"}

    @property
    def collective(self) -> bool:
        """Whether it is put to several values as a whole rather than to each."""
        return self.operator in {"exists", "empty", "length", "contains", "not_contains"}

    def holds(self, value: object, *, textual: bool = False) -> bool:
        """Whether the value meets it; see `compare` for textual."""
        if self.operator == "exists":
            return (value is not MISSING) is self.operand
        if value is MISSING:
            return False
        if textual and isinstance(value, str):
            value = _read(value, self.operator, self.operand)
        return _HOLDS[self.operator](value, self.operand)

    def __str__(self) -> str:
        if self.operator in {"exists", "empty"}:
            return f"{'to' if self.operand else 'not to'} {_PHRASES[self.operator]}"
        if self.operator == "length":
            return f"length {' and '.join(map(str, clauses(self.operand)))}"
        return f"{_PHRASES[self.operator]} {literal(self.operand)}"


def compare(value: object, comparison: Comparison, *, textual: bool = False) -> Verdict:
    """Hold a value (a JSON value, a number, a text, or MISSING) against all of a comparison.

    `textual` says that the value comes from where everything is text, such as a header or the
    output of a command: a text is then read as a number or a truth value where one is asked for.
    """
    for clause in clauses(comparison):
        if not clause.holds(value, textual=textual):
            return Verdict(met=False, expected=str(clause), found=describe(value))
    return Verdict(met=True, expected=_all_of(comparison), found=describe(value))


def compare_any(
    values: Sequence[object], comparison: Comparison, *, textual: bool = False
) -> Verdict:
    """Hold several values of one name against a comparison, as of a header that is repeated.

    One of them must meet all that the comparison asks for; what it denies (ne, not_contains,
    not_matches) none of them may be. No value is one that is missing.
    """
    if len(values) <= 1:
        return compare(values[0] if values else MISSING, comparison, textual=textual)
    found = f"{len(values)} values"
    asked = [clause for clause in clauses(comparison) if not clause.denies]
    for clause in clauses(comparison):
        if clause.denies and not all(clause.holds(value, textual=textual) for value in values):
            return Verdict(met=False, expected=str(clause), found=found)
    if any(all(clause.holds(value, textual=textual) for clause in asked) for value in values):
        return Verdict(met=True, expected=_all_of(comparison), found=found)
    return Verdict(met=False, expected=" and ".join(map(str, asked)), found=f"{found}, none of it")


def compare_all(values: Sequence[object], comparison: Comparison) -> Verdict:
    """Hold the values of a query that may select many against a comparison.

    exists, empty, length, contains and not_contains are put to the list of them; the other
    operators each of them must meet, and there must be one. What a comparison means then does not
    depend on how many there happen to be.
    """
    for clause in clauses(comparison):
        if clause.operator == "exists":
            met = clause.holds(list(values) or MISSING)
        elif clause.collective:
            met = clause.holds(list(values))
        else:
            met = bool(values) and all(map(clause.holds, values))
        if not met:
            return Verdict(met=False, expected=str(clause), found=_describe_all(values, clause))
    return Verdict(met=True, expected=_all_of(comparison), found=describe(list(values)))


def clauses(comparison: Comparison) -> Iterator[Clause]:
    """The clauses of a comparison, one for each text or pattern of a list of them."""
    for name in _OPERATORS:
        if name not in comparison.model_fields_set:
            continue
        operand = getattr(comparison, name)
        if name in {"eq", "ne"}:
            yield Clause(name, operand)
        elif isinstance(operand, tuple):
            yield from (Clause(name, each) for each in operand)
        elif operand is not None:
            yield Clause(name, operand)


def describe(value: object) -> str:
    """What a value is, without what it says: numbers and truth values as they are, texts never.

    A text may be part of an answer's body and hold anything, a secret too.
    """
    if value is MISSING:
        return "nothing"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if _is_number(value):
        return _shortened(_digits(value))
    if isinstance(value, str):
        return f"a text of length {len(value):,}" if value else "an empty text"
    if isinstance(value, list | tuple):
        return f"a list of length {len(value):,}" if value else "an empty list"
    if isinstance(value, Mapping):
        return f"a mapping of length {len(value):,}" if value else "an empty mapping"
    return "another kind of value"


def literal(operand: object) -> str:
    """An operand of the configuration as JSON, shortened."""
    if isinstance(operand, float) and operand.is_integer():
        operand = int(operand)
    return _shortened(json.dumps(operand, ensure_ascii=False, default=str))


def _equal(value: object, wanted: object) -> bool:
    """Equality of JSON values: a truth value is no number, 1 equals 1.0."""
    if _is_number(value) and _is_number(wanted):
        return value == wanted
    if isinstance(value, list | tuple) and isinstance(wanted, list | tuple):
        return len(value) == len(wanted) and all(map(_equal, value, wanted))
    if isinstance(value, Mapping) and isinstance(wanted, Mapping):
        return value.keys() == wanted.keys() and all(_equal(value[k], wanted[k]) for k in wanted)
    return type(value) is type(wanted) and value == wanted


def _differs(value: object, wanted: object) -> bool:
    return not _equal(value, wanted)


def _ordered(order: Callable[[Any, Any], bool]) -> Callable[[object, Any], bool]:
    return lambda value, bound: _is_number(value) and order(value, bound)


def _contains(value: object, part: str) -> bool:
    if isinstance(value, list | tuple):
        return any(_equal(each, part) for each in value)
    return isinstance(value, str) and part in value


def _lacks(value: object, part: str) -> bool:
    return isinstance(value, str | list | tuple) and not _contains(value, part)


def _is_empty(value: object, wanted: bool) -> bool:
    empty = value is None or (isinstance(value, str | list | tuple | Mapping) and not value)
    return empty is wanted


def _has_length(value: object, wanted: Comparison) -> bool:
    return isinstance(value, str | list | tuple | Mapping) and compare(len(value), wanted).met


_HOLDS: Mapping[str, Callable[[object, Any], bool]] = MappingProxyType(
    {
        "eq": _equal,
        "ne": _differs,
        "lt": _ordered(operator.lt),
        "le": _ordered(operator.le),
        "gt": _ordered(operator.gt),
        "ge": _ordered(operator.ge),
        "contains": _contains,
        "not_contains": _lacks,
        "matches": lambda value, pattern: isinstance(value, str) and pattern.found_in(value),
        "not_matches": lambda value, pattern: (
            isinstance(value, str) and not pattern.found_in(value)
        ),
        "empty": _is_empty,
        "length": _has_length,
    }
)

_OPERATORS = ("exists", *_HOLDS)

_PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "exists": "exist",
        "eq": "to be",
        "ne": "not to be",
        "lt": "to be less than",
        "le": "to be at most",
        "gt": "to be more than",
        "ge": "to be at least",
        "contains": "to contain",
        "not_contains": "not to contain",
        "matches": "to match",
        "not_matches": "not to match",
        "empty": "be empty",
    }
)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _read(text: str, name: str, operand: object) -> object:
    """A text as the number or truth value that the operator asks for, where it is one."""
    if name in {"lt", "le", "gt", "ge"} or (name in {"eq", "ne"} and _is_number(operand)):
        return float(text) if _NUMBER.fullmatch(text.strip()) else text
    if name in {"eq", "ne"} and isinstance(operand, bool):
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    return text


def _all_of(comparison: Comparison) -> str:
    return " and ".join(map(str, clauses(comparison)))


def _describe_all(values: Sequence[object], clause: Clause) -> str:
    if not values:
        return "nothing"
    if clause.collective:
        return describe(list(values))
    amiss = [value for value in values if not clause.holds(value)]
    return f"{describe(amiss[0])} in {len(amiss):,} of {len(values):,}"


def _digits(number: object) -> str:
    # Python refuses to write integers of thousands of digits, which a hostile body may hold.
    try:
        return str(number)
    except ValueError:
        return "a number of thousands of digits"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
