"""Lists of targets: those written under a check, and those in Prometheus' own format.

The format is that of Prometheus' file_sd_config and http_sd_config ("Configuration" and "Writing
HTTP service discovery" in its documentation): a list of groups, each with `targets` and `labels`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from evidenced.config.problem import ConfigError
from evidenced.config.yaml import parse

LIST_LIMIT = 32 * 1024 * 1024
"""The most bytes of one list."""

MOST_TARGETS = 50_000
"""The most targets of one list."""

_MOST_LABELS = 64
_LONGEST = 2048
_LABEL_NAME = re.compile("[a-zA-Z_][a-zA-Z0-9_]*")
NONE: Mapping[str, str] = MappingProxyType({})


class ListError(ValueError):
    """A list of targets that is none; the text is one line and shows nothing of its content."""


@dataclass(frozen=True, slots=True)
class Target:
    """One target: its address as it was written, and all labels of its group."""

    address: str
    labels: Mapping[str, str] = field(default_factory=lambda: NONE)

    @property
    def own_labels(self) -> dict[str, str]:
        """The labels that are kept: those that begin with `__` are for the reader of the list."""
        return {name: value for name, value in self.labels.items() if not name.startswith("__")}


def read_list(content: bytes, *, as_json: bool) -> tuple[Target, ...]:
    """The targets of one list; raises ListError where it is none."""
    if len(content) > LIST_LIMIT:
        raise ListError(f"more than {LIST_LIMIT // 1024**2} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ListError("not UTF-8") from None
    groups = _from_json(text) if as_json else _from_yaml(text)
    if not isinstance(groups, list):
        raise ListError("expected a list of groups with targets and labels")
    targets: list[Target] = []
    for index, group in enumerate(groups):
        targets += _group(group, f"[{index}]")
        if len(targets) > MOST_TARGETS:
            raise ListError(f"more than {MOST_TARGETS} targets")
    return tuple(targets)


def _from_json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ListError(f"line {error.lineno}: not readable as JSON: {error.msg}") from None
    except RecursionError:
        raise ListError("nested too deeply") from None


def _from_yaml(text: str) -> object:
    if not text.strip():
        return []
    try:
        document = parse(text, "")
    except ConfigError as error:
        raise ListError(str(error).removeprefix(":").splitlines()[0]) from None
    for fault in document.faults:
        raise ListError(f"line {fault.line or document.line(fault.path)}: {fault.message}")
    return document.data


def _group(group: object, where: str) -> Iterator[Target]:
    if not isinstance(group, dict):
        raise ListError(f"{where}: expected a mapping with targets and labels")
    for key in group:
        if key not in ("targets", "labels"):
            raise ListError(f"{where}: found another key than targets and labels")
    labels = _labels(group.get("labels"), f"{where}.labels")
    addresses = group.get("targets")
    if not isinstance(addresses, list):
        raise ListError(f"{where}.targets: expected a list")
    for index, address in enumerate(addresses):
        if not isinstance(address, str) or not address or len(address) > _LONGEST:
            raise ListError(
                f"{where}.targets[{index}]: expected a text of 1 to {_LONGEST} characters"
            )
        yield Target(address, labels)


def _labels(labels: object, where: str) -> Mapping[str, str]:
    if labels is None:
        return NONE
    if not isinstance(labels, dict):
        raise ListError(f"{where}: expected a mapping")
    if len(labels) > _MOST_LABELS:
        raise ListError(f"{where}: more than {_MOST_LABELS} labels")
    for name, value in labels.items():
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise ListError(f"{where}: expected texts of at most {_LONGEST} characters as values")
        if _LABEL_NAME.fullmatch(name) is None:
            raise ListError(f"{where}: expected label names of letters, digits and _")
    return MappingProxyType(labels)
