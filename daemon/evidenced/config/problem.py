"""What is wrong with a configuration, said so that a tired operator can mend it."""

import re
from dataclasses import dataclass

Key = str | int
Path = tuple[Key, ...]
"""Where a value stands: the keys and indices that lead to it."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the value at a path; `line` is given where it is not the path's own."""

    path: Path
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of what is wrong: `file:line: key: message`, where there is a line and a key."""

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


MOST_LINES = 100
"""The most problems that are written out: one slip in what many checks share makes thousands."""


class ConfigError(Exception):
    """The configuration cannot be used; `str()` gives a line for each of the first problems."""

    def __init__(self, *problems: Problem | str) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:MOST_LINES]]
        more = len(self.problems) - len(lines)
        return "\n".join([*lines, f"and {more} more problems"] if more else lines)


def as_written(path: Path, document: object) -> str:
    """A path as a person writes it: `checks[3] (login-redirect).http.expect.json["$.status"]`.

    An entry of a list that has a name of its own is named by it.
    """
    written = ""
    for step in path:
        document = _below(document, step)
        if isinstance(step, int):
            written += f"[{step}]"
            name = document.get("name") if isinstance(document, dict) else None
            written += f" ({name})" if isinstance(name, str) and name.isprintable() else ""
        elif _PLAIN.fullmatch(step):
            written += f".{step}" if written else step
        else:
            quoted = step if step.isprintable() and '"' not in step else ascii(step)[1:-1]
            written += f'["{quoted}"]'
    return written


def _below(document: object, step: Key) -> object:
    if isinstance(document, dict):
        return document.get(step)
    if isinstance(document, list) and isinstance(step, int) and step < len(document):
        return document[step]
    return None
