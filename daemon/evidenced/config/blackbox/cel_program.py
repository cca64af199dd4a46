"""What runs expressions in CEL over a JSON document."""

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from celpy import Environment
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError
from celpy.celtypes import BoolType, DoubleType, IntType, UintType
from celpy.evaluation import CELEvalError

_NUMBERS = (IntType, UintType, DoubleType)
Operator = Callable[[Any, Any], bool]


def _compares(compare: Operator, unlike: bool | None = None) -> Callable[..., BoolType]:
    """A comparison that takes numbers of any kind for numbers, as CEL's language has it.

    JSON knows one kind of numbers. Values that are not of one kind compare as `unlike`, or not at
    all where that is None.
    """

    def compared(left: object, right: object) -> BoolType:
        for side in (left, right):
            # What went wrong on one side comes as its value.
            if isinstance(side, CELEvalError):
                raise side
        if isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS):
            return BoolType(compare(float(left), float(right)))
        if type(left) is not type(right):
            if unlike is None:
                raise TypeError("no such overload")
            return BoolType(unlike)
        return BoolType(compare(left, right))

    return compared


_FUNCTIONS: Mapping[str, Callable[..., BoolType]] = MappingProxyType(
    {
        "_==_": _compares(operator.eq, unlike=False),
        "_!=_": _compares(operator.ne, unlike=True),
        "_<_": _compares(operator.lt),
        "_<=_": _compares(operator.le),
        "_>_": _compares(operator.gt),
        "_>=_": _compares(operator.ge),
    }
)


class Program:
    """A parsed expression; raises ValueError where it cannot be parsed."""

    def __init__(self, source: str) -> None:
        environment = Environment()
        try:
            parsed = environment.compile(source)
        except CELParseError as error:
            place = f" at line {error.line}, column {error.column}" if error.line else ""
            raise ValueError(f"expected an expression in CEL; it cannot be read{place}") from None
        self._runner = environment.program(parsed, functions=dict(_FUNCTIONS))

    def holds(self, body: object) -> bool:
        """Whether the expression is true of a JSON document; this may take long.

        Raises ValueError where it cannot be evaluated, or is neither true nor false.
        """
        try:
            found = self._runner.evaluate({"body": json_to_cel(body)})  # type: ignore[arg-type]
        except (CELEvalError, ArithmeticError, LookupError, TypeError, RecursionError) as error:
            raise ValueError("it cannot be evaluated") from error
        if not isinstance(found, BoolType):
            raise ValueError("it is neither true nor false")  # noqa: TRY004  of the body's making
        return bool(found)
