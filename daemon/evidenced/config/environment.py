"""Variables of the environment in the texts of a configuration: `${VAR}`, `${VAR:-default}`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from operator import is_not

from evidenced.config.problem import Fault, Path

# A literal ${, a variable with what is said of it, or a beginning without an end.
_MARK = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Expanded:
    """Data with its variables expanded, and where texts came out of the environment."""

    data: object
    faults: tuple[Fault, ...]
    from_environment: frozenset[Path]


def expand(data: object, environ: Mapping[str, str]) -> Expanded:
    """Expand the variables in all texts of plain data; keys stay as they are.

    `${VAR}` is the variable's value, `${VAR:-default}` is the default where it is not set or
    empty, `$${` is `${` itself, and `${1}` is left as it is. What
    comes out is a text, also where it looks like a number.
    """
    expansion = _Expansion(environ)
    expanded = expansion.value(data, ())
    return Expanded(expanded, tuple(expansion.faults), frozenset(expansion.found))


class _Expansion:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.faults: list[Fault] = []
        self.found: set[Path] = set()

    def value(self, value: object, path: Path) -> object:
        """The value with its variables expanded."""
        if isinstance(value, str):
            return self._text(value, path) if "${" in value else value
        if isinstance(value, dict):
            members = {key: self.value(inner, (*path, key)) for key, inner in value.items()}
            return members if any(members[key] is not value[key] for key in value) else value
        if isinstance(value, list):
            items = [self.value(inner, (*path, index)) for index, inner in enumerate(value)]
            return items if any(map(is_not, items, value)) else value
        return value

    def _text(self, text: str, path: Path) -> str:
        return _MARK.sub(lambda mark: self._mark(mark, path), text)

    def _mark(self, mark: re.Match[str], path: Path) -> str:
        if mark[0] == "$${":
            return "${"
        if mark[1] and mark[1].isascii() and mark[1].isdigit():
            # No variable has such a name: it is a part of what a dialogue has heard.
            return mark[0]
        variable = _VARIABLE.fullmatch(mark[1] or "")
        if variable is None:
            self._fault(
                path,
                "found ${ without NAME}, expected ${NAME} or ${NAME:-default}; "
                "$${ stands for ${ itself",
            )
            return mark[0]
        name, default = variable.groups()
        value = self._environ.get(name)
        if default is not None and not value:
            return str(default)
        if value is None:
            self._fault(path, f"found ${{{name}}}, which is not set and has no default")
            return mark[0]
        if not value.isascii() and not _is_text(value):
            self._fault(path, f"found ${{{name}}}, which is not UTF-8")
            return mark[0]
        self.found.add(path)
        return value

    def _fault(self, path: Path, message: str) -> None:
        self.faults.append(Fault(path, message))


def _is_text(value: str) -> bool:
    """Whether a value is Unicode: other bytes stand in os.environ as lone surrogates."""
    return not any("\ud800" <= c <= "\udfff" for c in value)
