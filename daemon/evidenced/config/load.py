"""A configuration file to a Config, with everything that is wrong in it said at once."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evidenced.config.base import Section
from evidenced.config.environment import expand
from evidenced.config.explain import Explainer
from evidenced.config.files import Files
from evidenced.config.model import CheckSettings, Config, Defaults, LedgerSettings
from evidenced.config.outline import Outline
from evidenced.config.problem import ConfigError, Fault, Problem, as_written
from evidenced.config.rules import Parts, broken_rules
from evidenced.config.schema import json_schema
from evidenced.config.yaml import Document, parse

__all__ = ["ConfigError", "load"]

S = TypeVar("S", bound=Section)


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read a configuration file, with its relative paths made absolute and its secrets read.

    Variables come from `environ`, else from the process' environment. Raises ConfigError with all
    problems, in the order of their lines. Blocks on the file system.
    """
    document = parse(_text(path), str(path))
    expanded = expand(document.data, os.environ if environ is None else environ)
    files = Files(path.absolute().parent)
    config, errors = _validated(expanded.data, files)
    faults = [*document.faults, *expanded.faults]
    if errors:
        explainer = Explainer(document.data, expanded, Outline(json_schema()))
        unset = {fault.path for fault in expanded.faults}
        explained = map(explainer.fault, errors)
        faults += [fault for fault in explained if fault.path not in unset]
    parts = _parts(config) if config else _sound_parts(expanded.data, errors, files)
    faults += broken_rules(parts)
    if faults or config is None:
        raise ConfigError(*_problems(faults, document, str(path)))
    return config


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"cannot be read: {error.strerror or type(error).__name__}"
        raise ConfigError(Problem(str(path), None, "", message)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(Problem(str(path), line, "", "found bytes that are not UTF-8")) from None


def _validated(data: object, files: Files) -> tuple[Config | None, list[ErrorDetails]]:
    try:
        return Config.model_validate(data, context=files), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _parts(config: Config) -> Parts:
    checks = dict(enumerate(config.checks))
    names = {index: check.name for index, check in checks.items()}
    return Parts(config.ledger, config.defaults, names, checks)


def _sound_parts(data: object, errors: list[ErrorDetails], files: Files) -> Parts:
    """The parts that have no errors of their own, so that more is said at once of a bad file."""
    if not isinstance(data, dict):
        return Parts(None, None, {}, {})
    broken = {error["loc"][:length] for error in errors for length in (1, 2)}

    def sound(section: type[S], key: str) -> S | None:
        return (
            None if (key,) in broken else section.model_validate(data.get(key, {}), context=files)
        )

    listed = data.get("checks")
    checks = dict(enumerate(listed if isinstance(listed, list) else []))
    return Parts(
        ledger=sound(LedgerSettings, "ledger"),
        defaults=sound(Defaults, "defaults"),
        names={
            index: check["name"]
            for index, check in checks.items()
            if isinstance(check, dict) and isinstance(check.get("name"), str)
        },
        checks={
            index: CheckSettings.model_validate(check, context=files)
            for index, check in checks.items()
            if ("checks", index) not in broken
        },
    )


def _problems(faults: Iterable[Fault], document: Document, file: str) -> list[Problem]:
    """The faults with their places, in the order of their lines."""
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
