"""What lint finds as SARIF 2.1.0, which code hosts show beside the lines of a change.

Format: OASIS Standard, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from evidenced.ledger.lint.model import Severity, Violation
from evidenced.ledger.lint.table import RULES

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
ROOT = "SRCROOT"
"""What paths are relative to (section 3.4.4): the folder in which the command runs."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.OFF: "none"}


def to_sarif(found: Iterable[tuple[str, Violation]], version: str) -> dict[str, Any]:
    """One run of the tool, with a result for each violation and the path of its file."""
    numbers = {rule.id: index for index, rule in enumerate(RULES)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(version)},
                "columnKind": "unicodeCodePoints",
                "results": [_result(path, one, numbers[one.rule]) for path, one in found],
            }
        ],
    }


def _driver(version: str) -> dict[str, Any]:
    return {
        "name": "evidenced",
        "version": version,
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": rule.summary},
                "help": {"text": rule.hint},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
            }
            for rule in RULES
        ],
    }


def _result(path: str, one: Violation, index: int) -> dict[str, Any]:
    is_absolute = path.startswith("/")
    place = {"uri": ("file://" if is_absolute else "") + quote(path)}
    return {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": _LEVELS[one.severity],
        "message": {"text": f"{one.message}; {one.hint}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": place if is_absolute else {**place, "uriBaseId": ROOT},
                    "region": {"startLine": one.line},
                }
            }
        ],
    }
