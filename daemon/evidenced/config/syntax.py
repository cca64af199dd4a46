"""Errors of YAML's syntax, in words that say what to write instead.

No message shows text of the file: a line that cannot be read may be one with a secret in it.
"""

from typing import Any, NamedTuple

import yaml

from evidenced.config.problem import Problem


def quoted(mark: str) -> str:
    """What to do with a text that begins with a mark that means something in YAML."""
    return f"a text that begins with {mark} is put in quotes"


class _Said(NamedTuple):
    """What libyaml says of an error, in part, and what is said here instead.

    `{begins}` is the line on which the context begins; `from_context` puts the error there.
    """

    context: str
    problem: str
    message: str
    from_context: bool = False


_SAID = (
    _Said(
        "quoted scalar",
        "unexpected end of stream",
        "found the beginning of a quoted text, expected a closing quote as well",
        from_context=True,
    ),
    _Said(
        "quoted scalar",
        "escape",
        "found an escape that is none; a text with \\ in it is put in single quotes",
    ),
    _Said("flow sequence", "expected", "expected , or ] in the list that begins on line {begins}"),
    _Said(
        "flow mapping", "expected", "expected , or } in the mapping that begins on line {begins}"
    ),
    _Said(
        "block mapping",
        "expected key",
        "expected a key of the mapping that begins on line {begins}, at the same indentation",
    ),
    _Said(
        "block collection",
        "expected '-'",
        "expected - and an entry of the list that begins on line {begins}, at the same indentation",
    ),
    _Said(
        "simple key",
        "expected ':'",
        "expected KEY: VALUE, with a colon and a space between them",
        from_context=True,
    ),
    _Said(
        "",
        "mapping values are not allowed",
        "found a : that cannot stand here; a text with ': ' in it is put in quotes, and keys of "
        "one mapping stand at the same indentation",
    ),
    _Said("node", "expected node content", "expected a value"),
    _Said("anchor", "", quoted("&")),
    _Said("alias", "", quoted("*")),
    _Said("", "tag handle", quoted("!")),
    _Said("tag", "", quoted("!")),
)
_STARTS = {"\t": "found a tab, expected spaces to indent with"} | {
    mark: quoted(mark) for mark in "@`%"
}


def syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """One line for an error that the parser raised on this text."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, _offset(error, text)) + 1
        code = ord(error.character) if isinstance(error.character, str) else error.character
        return _problem(file, line, f"found the character U+{code:04X}, which no text may hold")
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(file, None, "", "not readable as YAML")
    return _marked(error, text, file)


def _problem(file: str, line: int, message: str) -> Problem:
    return Problem(file, line, "", f"not readable as YAML: {message}")


def _marked(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    begins = error.context_mark.line if error.context_mark else line
    context, problem = error.context or "", error.problem or ""
    if "cannot start any token" in problem:
        lines = text.split("\n")
        at = lines[line][column : column + 1] if line < len(lines) else ""
        return _problem(file, line + 1, _STARTS.get(at, "found a character that cannot stand here"))
    for said in _SAID:
        if said.context in context and said.problem in problem:
            message = said.message.replace("{begins}", str(begins + 1))
            return _problem(file, (begins if said.from_context else line) + 1, message)
    # What Python's own parser adds after "but found" is text of the file.
    return _problem(file, line + 1, problem.partition(", but ")[0])


def _offset(error: Any, text: str) -> int:  # noqa: ANN401  PyYAML's error has no types
    """The index of the character that the reader refused; libyaml counts bytes."""
    if error.encoding == "unicode":
        return int(error.position)
    return len(text.encode()[: error.position].decode(errors="ignore"))
