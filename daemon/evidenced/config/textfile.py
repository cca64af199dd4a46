"""Reading a file of YAML, and telling where in it something is wrong."""

from collections.abc import Iterable
from pathlib import Path

from evidenced.config.problem import ConfigError, Fault, Problem, as_written
from evidenced.config.yaml import Document


def text_of(path: Path) -> str:
    """The text of a file in UTF-8; raises ConfigError where it has none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read: {error.strerror or type(error).__name__}"
        raise ConfigError(Problem(str(path), None, "", message)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(Problem(str(path), line, "", "found bytes that are not UTF-8")) from None


def located(faults: Iterable[Fault], document: Document, file: str) -> list[Problem]:
    """Each fault once, with its line in the file, in the order of the lines."""
    problems = [
        Problem(
            file,
            fault.line or document.line(fault.path),
            as_written(fault.path, document.data),
            fault.message,
        )
        for fault in dict.fromkeys(faults)
    ]
    return sorted(problems, key=lambda problem: problem.line or 0)
