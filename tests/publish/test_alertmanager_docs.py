"""What docs/alertmanager.md shows is run as it stands there, and what it tells is in the files."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "alertmanager.md").read_text("utf-8")

NOTIFICATION = {
    "status": "firing",
    "commonLabels": {"claim": "cart"},
    "alerts": [
        {
            "status": "firing",
            "labels": {"claim": "cart"},
            "annotations": {"summary": "The wheel is off."},
            "startsAt": "2027-01-15T08:00:30Z",
        }
    ],
}


def test_its_commands_run_and_say_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "config").symlink_to(ROOT / "config")
    (tmp_path / "notification.json").write_text(json.dumps(NOTIFICATION), "utf-8")
    shown = [t.content for t in MarkdownIt().parse(PAGE) if t.type == "fence" and t.info == "sh"]
    assert len(shown) == 2
    path = f"{ROOT / '.parts/root/usr/bin'}:{os.environ['PATH']}"
    said = [
        subprocess.run(
            ["sh", "-euc", script],
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        for script in shown
    ]
    assert "SUCCESS" in said[0]
    printed = re.search(r"The second prints `([^`]+)`", PAGE)
    assert printed
    assert said[0].splitlines()[-1] == printed[1]
    assert said[1].startswith("cart: The wheel is off.")


def _routes(route: dict[str, Any], told: tuple[str, str]) -> Iterator[tuple[str, str, str]]:
    wait, repeat = (
        route.get(k, v) for k, v in zip(("group_wait", "repeat_interval"), told, strict=True)
    )
    yield route["receiver"], wait, repeat
    for inner in route.get("routes", ()):
        yield from _routes(inner, (wait, repeat))


def test_its_times_are_those_of_the_file() -> None:
    config = yaml.safe_load((ROOT / "config/alertmanager/alertmanager.yml").read_text("utf-8"))
    (ours,) = config["route"]["routes"]
    rows = re.findall(r"^\|.+\| `(evidenced-[a-z]+)`.* \| (\w+), (\w+) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 6
    assert set(rows) == set(_routes(ours, ("", "")))


def test_its_templates_are_those_of_the_file() -> None:
    text = (ROOT / "config/alertmanager/templates/evidenced.tmpl").read_text("utf-8")
    defined = set(re.findall(r'define "(evidenced\.[a-z]+)"', text))
    named = {name for name in re.findall(r"`(evidenced\.[a-z]+)`", PAGE) if "tmpl" not in name}
    assert named == defined
