"""One file of a configuration: read, expanded and validated by itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evidenced.config.base import Section
from evidenced.config.check import CheckSettings
from evidenced.config.environment import expand
from evidenced.config.explain import Explainer
from evidenced.config.files import Files
from evidenced.config.interning import Interner
from evidenced.config.outline import Outline
from evidenced.config.problem import Fault, Problem, as_written
from evidenced.config.renamed import Renamed, modern
from evidenced.config.schema import outline_of
from evidenced.config.template import Template, is_template, misfit, with_example
from evidenced.config.textfile import text_of
from evidenced.config.yaml import parse

S = TypeVar("S", bound=Section)
F = TypeVar("F", bound=Section)


class OneFile(Generic[F]):
    """A file of the configuration; `section` is None where something is wrong with it.

    Raises ConfigError where it cannot be read, or not as YAML. Everything else that is wrong is
    among its faults; `warnings` are keys under an old name. Equal `sections` are shared with the
    files that are read with the same ones. Blocks on the file system.
    """

    def __init__(
        self,
        path: Path,
        model: type[F],
        environ: Mapping[str, str],
        renamed: Sequence[Renamed] = (),
        sections: Interner | None = None,
    ) -> None:
        self.path = path
        found = modern(parse(text_of(path), str(path)), renamed)
        self._document = found.document
        self.warnings = self.problems(found.warnings)
        self._expanded = expand(self._document.data, environ)
        self._files = Files(path.absolute().parent, sections)
        self._data = _with_examples(self._expanded.data)
        self.section, self._errors = self._validated(model)
        self.faults = [*self._document.faults, *self._expanded.faults, *self._misfits()]
        if self._errors:
            self._explain(outline_of(model))

    def value(self, key: str) -> object:
        """What stands under a key at the top of the file, variables expanded; else None."""
        return self._data.get(key) if isinstance(self._data, dict) else None

    def sound(self, section: type[S], key: str) -> S | None:
        """The section under a key at the top of the file, where nothing is wrong with it."""
        if not isinstance(self._data, dict) or any(e["loc"][:1] == (key,) for e in self._errors):
            return None
        return section.model_validate(self._data.get(key, {}), context=self._files)

    def checks(self) -> dict[int, CheckSettings]:
        """The checks with which nothing is wrong, by index; also those that are templates."""
        if self.section is not None:
            return dict(enumerate(getattr(self.section, "checks", ())))
        broken = {error["loc"][:2] for error in self._errors}
        return {
            index: CheckSettings.model_validate(check, context=self._files)
            for index, check in enumerate(self._listed())
            if ("checks", index) not in broken
        }

    def template(self, index: int, settings: CheckSettings) -> Template | None:
        """The check at an index as a template, where it is one."""
        data = self._listed()[index]
        if not is_template(data) or any(f.path[:2] == ("checks", index) for f in self.faults):
            return None
        # A single target stands under the key itself.
        hidden = frozenset(
            int(path[3]) if len(path) > 3 else 0
            for path in self._expanded.from_environment
            if path[:3] == ("checks", index, "targets")
        )
        return Template(settings, data, self._files, hidden)

    def names(self) -> Iterator[tuple[int, str]]:
        """The names of checks, also of those that are not sound, by index."""
        for index, check in enumerate(self._listed()):
            if isinstance(check, dict) and isinstance(check.get("name"), str):
                yield index, check["name"]

    def problems(self, faults: Iterable[Fault]) -> list[Problem]:
        """The faults with their places, in the order of their lines."""
        problems = [
            Problem(
                str(self.path),
                fault.line or self._document.line(fault.path),
                as_written(fault.path, self._document.data),
                fault.message,
            )
            for fault in dict.fromkeys(faults)
        ]
        return sorted(problems, key=lambda problem: problem.line or 0)

    def parts(self) -> Iterator[object]:
        """What its checks were read from, one by one."""
        for data in (self._document.data, self._expanded.data, self._data):
            if isinstance(data, dict) and isinstance(data.get("checks"), list):
                yield from data["checks"]
        if self._document.children and (place := self._document.children.get("checks")):
            yield from (place[1] or {}).values()

    def _listed(self) -> list[Any]:
        listed = self.value("checks")
        return listed if isinstance(listed, list) else []

    def _validated(self, model: type[F]) -> tuple[F | None, list[ErrorDetails]]:
        try:
            return model.model_validate(self._data, context=self._files), []
        except ValidationError as error:
            return None, error.errors(include_url=False)

    def _misfits(self) -> Iterator[Fault]:
        written = self._expanded.data
        listed = written.get("checks") if isinstance(written, dict) else None
        for index, check in enumerate(listed if isinstance(listed, list) else []):
            if is_template(check) and (found := misfit(check)):
                path, message = found
                yield Fault(("checks", index, *path), message)

    def _explain(self, outline: Outline) -> None:
        explainer = Explainer(self._document.data, self._expanded, outline)
        unset = {fault.path for fault in self._expanded.faults}
        explained = map(explainer.fault, self._errors)
        self.faults += [fault for fault in explained if fault.path not in unset]


def _with_examples(data: object) -> object:
    """The data with an example in the place of each target that is written elsewhere."""
    if not isinstance(data, dict) or not isinstance(data.get("checks"), list):
        return data
    if not any(map(is_template, data["checks"])):
        return data
    checks = [with_example(check) if is_template(check) else check for check in data["checks"]]
    return {**data, "checks": checks}
