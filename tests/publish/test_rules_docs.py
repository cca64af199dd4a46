"""docs/alerts.md is a runbook for every alert, and what it shows loads."""

import re
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

from evidenced.config.load import load
from evidenced.publish.rules import default_rules
from evidenced.publish.slo_alerts import NAME as BUDGET

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")


def test_each_alert_has_a_heading_and_a_word_on_its_severity() -> None:
    sections = re.findall(r"^## (Evidenced\w+)\n\n(\w+)", PAGE, re.MULTILINE)
    severities: dict[str, set[str]] = {BUDGET: {"critical", "warning"}}
    for group in yaml.safe_load(default_rules())["groups"]:
        for rule in group["rules"]:
            if "alert" in rule:
                severities.setdefault(rule["alert"], set()).add(rule["labels"]["severity"])
    assert {name for name, _ in sections} == set(severities)
    for name, word in sections:
        assert word.lower() in severities[name] | (
            {"always"} if "none" in severities[name] else set()
        )


def test_what_is_shown_loads(tmp_path: Path) -> None:
    (shown,) = [one.content for one in MarkdownIt().parse(PAGE) if one.type == "fence"]
    path = tmp_path / "evidenced.yaml"
    path.write_text(f"ledger: {{path: STATE.md}}\n{shown}", "utf-8")
    config = load(path, {})
    assert config.rules.quorum == 2
    assert config.claims["sourdough"].runbook_url
    assert config.rules.certificate.critical == 7 * 86_400
