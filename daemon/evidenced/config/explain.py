"""pydantic's errors in short, plain words: what was found, and what is allowed."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic_core import ErrorDetails

from evidenced.config.environment import Expanded
from evidenced.config.files import FILE_ERROR
from evidenced.config.outline import Outline
from evidenced.config.problem import Fault, Path, as_written
from evidenced.config.suggest import suggestion

LONGEST = 40
"""The most characters of a value that are shown."""

# What is expected, by the type of pydantic's error (docs.pydantic.dev, "Validation Errors").
_EXPECTED: Mapping[str, str] = {
    "string_type": "a text",
    "string_too_short": "a text that is not empty",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "path_type": "the path of a file",
    "literal_error": "{expected}",
}
# Where these are expected, a text may be all of what should stand in them, secrets included.
_STRUCTURES: Mapping[str, str] = {"tuple_type": "a list", "dict_type": "a mapping"}


class _Found(NamedTuple):
    """What an error is about: a value at a path, or the key that ends the path."""

    path: Path
    value: object
    is_key: bool = False


class Explainer:
    """Turns errors about one configuration into faults.

    `written` is its data as in the file, `expanded` the same with variables expanded.
    """

    def __init__(self, written: object, expanded: Expanded, outline: Outline) -> None:
        self._written = written
        self._expanded = expanded
        self._outline = outline

    def fault(self, error: ErrorDetails) -> Fault:
        """What this error says, at the path where a person looks for it."""
        found = self._place(error)
        make: Callable[[_Found, ErrorDetails], str] = {
            "missing": self._missing,
            "extra_forbidden": self._unknown,
            "model_type": self._no_section,
            "value_error": self._refused,
            FILE_ERROR: self._refused,
        }.get(error["type"], self._unlike)
        return Fault(found.path, make(found, error))

    def _place(self, error: ErrorDetails) -> _Found:
        path: Path = ()
        value = self._expanded.data
        for step in error["loc"]:
            if _leads_on(value, step):
                value = _at(value, (step,))
            elif step == "[key]":
                return _Found(path, path[-1], is_key=True)
            elif error["type"] == "missing":
                return _Found((*path, step), None)
            else:
                break
            path = (*path, step)
        if error["type"] == FILE_ERROR:
            key = error["ctx"]["key"]
            path = (*path, *key) if isinstance(key, tuple) else (*path, key)
            return _Found(path, _at(self._expanded.data, path))
        return _Found(path, value)

    def _missing(self, found: _Found, error: ErrorDetails) -> str:
        return f"missing, but needed: {self._outline.meaning(found.path)}"

    def _unknown(self, found: _Found, error: ErrorDetails) -> str:
        section, key = found.path[:-1], str(found.path[-1])
        elsewhere = next(self._outline.sections_with(key, section), None)
        if elsewhere is not None:
            place = as_written(elsewhere, self._written) or "the top of the file"
            return f"unknown key, it belongs in {place}"
        return f"unknown key, {suggestion(key, self._outline.keys(section))}"

    def _no_section(self, found: _Found, error: ErrorDetails) -> str:
        keys = ", ".join(self._outline.keys(found.path))
        return f"found {_kind(found.value)}, expected a mapping with keys out of {keys}"

    def _refused(self, found: _Found, error: ErrorDetails) -> str:
        context = error["ctx"]
        reason = str(context["reason"] if error["type"] == FILE_ERROR else context["error"])
        if isinstance(found.value, dict) or reason.startswith("found"):
            return reason
        return f"found {self._shown(found)}, {reason}"

    def _unlike(self, found: _Found, error: ErrorDetails) -> str:
        if error["type"] in _STRUCTURES:
            return f"found {_kind(found.value)}, expected {_STRUCTURES[error['type']]}"
        said = _EXPECTED.get(error["type"])
        expected = said.format(**error.get("ctx", {})) if said else _of_pydantic(error)
        is_number = isinstance(found.value, int | float)
        if error["type"] == "string_type" and is_number and not self._outline.is_secret(found.path):
            expected += f": '{_plain(found.value)}', in quotes"
        return f"found {self._shown(found)}, expected {expected}"

    def _shown(self, found: _Found) -> str:
        """The value in a few characters; only its kind where it may be a secret."""
        path, value, is_key = found
        if value is None or isinstance(value, dict | list):
            return _kind(value)
        if is_key:
            return _plain(value)
        if self._outline.is_secret(path):
            return f"{_kind(value)} (not shown)"
        if path in self._expanded.from_environment:
            return f"{_plain(_at(self._written, path))} (its value is not shown)"
        return _plain(value)


def _of_pydantic(error: ErrorDetails) -> str:
    """Its own message, for an error that no key gives as the sections stand now."""
    return f"something else: {error['msg']}"


def _leads_on(value: object, step: int | str) -> bool:
    """Whether a step of an error's place is a key or an index of the value there."""
    if isinstance(value, list):
        return isinstance(step, int)
    return isinstance(value, dict) and step in value


def _at(data: Any, path: Path) -> object:  # noqa: ANN401  plain data, indexed all the way
    for step in path:
        data = data[step]
    return data


def _kind(value: object) -> str:
    """What a value is, without saying which."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, str):
        return "a text" if value else "an empty text"
    if isinstance(value, dict | list):
        return ("a" if value else "an empty") + (" mapping" if isinstance(value, dict) else " list")
    return "a number"


def _plain(value: object) -> str:
    """A scalar as it stands in the file, cut short."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return _cut(str(value))
    value = _cut(_without_credentials(value))
    return f"'{value}'" if value.isprintable() else ascii(value)


def _without_credentials(text: str) -> str:
    """A text that may be an address, without what stands before its @ and after its ?."""
    is_address = "/" in text
    before, _, after = text.rpartition("@")
    if ":" in before:
        text = f"…@{after}"
    before, mark, _ = text.partition("?")
    return f"{before}?…" if mark and is_address else text


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
