"""A check that is written once for many targets, and the checks that it becomes."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from evidenced.config.base import Section
from evidenced.config.check import KINDS, CheckSettings
from evidenced.config.environment import Expanded
from evidenced.config.explain import Explainer
from evidenced.config.files import Files
from evidenced.config.problem import Key
from evidenced.config.schema import outline_of
from evidenced.config.targets import Target

_OF_TARGETS = ("targets", "discovery")
_LONGEST_NAME = 200
_UNNAMEABLE = re.compile(r"[\s\x00-\x1f\x7f]")


def is_template(check: object) -> bool:
    """Whether the data of a check asks for several targets."""
    return isinstance(check, dict) and any(key in check for key in _OF_TARGETS)


def with_example(check: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of a template with an example for its target, so that it can be validated.

    Where it has no kind that takes targets, or a target of its own, it stays as it is.
    """
    kind, key = _aim(check)
    if kind is None or key is None or key in check[kind]:
        return check
    example = CheckSettings.settings_of(kind).target_example
    return {**check, kind: {**check[kind], key: example}}


def misfit(check: Mapping[str, Any]) -> tuple[tuple[Key, ...], str] | None:
    """Where and why the data of a check cannot be a template, or None."""
    kind, key = _aim(check)
    if kind is None:
        return None
    written = next(name for name in _OF_TARGETS if name in check)
    if key is None:
        return (written,), f"found {written}, but checks of kind {kind} have no target to fill in"
    if key in check[kind]:
        return (kind, key), f"found {key} beside {written}, expected one of them"
    return None


def _aim(check: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The one kind that the data has, and the key that a target fills in."""
    kinds = [kind for kind in KINDS if isinstance(check.get(kind), dict)]
    if len(kinds) != 1:
        return None, None
    return kinds[0], CheckSettings.settings_of(kinds[0]).target_key


class TargetError(ValueError):
    """A target that no check can be made of; the text says why, and shows no secret."""


@dataclass(frozen=True, slots=True)
class Template:
    """A check with targets: `settings` are those of the check with an example for its target.

    `data` is what was written, variables expanded, and `files` where its relative paths begin;
    `hidden` are the indices of the targets in which something comes out of the environment.
    """

    settings: CheckSettings
    data: Mapping[str, Any]
    files: Files
    hidden: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """The name as it is written."""
        return self.settings.name

    @property
    def _key(self) -> str:
        """The key that targets fill in."""
        return self.settings.settings.target_key or ""

    def listed(self) -> Iterator[tuple[int, CheckSettings | TargetError]]:
        """The check of each target that is written beside it, or why there is none, by index."""
        names = _Names(self.name)
        for index, entry in enumerate(self.settings.targets):
            target = Target(entry.target, entry.labels)
            try:
                yield index, names.given(self._aimed(target, hide=index in self.hidden))
            except TargetError as error:
                yield index, error

    def found(self, targets: Iterable[Target]) -> tuple[CheckSettings, ...]:
        """The checks of targets that a list in Prometheus' own format has, each once.

        Raises TargetError for the first of which none can be made.
        """
        kind = type(self.settings.settings)
        names = _Names(self.name)
        seen: dict[tuple[str, frozenset[tuple[str, str]]], None] = {}
        checks = []
        for target in targets:
            labels = target.own_labels
            address = kind.discovered(target.address, target.labels)
            key = (address, frozenset(labels.items()))
            if key not in seen:
                seen[key] = None
                checks.append(names.given(self._aimed(Target(address, labels))))
        return tuple(checks)

    def _aimed(self, target: Target, *, hide: bool = False) -> CheckSettings:
        """The check of one target, still under the template's name."""
        kind, key, own = self.settings.kind, self._key, self.settings.settings
        # What was validated once is taken as it is: it is the same for all.
        settings: dict[str, Any] = {**self.data[kind], key: target.address}
        for name, field in type(own).model_fields.items():
            written = field.alias or name
            if written in settings and isinstance(value := getattr(own, name), Section):
                settings[written] = value
        try:
            aimed = type(own).model_validate(settings, context=self.files)
        except ValidationError as error:
            raise TargetError(self._reason(error, target.address, hide=hide)) from None
        return self.settings.model_copy(
            update={
                kind: aimed,
                "labels": {**self.settings.labels, **target.labels},
                "targets": (),
                "discovery": None,
            }
        )

    def _reason(self, error: ValidationError, address: str, *, hide: bool) -> str:
        """What is wrong with a target, in the words that its key would have."""
        kind, key = self.settings.kind, self._key

        def written(text: str) -> dict[str, Any]:
            return {"checks": [{**self.data, kind: {**self.data[kind], key: text}}]}

        secrets = frozenset({("checks", 0, kind, key)} if hide else ())
        explainer = Explainer(
            written("${…}" if hide else address),
            Expanded(written(address), (), secrets),
            outline_of(),
        )
        first = error.errors(include_url=False)[0]
        first["loc"] = ("checks", 0, kind, *first["loc"])
        return explainer.fault(first).message


class _Names:
    """Gives the checks of one template names of their own: NAME:TARGET, without secrets."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._taken: set[str] = set()
        self._given: set[tuple[str, str]] = set()

    def given(self, check: CheckSettings) -> CheckSettings:
        """The check under its name.

        A second one of the same target has a few letters of a hash of its labels behind it. Raises
        TargetError where two differ in nothing that may be shown.
        """
        shown = check.settings.target
        labels = repr(sorted(check.labels.items()))
        name = self._cut(f"{self._template}:{_UNNAMEABLE.sub('_', shown)}")
        if (name, labels) in self._given:
            raise TargetError(
                f"found {shown!r} again, expected each target once; what is hidden of them does "
                "not tell two apart"
            )
        self._given.add((name, labels))
        if name in self._taken:
            name = self._cut(f"{name}~{_digest(labels)}")
        self._taken.add(name)
        return check.renamed(name, self._template)

    def _cut(self, name: str) -> str:
        if len(name) <= _LONGEST_NAME:
            return name
        return f"{name[: _LONGEST_NAME - 9]}~{_digest(name)}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
