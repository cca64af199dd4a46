"""A blackbox.yml to its modules, with everything that is wrong in it said at once."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evidenced.config.blackbox.model import Blackbox
from evidenced.config.environment import Expanded
from evidenced.config.explain import Explainer
from evidenced.config.files import Files
from evidenced.config.outline import Outline
from evidenced.config.problem import ConfigError, Fault, Problem, as_written
from evidenced.config.yaml import Document, parse


def load_blackbox(path: Path) -> Blackbox:
    """Read a blackbox.yml, unchanged: no variables are expanded in it, relative paths are its own.

    Raises ConfigError with all problems, in the order of their lines. Blocks on the file system.
    """
    file = str(path)
    document = parse(_text(path), file)
    faults = list(document.faults)
    found: Blackbox | None = None
    try:
        found = Blackbox.model_validate(document.data, context=Files(path.absolute().parent))
    except ValidationError as error:
        as_it_is = Expanded(document.data, (), frozenset())
        explainer = Explainer(document.data, as_it_is, Outline(_schema()))
        faults += [explainer.fault(each) for each in error.errors(include_url=False)]
    if faults or found is None:
        raise ConfigError(*_problems(faults, document, file))
    return found


def _schema() -> dict[str, Any]:
    return Blackbox.model_json_schema()


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read: {error.strerror or type(error).__name__}"
        raise ConfigError(Problem(str(path), None, "", message)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(Problem(str(path), line, "", "found bytes that are not UTF-8")) from None


def _problems(faults: list[Fault], document: Document, file: str) -> list[Problem]:
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
