"""Configuration files to a Config, with everything that is wrong in them said at once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from evidenced.config.check import CheckSettings, Included
from evidenced.config.defaults import Defaults
from evidenced.config.freeing import free
from evidenced.config.interning import Interner
from evidenced.config.ledger import LedgerSettings
from evidenced.config.model import Config
from evidenced.config.onefile import OneFile
from evidenced.config.problem import ConfigError, Fault, Problem
from evidenced.config.renamed import RENAMED, Renamed
from evidenced.config.rules import Parts, Place, broken_rules
from evidenced.config.sources import Include, Sources
from evidenced.config.template import TargetError, Template
from evidenced.config.webfile import web_file

__all__ = ["ConfigError", "Read", "load", "read"]

AnyFile: TypeAlias = OneFile[Config] | OneFile[Included]

_NO_PLACE = "it belongs in the file that includes this one, which has only checks"


@dataclass(frozen=True, slots=True)
class Read:
    """A configuration, and what stands in it for checks that are still to be found.

    The checks of targets that are written down stand among those of the configuration, each by
    itself; the checks that they are written as are `templates`. `warnings` say, a line each, what
    is to be written otherwise before the next release.
    """

    config: Config
    templates: tuple[Template, ...]
    warnings: tuple[str, ...] = ()


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration in a file and in those that it includes; see `read`."""
    return read(path, environ).config


def read(
    path: Path,
    environ: Mapping[str, str] | None = None,
    sources: Sources | None = None,
    renamed: Sequence[Renamed] | None = None,
) -> Read:
    """Read a configuration, with its relative paths made absolute and its secrets read.

    Variables come from `environ`, else from the process' environment. What is read from is noted in
    `sources`, also where it is no good. Raises ConfigError with all problems, file by file in the
    order of their lines. Blocks on the file system.
    """
    environ = os.environ if environ is None else environ
    reading = _Reading(path, environ, sources, RENAMED if renamed is None else renamed)
    try:
        return reading.read()
    finally:
        held = list(reading.parts())
        del reading
        free(held)


class _Reading:
    """One reading of a configuration."""

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        sources: Sources | None,
        renamed: Sequence[Renamed],
    ) -> None:
        self._environ = environ
        self._renamed = renamed
        self._sources = Sources(path) if sources is None else sources
        self._problems: list[Problem | str] = []
        self._sources.note(path)
        self._sections = Interner()
        self._main = OneFile(path, Config, environ, renamed, self._sections)
        self._included: list[OneFile[Included]] = []
        self._templates: list[Template] = []
        self._checks: list[tuple[Place, CheckSettings]] = []

    def read(self) -> Read:
        """All of it."""
        self._include()
        web = None
        try:
            web = web_file(self._main.value("web"), self._main.path, self._sources)
        except ConfigError as error:
            self._problems += error.problems
        files: list[AnyFile] = [self._main, *self._included]
        concrete = [check for file in files for check in self._taken(file)]
        faults = {str(file.path): file.faults for file in files}
        for broken in broken_rules(self._parts(files)):
            faults[broken.file].append(broken.fault)
        problems = [problem for file in files for problem in file.problems(faults[str(file.path)])]
        if problems or self._problems or self._main.section is None:
            raise ConfigError(*problems, *self._problems)
        checks = tuple(concrete)
        config = self._main.section.model_copy(update={"checks": checks})
        if web is not None:
            config = config.model_copy(update={"web": config.web.with_file(web)})
        warnings = tuple(str(warning) for file in files for warning in file.warnings)
        return Read(config, tuple(self._templates), warnings)

    def parts(self) -> Iterator[object]:
        """What the checks of all files were read from, one by one."""
        files: list[AnyFile] = [self._main, *self._included]
        for file in files:
            yield from file.parts()

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
            file = OneFile(path, Included, self._environ, self._renamed, self._sections)
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
