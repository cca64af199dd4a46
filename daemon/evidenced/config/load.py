"""Configuration files to a Config, with everything that is wrong in them said at once."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from evidenced.config.defaults import Defaults
from evidenced.config.model import CheckSettings, Config, Included, LedgerSettings
from evidenced.config.onefile import OneFile
from evidenced.config.problem import ConfigError, Fault, Problem
from evidenced.config.rules import Parts, Place, broken_rules
from evidenced.config.sources import Include, Sources
from evidenced.config.template import TargetError, Template

__all__ = ["ConfigError", "Read", "load", "read"]

AnyFile: TypeAlias = OneFile[Config] | OneFile[Included]

_NO_PLACE = "it belongs in the file that includes this one, which has only checks"


@dataclass(frozen=True, slots=True)
class Read:
    """A configuration, and what stands in it for checks that are still to be found.

    The checks of targets that are written down stand among those of the configuration, each by
    itself; the checks that they are written as are `templates`.
    """

    config: Config
    templates: tuple[Template, ...]


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration in a file and in those that it includes; see `read`."""
    return read(path, environ).config


def read(
    path: Path, environ: Mapping[str, str] | None = None, sources: Sources | None = None
) -> Read:
    """Read a configuration, with its relative paths made absolute and its secrets read.

    Variables come from `environ`, else from the process' environment. What is read from is noted in
    `sources`, also where it is no good. Raises ConfigError with all problems, file by file in the
    order of their lines. Blocks on the file system.
    """
    return _Reading(path, os.environ if environ is None else environ, sources).read()


class _Reading:
    """One reading of a configuration."""

    def __init__(self, path: Path, environ: Mapping[str, str], sources: Sources | None) -> None:
        self._environ = environ
        self._sources = Sources(path) if sources is None else sources
        self._problems: list[Problem | str] = []
        self._sources.note(path)
        self._main = OneFile(path, Config, environ)
        self._included: list[OneFile[Included]] = []
        self._templates: list[Template] = []
        self._checks: list[tuple[Place, CheckSettings]] = []

    def read(self) -> Read:
        """All of it."""
        self._include()
        files: list[AnyFile] = [self._main, *self._included]
        concrete = [check for file in files for check in self._taken(file)]
        faults = {str(file.path): file.faults for file in files}
        for broken in broken_rules(self._parts(files)):
            faults[broken.file].append(broken.fault)
        problems = [problem for file in files for problem in file.problems(faults[str(file.path)])]
        if problems or self._problems or self._main.section is None:
            raise ConfigError(*problems, *self._problems)
        config = self._main.section.model_copy(update={"checks": tuple(concrete)})
        return Read(config, tuple(self._templates))

    def _include(self) -> None:
        """Read the files that the main one includes, in the order of their names."""
        path = self._main.path
        known = {path.resolve(): "this file itself"}
        written = self._main.value("include")
        entries = written if isinstance(written, list) else [written]
        for index, entry in enumerate(entries):
            if not isinstance(entry, str) or not entry or "\0" in entry:
                continue  # said by the validation of the main file
            where = ("include", index) if isinstance(written, list) else ("include",)
            include = Include(path.absolute().parent / entry)
            self._sources.includes += (include,)
            self._sources.note_folder(include.folder)
            try:
                found = include.files()
            except OSError as error:
                reason = error.strerror or type(error).__name__
                message = f"found {entry!r}, expected a folder, a pattern of files or a file"
                self._main.faults.append(Fault(where, f"{message}: {reason}"))
                continue
            for file in found:
                self._sources.note(file)
                if before := known.get(file.resolve()):
                    message = f"found {entry!r}, which includes {before}"
                    self._main.faults.append(Fault(where, message))
                else:
                    known[file.resolve()] = f"{file} a second time"
                    self._read_included(file)

    def _read_included(self, path: Path) -> None:
        try:
            file = OneFile(path, Included, self._environ)
        except ConfigError as error:
            self._problems += error.problems
            return
        misplaced = [(key,) for key in Config.model_fields if file.value(key) is not None]
        for where in misplaced:
            if where != ("checks",):
                file.faults = [fault for fault in file.faults if fault.path != where]
                file.faults.append(Fault(where, _NO_PLACE))
        self._included.append(file)

    def _taken(self, file: AnyFile) -> Iterator[CheckSettings]:
        """The checks of a file, those of targets one by one."""
        for index, settings in file.checks().items():
            place = Place(str(file.path), ("checks", index))
            self._checks.append((place, settings))
            template = file.template(index, settings)
            if template is None:
                if not settings.targets and settings.discovery is None:
                    yield settings
                continue
            self._templates.append(template)
            for target, check in template.listed():
                where = (*place.path, "targets", target)
                if isinstance(check, TargetError):
                    file.faults.append(Fault(where, str(check)))
                else:
                    self._checks.append((Place(place.file, where), check))
                    yield check

    def _parts(self, files: list[AnyFile]) -> Parts:
        names = [
            (Place(str(file.path), ("checks", index)), name)
            for file in files
            for index, name in file.names()
        ]
        names += [(place, check.name) for place, check in self._checks if len(place.path) > 2]
        return Parts(
            main=str(self._main.path),
            ledger=self._main.sound(LedgerSettings, "ledger"),
            defaults=self._main.sound(Defaults, "defaults"),
            names=names,
            checks=self._checks,
        )
