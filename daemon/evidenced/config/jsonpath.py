"""JSONPath (RFC 9535) by python-jsonpath, with its regular expressions matched by RE2."""

import json
from functools import lru_cache
from typing import ClassVar

import jsonpath
import re2
from jsonpath.function_extensions import ExpressionType, FilterFunction

Query = jsonpath.JSONPath | jsonpath.CompoundJSONPath


class _Matching(FilterFunction):
    """`match` and `search` of RFC 9535 (2.4.6, 2.4.7) that cannot backtrack.

    Their patterns are I-Regexps (RFC 9485), which RE2 reads; a pattern that it does not read
    matches nothing, as the RFC asks.
    """

    arg_types: ClassVar[list[ExpressionType]] = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL

    def __init__(self, *, whole: bool) -> None:
        self._whole = whole

    def __call__(self, value: object, pattern: object) -> bool:
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        options = re2.Options()
        options.log_errors = False
        try:
            compiled = re2.compile(pattern, options)
        except re2.error:
            return False
        found = compiled.fullmatch(value) if self._whole else compiled.search(value)
        return found is not None


class _Environment(jsonpath.JSONPathEnvironment):
    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions["match"] = _Matching(whole=True)
        self.function_extensions["search"] = _Matching(whole=False)


# Costly to build, and not changed by compiling.
_ENVIRONMENT = _Environment(strict=True)


@lru_cache(maxsize=1024)
def compiled(source: str) -> Query:
    """The query of this text; raises ValueError where it is no JSONPath.

    Queries do not change, so those of the same text are one: thousands of checks ask for a few.
    """
    if not source.startswith("$"):
        raise ValueError("expected a JSONPath that begins with $, such as $.status")
    try:
        return _ENVIRONMENT.compile(source)
    except jsonpath.JSONPathError as error:
        raise ValueError(f"expected a JSONPath (RFC 9535): {_reason(error)}") from None


def _reason(error: jsonpath.JSONPathError) -> str:
    index = error.token.index if error.token else -1
    where = f"at character {index + 1}" if index >= 0 else "at its end"
    message = str(error.message)
    # Some messages name the parser's own tokens, which tell nobody anything.
    return f"not readable {where}" if "TOKEN_" in message else f"{message} {where}"


def find(query: Query, document: object) -> list[object]:
    """The values that the query selects, in document order; raises ValueError where it cannot."""
    # The library takes a text for a whole document to be read, so a text is given to it as one.
    given = json.dumps(document) if isinstance(document, str) else document
    try:
        return list(query.findall(given))  # type: ignore[arg-type]  # any JSON value is right
    except (jsonpath.JSONPathError, RecursionError) as error:
        reason = error.message if isinstance(error, jsonpath.JSONPathError) else "nested too deeply"
        raise ValueError(f"the query cannot be answered: {reason}") from None
