"""Unit tests of rules, run by Prometheus' own engine, for the tests of any room."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

# It collects its garbage at twice the heap: most of what it holds are samples that stay.
_ENVIRONMENT = {"GOGC": "400"}


def rule_tests(
    promtool: Path, folder: Path, rules: str, tests: Sequence[dict[str, Any]], every: str = "1m"
) -> str:
    """What `promtool test rules` has against these rules; nothing where all tests pass.

    The groups are evaluated each `every`, whatever their own interval is, and in the order of the
    file. Without a word on that it is another order each time; and an alert that asks for what
    another group records would fire one evaluation sooner or later by chance.
    """
    groups = yaml.load(rules, yaml.CSafeLoader)["groups"]
    document = {
        "rule_files": ["rules.yml"],
        "group_eval_order": [group["name"] for group in groups],
        "evaluation_interval": every,
        "tests": list(tests),
    }
    (folder / "rules.yml").write_text(rules, "utf-8")
    (folder / "test.yml").write_text(json.dumps(document), "utf-8")
    found = subprocess.run(
        [promtool, "test", "rules", "test.yml"],
        cwd=folder,
        env={**os.environ, **_ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if found.returncode == 0 else found.stdout + found.stderr
